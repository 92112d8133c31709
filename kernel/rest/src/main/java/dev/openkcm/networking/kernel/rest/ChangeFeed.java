package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The committed changes of a kind, told to watchers; the last ones are kept for others. */
final class ChangeFeed {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
    private static final int KEPT = 10_000;

    /**
     * What is kept when a watcher joins.
     *
     * @param changes in the order seen
     * @param from where the feed, or what is left of it, begins
     * @param seen what the feed has seen
     */
    record Kept(List<Change> changes, Positions from, Positions seen) {}

    private final ServiceRuntime runtime;
    private final Kind<?, ?, ?> kind;
    private final RecordKeys keys;
    private final ArrayDeque<Change> ring = new ArrayDeque<>();
    private final Map<String, Change> latest = new HashMap<>();
    private final Set<Watch> watchers = new HashSet<>();
    private Positions from;
    private Positions seen;

    ChangeFeed(ServiceRuntime runtime, Kind<?, ?, ?> kind, int partitions) {
        this.runtime = runtime;
        this.kind = kind;
        this.keys = RecordKeys.of(kind);
        this.from = Positions.unknown(partitions);
        this.seen = from;
    }

    /** The next offset of a partition that was begun already. */
    synchronized OptionalLong next(int partition) {
        return seen.covers(partition) && seen.knows(partition)
                ? OptionalLong.of(seen.of(partition) + 1)
                : OptionalLong.empty();
    }

    /** A partition is read from this offset. */
    synchronized void begin(int partition, long offset) {
        if (seen.covers(partition)) {
            from = from.with(partition, offset - 1);
            seen = seen.with(partition, offset - 1);
        }
    }

    /** A change was committed. */
    synchronized void changed(ConsumerRecord<byte[], byte[]> state) {
        int partition = state.partition();
        if (!seen.covers(partition) || state.offset() <= seen.of(partition)) {
            return;
        }
        seen = seen.with(partition, state.offset());
        String key;
        try {
            key = keys.deserialize(state.topic(), state.key());
        } catch (SerializationException nobodys) {
            LOG.warn("Watchers are not told of a record", nobodys);
            return;
        }
        var last = latest.get(key);
        var change =
                new Change(
                        key,
                        partition,
                        state.offset(),
                        state.value() == null ? null : new Version(state.value(), this::read),
                        last == null ? null : last.version(),
                        Instant.ofEpochMilli(state.timestamp()),
                        seen);
        ring.add(change);
        latest.put(key, change);
        if (ring.size() > KEPT) {
            var oldest = ring.remove();
            latest.remove(oldest.key(), oldest);
            from = from.with(oldest.partition(), oldest.offset());
        }
        if (!watchers.isEmpty() && change.readable()) {
            watchers.removeIf(w -> !w.offer(change));
        }
    }

    private ObjectNode read(byte[] state) {
        var avro = runtime.decoder(kind.codec().stateType()).deserialize(kind.state(), state);
        return AvroJson.document(kind, Objects.requireNonNull(avro));
    }

    /** From now on the watcher is offered every change that is not among those kept. */
    synchronized Kept join(Watch watcher) throws Views.NotReady {
        if (!seen.complete()) {
            throw new Views.NotReady("the changes are not being read yet; see /q/health");
        }
        watchers.add(watcher);
        return new Kept(ring.stream().filter(Change::readable).toList(), from, seen);
    }

    synchronized void leave(Watch watcher) {
        watchers.remove(watcher);
    }

    synchronized Positions seen() {
        return seen;
    }

    /** Ends all streams. */
    synchronized void stop() {
        watchers.forEach(Watch::end);
        watchers.clear();
    }
}
