package dev.openkcm.networking.kernel.streams;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Puts the rows of an owner on the owner's partition: a row {@code <namespace>/<name>/<member>}
 * lies where the default partitioner puts {@code <namespace>/<name>}. Tombstones follow too, since
 * only the key counts.
 */
public final class ByOwner<V extends @Nullable Object> implements StreamPartitioner<String, V> {

    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, V value, int numPartitions) {
        return Optional.of(Set.of(partition(owner(key), numPartitions)));
    }

    /** Everything before the last slash. */
    public static String owner(String rowKey) {
        return rowKey.substring(0, rowKey.lastIndexOf('/'));
    }

    /** Where the default partitioner of Kafka's Java clients puts a text key. */
    public static int partition(String key, int partitions) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return Utils.toPositive(Utils.murmur2(bytes)) % partitions;
    }
}
