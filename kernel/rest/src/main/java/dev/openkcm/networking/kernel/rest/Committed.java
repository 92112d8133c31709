package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.Kind;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * What was committed, for those that wait: every instance hears all answers and all changes of the
 * kinds that the service owns. One consumer for both, since each costs the broker and the service
 * as much as the records do.
 */
@ApplicationScoped
public class Committed {

    private final Operations operations;
    private final ChangeFeeds feeds;
    private final Set<String> results;

    Committed(ServiceRuntime runtime, Operations operations, ChangeFeeds feeds) {
        this.operations = operations;
        this.feeds = feeds;
        this.results = runtime.kinds().stream().map(Kind::results).collect(Collectors.toSet());
    }

    /** Records were committed. */
    @Incoming("committed")
    @Blocking(ordered = true)
    void read(ConsumerRecords<byte[], byte[]> records) {
        for (var partition : records.partitions()) {
            var ofPartition = records.records(partition);
            if (results.contains(partition.topic())) {
                operations.answered(ofPartition);
            } else {
                feeds.changed(partition.topic(), ofPartition);
            }
        }
    }
}
