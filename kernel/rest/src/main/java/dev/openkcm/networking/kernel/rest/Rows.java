package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.registry.AvroToJson;
import dev.openkcm.networking.kernel.registry.AvroToJson.Json;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.registry.WireFormat;
import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.ViewTopology;
import java.util.LinkedHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The documents of one kind that are looked after here, for readers that must not wait: the rows of
 * the view are in memory, and what this program wrote becomes JSON without being decoded.
 */
final class Rows {

    private static final Logger LOG = LoggerFactory.getLogger(Rows.class);
    private static final int UNKNOWN = -1;

    /** The table of a partition; a look-up finds out by itself whether it is still here. */
    private record Opened(KafkaStreams streams, ReadOnlyKeyValueStore<String, byte[]> table) {}

    private final ServiceRuntime runtime;
    private final Kind<?, ?, ?> kind;
    private final AtomicReferenceArray<@Nullable Opened> opened;
    private final @Nullable AvroToJson writer;
    private volatile int schemaId = UNKNOWN;

    Rows(ServiceRuntime runtime, ServiceConfig config, Kind<?, ?, ?> kind) {
        this.runtime = runtime;
        this.kind = kind;
        this.opened = new AtomicReferenceArray<>(config.partitions());
        var constants = new LinkedHashMap<String, String>();
        constants.put("apiVersion", Kind.API_VERSION);
        constants.put("kind", kind.name());
        this.writer =
                AvroToJson.of(
                                ServiceRuntime.schema(kind.codec().stateType()),
                                constants,
                                "metadata.resourceVersion")
                        .orElse(null);
    }

    /** Learns by which id this program writes states; until then there are no documents. */
    void begin() {
        try {
            schemaId = runtime.schemaId(kind.state(), kind.codec().stateType());
        } catch (SchemaRegistryException away) {
            LOG.warn("{} are read the long way: {}", kind.plural(), away.getMessage());
        }
    }

    /** Null when it takes more than a look to know the answer. */
    @Nullable Json document(String key) {
        if (writer == null || schemaId == UNKNOWN) {
            return null;
        }
        try {
            byte[] row = row(key);
            return row == null || WireFormat.schemaId(row) != schemaId ? null : writer.json(row);
        } catch (InvalidStateStoreException
                | IllegalStateException
                | IllegalArgumentException
                | SerializationException difficult) {
            return null;
        }
    }

    private byte @Nullable [] row(String key) {
        var streams = runtime.view(kind);
        if (streams.isEmpty()) {
            return null;
        }
        int partition = ByOwner.partition(key, opened.length());
        var known = opened.get(partition);
        if (known == null || !known.streams().equals(streams.get())) {
            known = new Opened(streams.get(), table(streams.get(), partition));
            opened.set(partition, known);
        }
        return known.table().get(key);
    }

    private ReadOnlyKeyValueStore<String, byte[]> table(KafkaStreams streams, int partition) {
        return streams.store(
                StoreQueryParameters.fromNameAndType(
                                ViewTopology.resourcesStore(kind),
                                QueryableStoreTypes.<String, byte[]>keyValueStore())
                        .withPartition(partition));
    }
}
