package dev.openkcm.networking.kernel.rest;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Begins some minutes back, so that answers given while an instance started are known to it. */
@ApplicationScoped
@Identifier("recent")
public class RecentResults implements KafkaConsumerRebalanceListener {

    private static final Duration BACK = Duration.ofMinutes(10);

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        var since = new HashMap<TopicPartition, Long>();
        long from = System.currentTimeMillis() - BACK.toMillis();
        partitions.forEach(p -> since.put(p, from));
        var offsets = consumer.offsetsForTimes(since);
        var ends = consumer.endOffsets(partitions);
        for (var partition : partitions) {
            var offset = offsets.get(partition);
            if (offset == null) {
                consumer.seekToEnd(java.util.List.of(partition));
                consumer.position(partition);
            } else {
                // More than are remembered need not be read.
                long end = ends.getOrDefault(partition, offset.offset());
                long first = end - Operations.REMEMBERED / partitions.size();
                consumer.seek(partition, Math.max(offset.offset(), first));
            }
        }
    }
}
