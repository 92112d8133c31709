package dev.openkcm.networking.kernel.rest;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Begins with what is committed next, or goes on where the feed was. */
@ApplicationScoped
@Identifier("new-changes")
public class NewChanges implements KafkaConsumerRebalanceListener {

    private final ChangeFeeds feeds;

    NewChanges(ChangeFeeds feeds) {
        this.feeds = feeds;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        for (var partition : partitions) {
            var feed = feeds.of(partition.topic());
            var next = feed.next(partition.partition());
            if (next.isPresent()) {
                consumer.seek(partition, next.getAsLong());
            } else {
                consumer.seekToEnd(List.of(partition));
                feed.begin(partition.partition(), consumer.position(partition));
            }
        }
    }
}
