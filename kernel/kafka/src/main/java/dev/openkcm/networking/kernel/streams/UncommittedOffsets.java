package dev.openkcm.networking.kernel.streams;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Which of the offsets that a producer is to commit it has not committed already.
 *
 * <p>Streams commits where every partition of a task is that was ever read from, whatever was read
 * since the last commit: with applications that read up to seven topics, four of five offsets were
 * those of the transaction before, and a quarter of all that the broker wrote.
 */
final class UncommittedOffsets {

    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> sent = new HashMap<>();

    /** One of these at least, since a transaction without any is not checked, if there are any. */
    Map<TopicPartition, OffsetAndMetadata> of(Map<TopicPartition, OffsetAndMetadata> offsets) {
        var uncommitted = new HashMap<>(offsets);
        uncommitted
                .entrySet()
                .removeIf(each -> each.getValue().equals(committed.get(each.getKey())));
        if (uncommitted.isEmpty() && !offsets.isEmpty()) {
            var any = offsets.entrySet().iterator().next();
            uncommitted.put(any.getKey(), any.getValue());
        }
        sent.putAll(uncommitted);
        return uncommitted;
    }

    /** The transaction that they were sent with is committed. */
    void committed() {
        committed.putAll(sent);
        sent.clear();
    }

    /** The transaction that they were sent with is not. */
    void aborted() {
        sent.clear();
    }
}
