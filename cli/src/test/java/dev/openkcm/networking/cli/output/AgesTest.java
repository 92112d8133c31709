package dev.openkcm.networking.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {

    @ParameterizedTest
    @CsvSource({
        "-3, 0s",
        "5, 5s",
        "119, 119s",
        "120, 2m",
        "192, 3m12s",
        "600, 10m",
        "10799, 179m",
        "10800, 3h",
        "14460, 4h1m",
        "90000, 25h",
        "176400, 2d1h",
        "864000, 10d",
        "63072000, 2y",
        "66000000, 2y33d"
    })
    void areShortAndExactEnough(long seconds, String shown) {
        assertThat(Ages.of(Duration.ofSeconds(seconds))).isEqualTo(shown);
    }

    @Test
    void ofAnUnreadableTimeAreUnknown() {
        assertThat(Ages.since("yesterday", Instant.EPOCH)).isEqualTo("<unknown>");
    }
}
