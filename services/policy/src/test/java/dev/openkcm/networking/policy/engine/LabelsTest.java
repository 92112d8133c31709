package dev.openkcm.networking.policy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LabelsTest {

    private static SortedMap<String, String> labels(int count) {
        var labels = new TreeMap<String, String>();
        for (int i = count; i > 0; i--) {
            labels.put("key-" + i, "value-" + i % 3);
        }
        return labels;
    }

    @Test
    void areWhatTheyWereMadeOf() {
        for (int count : List.of(0, 1, 3, 20)) {
            var plain = labels(count);

            var labels = Labels.of(plain);

            assertThat(labels).isEqualTo(plain).hasSameHashCodeAs(plain).hasSize(count);
            assertThat(plain).isEqualTo(labels);
            assertThat(labels.entrySet()).containsExactlyElementsOf(plain.entrySet());
            plain.forEach((key, value) -> {
                assertThat(labels.get(key)).isEqualTo(value);
                assertThat(labels.containsKey(key)).isTrue();
            });
            assertThat(labels.get("key-0")).isNull();
            assertThat(labels.containsKey("key-0")).isFalse();
        }
    }

    @Test
    void areSorted() {
        var plain = labels(20);

        var labels = Labels.of(plain);

        assertThat(labels.comparator()).isNull();
        assertThat(labels.firstKey()).isEqualTo(plain.firstKey());
        assertThat(labels.lastKey()).isEqualTo(plain.lastKey());
        assertThat(labels.headMap("key-3")).isEqualTo(plain.headMap("key-3"));
        assertThat(labels.tailMap("key-3")).isEqualTo(plain.tailMap("key-3"));
        assertThat(labels.subMap("key-2", "key-3")).isEqualTo(plain.subMap("key-2", "key-3"));
    }

    @Test
    void haveNoFirstWhereThereIsNone() {
        var none = Labels.of(new TreeMap<>());

        assertThatThrownBy(() -> none.firstKey()).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> none.lastKey()).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void cannotBeChanged() {
        var labels = Labels.of(labels(3));

        assertThatThrownBy(() -> labels.put("key-1", "other"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> labels.remove("key-1"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** Each record that is read brings strings of its own. */
    @Test
    void shareTheirStrings() {
        var one = Labels.of(new TreeMap<>(Map.of(copy("role"), copy("database"))));
        var other = Labels.of(new TreeMap<>(Map.of(copy("role"), copy("database"))));

        assertThat(one.firstKey()).isSameAs(other.firstKey());
        assertThat(one.get("role")).isSameAs(other.get("role"));
    }

    private static String copy(String text) {
        return new String(text.toCharArray());
    }
}
