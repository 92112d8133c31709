package dev.openkcm.networking.kernel.rest;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Where an instance begins: with the answers of the last minutes, so that those given while it
 * started are known to it; with the changes that are committed next, or where the feed was.
 */
@ApplicationScoped
@Identifier("committed")
public class CommittedPositions implements KafkaConsumerRebalanceListener {

    private static final Duration BACK = Duration.ofMinutes(10);

    private final ChangeFeeds feeds;

    CommittedPositions(ChangeFeeds feeds) {
        this.feeds = feeds;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        var changes =
                partitions.stream().collect(Collectors.partitioningBy(p -> feeds.feeds(p.topic())));
        changes.getOrDefault(true, List.of()).forEach(p -> seekToChanges(consumer, p));
        seekToResults(consumer, changes.getOrDefault(false, List.of()));
    }

    private void seekToChanges(Consumer<?, ?> consumer, TopicPartition partition) {
        var feed = feeds.of(partition.topic());
        var next = feed.next(partition.partition());
        if (next.isPresent()) {
            consumer.seek(partition, next.getAsLong());
        } else {
            consumer.seekToEnd(List.of(partition));
            feed.begin(partition.partition(), consumer.position(partition));
        }
    }

    private static void seekToResults(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        var since = new HashMap<TopicPartition, Long>();
        long from = System.currentTimeMillis() - BACK.toMillis();
        partitions.forEach(p -> since.put(p, from));
        var offsets = consumer.offsetsForTimes(since);
        var ends = consumer.endOffsets(partitions);
        for (var partition : partitions) {
            var offset = offsets.get(partition);
            if (offset == null) {
                consumer.seekToEnd(List.of(partition));
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
