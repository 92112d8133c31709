package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartTest {

    private final KeyValueStore<String, byte[]> whole =
            Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore("whole"),
                            Serdes.String(),
                            Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
    private final KeyValueStore<String, byte[]> ids = Part.of(whole, "ids");
    private final KeyValueStore<String, byte[]> idsToo = Part.of(whole, "ids-too");

    @BeforeEach
    void open() {
        whole.init(new MockProcessorContext<>().getStateStoreContext(), whole);
        for (String key : List.of("a", "b", "c d", "~")) {
            ids.put(key, bytes("ids " + key));
            idsToo.put(key, bytes("ids-too " + key));
            whole.put("ns/" + key, bytes("resource"));
        }
    }

    @Test
    void hasItsOwnRowsOnly() {
        assertThat(rows(ids.all())).containsExactly("a=ids a", "b=ids b", "c d=ids c d", "~=ids ~");
        assertThat(ids.get("ns/a")).isNull();
        assertThat(ids.get("b")).isEqualTo(bytes("ids b"));
    }

    @Test
    void rangesEndWhereThePartDoes() {
        assertThat(rows(ids.range(null, "b"))).containsExactly("a=ids a", "b=ids b");
        assertThat(rows(ids.range("c", null))).containsExactly("c d=ids c d", "~=ids ~");
        assertThat(rows(ids.range("c ", "c!"))).containsExactly("c d=ids c d");
    }

    @Test
    void deletesNothingOfOthers() {
        assertThat(ids.delete("a")).isEqualTo(bytes("ids a"));
        assertThat(ids.get("a")).isNull();
        assertThat(idsToo.get("a")).isEqualTo(bytes("ids-too a"));
        assertThat(whole.get("ns/a")).isEqualTo(bytes("resource"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> rows(KeyValueIterator<String, byte[]> iterator) {
        var rows = new ArrayList<String>();
        try (iterator) {
            iterator.forEachRemaining(
                    row -> rows.add(row.key + "=" + new String(row.value, StandardCharsets.UTF_8)));
        }
        return rows;
    }
}
