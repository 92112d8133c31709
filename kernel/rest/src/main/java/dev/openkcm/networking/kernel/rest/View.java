package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.ViewTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the view of one kind in this instance, and who else to ask. */
final class View {

    private static final Logger LOG = LoggerFactory.getLogger(View.class);

    private final ServiceRuntime runtime;
    private final Sightings sightings;
    private final Kind<?, ?, ?> kind;

    View(ServiceRuntime runtime, Sightings sightings, Kind<?, ?, ?> kind) {
        this.runtime = runtime;
        this.sightings = sightings;
        this.kind = kind;
    }

    private KafkaStreams streams() throws Views.NotReady {
        return runtime.view(kind)
                .orElseThrow(() -> new Views.NotReady("the service is starting; see /q/health"));
    }

    Views.Owner owner(String key) throws Views.NotReady {
        var metadata =
                streams()
                        .queryMetadataForKey(
                                ViewTopology.resourcesStore(kind), key, new StringSerializer());
        if (metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
            return new Views.Owner.Unknown();
        }
        return isHere(metadata.activeHost())
                ? new Views.Owner.Here()
                : new Views.Owner.Elsewhere(metadata.activeHost());
    }

    private boolean isHere(HostInfo host) {
        return (host.host() + ":" + host.port()).equals(runtime.server());
    }

    /** The other instances that look after some resources. */
    List<HostInfo> others() throws Views.NotReady {
        var hosts = new ArrayList<HostInfo>();
        var store = ViewTopology.resourcesStore(kind);
        for (var instance : streams().streamsMetadataForStore(store)) {
            if (!isHere(instance.hostInfo())) {
                hosts.add(instance.hostInfo());
            }
        }
        return hosts;
    }

    /** The state of a resource that is looked after here. */
    Optional<SpecificRecord> state(String key) throws Views.NotReady {
        try {
            var row = resources().get(key);
            return row == null ? Optional.empty() : Optional.of(decodeState(row));
        } catch (InvalidStateStoreException moving) {
            throw notReady(moving);
        }
    }

    Optional<ObjectNode> document(String key) throws Views.NotReady {
        return state(key).map(s -> AvroJson.document(kind, s));
    }

    /**
     * The document, when it is certain that it is looked after here: a row is in a store of this
     * instance only while its partition is.
     */
    Optional<ObjectNode> here(String key) {
        try {
            return document(key);
        } catch (Views.NotReady moving) {
            return Optional.empty();
        }
    }

    /** Waits until what is here fulfils the condition; empty when it did not in time. */
    boolean await(String key, Predicate<Optional<ObjectNode>> condition, Duration limit)
            throws Views.NotReady, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            var next = sightings.next(kind, key);
            try {
                if (condition.test(document(key))) {
                    return true;
                }
                next.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException late) {
                return false;
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            } finally {
                sightings.forget(kind, key, next);
            }
        }
    }

    /**
     * The documents that are looked after here, by key.
     *
     * @param namespace null for all
     * @param after the last key of the page before; empty for the first page
     */
    List<ObjectNode> list(
            @Nullable String namespace, LabelSelector selector, String after, int limit)
            throws Views.NotReady {
        var found = new ArrayList<ObjectNode>();
        String from = namespace == null ? after : max(namespace + "/", after);
        String to = namespace == null ? null : namespace + "0"; // '0' follows '/'.
        try (var rows = new MergedRows(partitions(), from.isEmpty() ? null : from, to)) {
            while (rows.hasNext() && found.size() < limit) {
                var row = rows.next();
                if (row.key.equals(after) || row.key.equals(to)) {
                    continue;
                }
                readable(row.key, kind.state(), () -> decodeState(row.value))
                        .map(state -> AvroJson.document(kind, state))
                        .filter(document -> selector.matches(Documents.labels(document)))
                        .ifPresent(found::add);
            }
        } catch (InvalidStateStoreException moving) {
            throw notReady(moving);
        }
        return found;
    }

    private static String max(String one, String other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** The history of a resource that is looked after here, in order; raw records. */
    List<SpecificRecord> history(String key) throws Views.NotReady {
        var events = new ArrayList<SpecificRecord>();
        try (var rows =
                histories().range(ViewTopology.historyFrom(key), ViewTopology.historyTo(key))) {
            while (rows.hasNext()) {
                var row = rows.next();
                readable(key, kind.events(), () -> decodeEvent(row.value)).ifPresent(events::add);
            }
        } catch (InvalidStateStoreException moving) {
            throw notReady(moving);
        }
        return events;
    }

    /** The document as it was then. */
    Optional<ObjectNode> asOf(String key, Instant time) throws Views.NotReady {
        return asOf(kind, history(key), time);
    }

    private <S, C, E> Optional<ObjectNode> asOf(
            Kind<S, C, E> kind, List<SpecificRecord> history, Instant time) {
        S state = kind.decider().absent();
        for (var record : history) {
            if (kind.codec().published(record).time().isAfter(time)) {
                break;
            }
            state = kind.evolve(state, record);
        }
        Meta meta = kind.decider().meta(state);
        return meta == null
                ? Optional.empty()
                : Optional.of(AvroJson.document(kind, kind.codec().state(state)));
    }

    /** The documents that were looked after here then, by key. */
    List<ObjectNode> listAsOf(
            @Nullable String namespace,
            LabelSelector selector,
            String after,
            int limit,
            Instant time)
            throws Views.NotReady {
        var keys = new TreeSet<String>();
        String prefix = namespace == null ? "" : namespace + "/";
        try (var rows = histories().all()) {
            while (rows.hasNext()) {
                String row = rows.next().key;
                String key = row.substring(0, row.indexOf(' '));
                if (key.startsWith(prefix) && key.compareTo(after) > 0) {
                    keys.add(key);
                }
            }
        } catch (InvalidStateStoreException moving) {
            throw notReady(moving);
        }
        var found = new ArrayList<ObjectNode>();
        for (String key : keys) {
            if (found.size() >= limit) {
                break;
            }
            asOf(key, time)
                    .filter(d -> selector.matches(Documents.labels(d)))
                    .ifPresent(found::add);
        }
        return found;
    }

    private ReadOnlyKeyValueStore<String, byte[]> resources() throws Views.NotReady {
        return store(ViewTopology.resourcesStore(kind), QueryableStoreTypes.keyValueStore());
    }

    /** The partitions of the view that are looked after here, each by itself. */
    private List<ReadOnlyKeyValueStore<String, byte[]>> partitions() throws Views.NotReady {
        var _ = resources(); // Not ready while anything moves or is being restored.
        var query =
                StoreQueryParameters.fromNameAndType(
                        ViewTopology.resourcesStore(kind),
                        QueryableStoreTypes.<String, byte[]>keyValueStore());
        var stores = new ArrayList<ReadOnlyKeyValueStore<String, byte[]>>();
        for (var thread : ask(KafkaStreams::metadataForLocalThreads)) {
            for (var task : thread.activeTasks()) {
                for (var input : task.topicPartitions()) {
                    if (input.topic().equals(kind.state())) {
                        stores.add(ask(s -> s.store(query.withPartition(input.partition()))));
                    }
                }
            }
        }
        return stores;
    }

    private ReadOnlyKeyValueStore<String, byte[]> histories() throws Views.NotReady {
        return store(ViewTopology.historyStore(kind), QueryableStoreTypes.keyValueStore());
    }

    private <T> T store(String name, QueryableStoreType<T> type) throws Views.NotReady {
        return ask(streams -> streams.store(StoreQueryParameters.fromNameAndType(name, type)));
    }

    /** Whatever is asked of an application that is stopping or moving, it says so by throwing. */
    private <T> T ask(Function<KafkaStreams, T> question) throws Views.NotReady {
        var streams = streams();
        try {
            return question.apply(streams);
        } catch (InvalidStateStoreException | IllegalStateException moving) {
            throw notReady(moving);
        }
    }

    private static Views.NotReady notReady(RuntimeException moving) {
        return new Views.NotReady("the view is moving or being restored: " + moving.getMessage());
    }

    /**
     * Empty when it is nothing that the owner writes: others must be shown all the same. {@code kcm
     * verify} names the record.
     */
    private static Optional<SpecificRecord> readable(
            String key, String topic, Supplier<SpecificRecord> decoding) {
        try {
            return Optional.of(decoding.get());
        } catch (SerializationException foreign) {
            if (SchemaRegistryException.isUnavailable(foreign)) {
                throw foreign;
            }
            LOG.error("A record of {} on {} can't be read and is left out", key, topic, foreign);
            return Optional.empty();
        }
    }

    private SpecificRecord decodeState(byte[] bytes) {
        return decode(kind.codec().stateType(), kind.state(), bytes);
    }

    private SpecificRecord decodeEvent(byte[] bytes) {
        return decode(kind.codec().eventType(), kind.events(), bytes);
    }

    private SpecificRecord decode(
            Class<? extends SpecificRecord> type, String topic, byte[] bytes) {
        return runtime.decoder(type).deserialize(topic, bytes);
    }
}
