package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordKeysTest {

    private static String read(RecordKeys keys, String key) {
        return keys.deserialize("topic", key.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatOwnersWriteIsRead() {
        assertThat(read(RecordKeys.ofParts(2), "ns/a.b-c")).isEqualTo("ns/a.b-c");
        assertThat(read(RecordKeys.ofParts(1), "IPv4")).isEqualTo("IPv4");
        assertThat(read(RecordKeys.ofParts(3), "ns/a|ns/b")).isEqualTo("ns/a|ns/b");
        assertThat(read(RecordKeys.ofParts(3, 4), "VirtualIP/ns/a")).isEqualTo("VirtualIP/ns/a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a", "a/", "/a", "a//b", "a/b/c", "a/b c", "a/\0", "a/\u202e"})
    void whatIsNobodysIsRefusedWithTheTopicAndTheKey(String key) {
        assertThatThrownBy(() -> read(RecordKeys.ofParts(2), key))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("a key on topic must have 2 non-empty parts");
    }

    @Test
    void noKeyIsRefused() {
        assertThatThrownBy(() -> RecordKeys.ofParts(2).deserialize("topic", null))
                .isInstanceOf(SerializationException.class)
                .hasMessage("a record on topic has no key");
    }
}
