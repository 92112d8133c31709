package dev.openkcm.networking.kernel.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class WireFormatTest {

    @Test
    void putsAZeroAndTheIdInBigEndianBeforeTheAvro() {
        var framed = WireFormat.frame(0x01020304, new byte[] {9, 8});

        assertThat(framed).containsExactly(0, 1, 2, 3, 4, 9, 8);
        assertThat(WireFormat.schemaId(framed)).isEqualTo(0x01020304);
        assertThat(WireFormat.unframe(framed)).isEqualTo(ByteBuffer.wrap(new byte[] {9, 8}));
        assertThat(WireFormat.isFramed(framed)).isTrue();
    }

    @Test
    void aRecordWithoutBytesIsOnlyAHeader() {
        assertThat(WireFormat.unframe(WireFormat.frame(7, new byte[0])).remaining()).isZero();
    }

    @Test
    void saysWhatIsWrongWithAHeader() {
        assertThatThrownBy(() -> WireFormat.schemaId(new byte[] {0, 0, 0, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "4 bytes are too short: the header alone (magic byte 0, schema id) has 5");
        assertThatThrownBy(() -> WireFormat.schemaId("{\"a\":1}".getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("starts with byte 0x7b instead of the magic byte 0x00");
        assertThatThrownBy(() -> WireFormat.schemaId(new byte[] {0, -1, -1, -1, -1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("schema id -1 is negative");
        assertThatThrownBy(() -> WireFormat.frame(-7, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("schema id -7 is negative");
    }
}
