package dev.openkcm.networking.network.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.network.domain.Network;
import dev.openkcm.networking.network.topology.NetworkTopology;
import dev.openkcm.networking.schemas.common.v1.OtherEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkCreated;
import dev.openkcm.networking.schemas.network.v1.NetworkEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/**
 * What a later release writes, with a field of state and a type of event more, is read by this one:
 * while an upgrade rolls, and after it was taken back.
 */
class LaterReleaseTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String UID = "00000000-0000-0000-0000-000000000001";
    private static final Kind<Network, ?, ?> KIND = NetworkTopology.kind("kcm-system");

    private static final Schema LATER_EVENT =
            with(
                    NetworkEvent.getClassSchema(),
                    """
                    {"name": "frozen", "default": null, "type": ["null",
                      {"type": "record", "name": "NetworkFrozen",
                       "fields": [{"name": "reason", "type": "string"}]}]}\
                    """);
    private static final Schema LATER_STATE =
            with(
                    dev.openkcm.networking.schemas.network.v1.Network.getClassSchema(),
                    """
                    {"name": "frozen", "default": false, "type": "boolean"}\
                    """);

    private static Schema with(Schema schema, String field) {
        try {
            var json = (ObjectNode) JSON.readTree(schema.toString());
            JsonNode added = JSON.readTree(field);
            ((ArrayNode) json.get("fields")).add(added);
            return new Schema.Parser().parse(json.toString());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void anEventOfATypeThatCameLaterChangesTheVersionAndNothingElse() throws IOException {
        var created = event(1, new NetworkCreated(Map.of("a", "b"), Map.of(), List.of()));
        var frozen = later(event(2, new OtherEvent("NetworkFrozen")), LATER_EVENT);
        var reason =
                new GenericData.Record(LATER_EVENT.getField("frozen").schema().getTypes().get(1));
        reason.put("reason", "audit");
        frozen.put("frozen", reason);

        var before = KIND.evolve(KIND.decider().absent(), created);
        var after = KIND.evolve(before, read(bytes(frozen), LATER_EVENT, new NetworkEvent()));

        assertThat(KIND.decider().meta(after).resourceVersion()).isEqualTo(2);
        var document = document(after);
        document.getMetadata().put("resourceVersion", 1L);
        assertThat(document).isEqualTo(document(before));
    }

    @Test
    void aStateWithAFieldThatCameLaterIsTheSameWithoutIt() throws IOException {
        var state = state();
        var written = later(state, LATER_STATE);
        written.put("frozen", true);

        var read =
                read(
                        bytes(written),
                        LATER_STATE,
                        new dev.openkcm.networking.schemas.network.v1.Network());

        assertThat(read).isEqualTo(state);
    }

    private static NetworkEvent event(long sequence, SpecificRecord payload) {
        return new NetworkEvent("ns", "n", UID, sequence, THEN, "c", null, payload);
    }

    private static dev.openkcm.networking.schemas.network.v1.Network state() {
        var meta =
                new Meta(
                        ResourceKey.parse("ns/n"),
                        UUID.fromString(UID),
                        1,
                        1,
                        THEN,
                        null,
                        Meta.sorted(Map.of("a", "b")),
                        Meta.sorted(Map.of()));
        return new dev.openkcm.networking.schemas.network.v1.Network(
                CommonCodec.toAvro(meta),
                new NetworkSpec(List.of(), List.of(), "200"),
                new NetworkStatus(NetworkState.Available, List.of(), List.of(), List.of()));
    }

    private static dev.openkcm.networking.schemas.network.v1.Network document(Network network) {
        return (dev.openkcm.networking.schemas.network.v1.Network) KIND.codec().state(network);
    }

    /** The record as the later release has it. */
    private static GenericRecord later(SpecificRecord record, Schema schema) throws IOException {
        byte[] bytes = bytes(record, new SpecificDatumWriter<>(record.getSchema()));
        return new GenericDatumReader<GenericRecord>(record.getSchema(), schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }

    private static byte[] bytes(GenericRecord record) throws IOException {
        return bytes(record, new GenericDatumWriter<>(record.getSchema()));
    }

    private static <T> byte[] bytes(T record, DatumWriter<T> writer) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        writer.write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static <T extends SpecificRecord> T read(byte[] bytes, Schema writer, T empty)
            throws IOException {
        return new SpecificDatumReader<T>(writer, empty.getSchema())
                .read(empty, DecoderFactory.get().binaryDecoder(bytes, null));
    }
}
