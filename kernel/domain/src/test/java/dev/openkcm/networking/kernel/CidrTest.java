package dev.openkcm.networking.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A range of addresses")
class CidrTest {

    private static Cidr range(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "255.255.255.255, 255.255.255.255",
        "2001:DB8::1, 2001:db8::1",
        "2001:0db8:0:0:0:0:0:1, 2001:db8::1",
        "::, ::",
        "::1, ::1",
        "fe80::, fe80::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
        "::ffff:10.0.0.1, ::ffff:a00:1"
    })
    void readsAddressesAndWritesThemInCanonicalForm(String text, String canonical) {
        assertThat(Cidr.parseAddress(text).orElseThrow().text()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.1.2",
                "1:2:3",
                "1::2::3",
                ":1",
                "1:2:3:4:5:6:7:8:9",
                "::12345",
                "localhost",
                "10.0.0.1/32",
                "1:2:3:4:5:6:7::8:9"
            })
    void takesNothingElseForAnAddress(String text) {
        assertThat(Cidr.parseAddress(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.1/24", "10.0.0.0/33", "10.0.0.0", "::/129", "10.0.0.0/08", "/8"})
    void wantsZeroHostBitsAndALengthThatFits(String text) {
        assertThat(Cidr.parse(text)).isEmpty();
    }

    @Test
    void containsAndOverlapsWithinAFamily() {
        assertThat(range("10.0.0.0/8").contains(range("10.1.0.0/16"))).isTrue();
        assertThat(range("10.1.0.0/16").contains(range("10.0.0.0/8"))).isFalse();
        assertThat(range("10.1.0.0/16").overlaps(range("10.0.0.0/8"))).isTrue();
        assertThat(range("10.0.0.0/9").overlaps(range("10.128.0.0/9"))).isFalse();
        assertThat(range("0.0.0.0/0").overlaps(range("::/0"))).isFalse();
        assertThat(range("2001:db8::/32").last())
                .isEqualTo(range("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128").address());
    }
}
