package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** States of kinds that other services own, as these write them; only what matters here. */
final class ForeignStates {

    private static final Schema META = new SpecificData().getSchema(ObjectMeta.class);
    private static final Schema TARGET = new SpecificData().getSchema(ObjectReference.class);
    private static final Schema VIRTUAL_IP_STATUS =
            SchemaBuilder.record("VirtualIPStatus")
                    .fields()
                    .optionalString("ip")
                    .name("targetRef")
                    .type()
                    .optional()
                    .type(TARGET)
                    .endRecord();
    private static final Schema VIRTUAL_IP = state("VirtualIP", null, VIRTUAL_IP_STATUS);
    private static final Schema REFERENCE =
            SchemaBuilder.record("Reference").fields().requiredString("name").endRecord();
    private static final Schema BALANCER_SPEC =
            SchemaBuilder.record("LoadBalancerSpec")
                    .fields()
                    .name("networkRef")
                    .type(REFERENCE)
                    .noDefault()
                    .endRecord();
    private static final Schema BALANCER_STATUS =
            SchemaBuilder.record("LoadBalancerStatus")
                    .fields()
                    .name("ips")
                    .type()
                    .array()
                    .items()
                    .stringType()
                    .noDefault()
                    .endRecord();
    private static final Schema BALANCER = state("LoadBalancer", BALANCER_SPEC, BALANCER_STATUS);

    private final TopologyHarness cluster;

    ForeignStates(TopologyHarness cluster) {
        this.cluster = cluster;
    }

    private static Schema state(String name, @Nullable Schema spec, Schema status) {
        var fields = SchemaBuilder.record(name).fields().name("metadata").type(META).noDefault();
        if (spec != null) {
            fields = fields.name("spec").type(spec).noDefault();
        }
        return fields.name("status").type(status).noDefault().endRecord();
    }

    private static ObjectMeta meta(String name, Map<String, String> labels) {
        return new ObjectMeta(
                "default", name, "uid-" + name, 1L, 1L, Instant.EPOCH, null, labels, Map.of());
    }

    void virtualIp(String name, Map<String, String> labels, String ip, @Nullable String target) {
        publish(
                "virtual-ip",
                name,
                new GenericRecordBuilder(VIRTUAL_IP)
                        .set("metadata", meta(name, labels))
                        .set(
                                "status",
                                new GenericRecordBuilder(VIRTUAL_IP_STATUS)
                                        .set("ip", ip)
                                        .set(
                                                "targetRef",
                                                target == null
                                                        ? null
                                                        : new ObjectReference(
                                                                "NetworkInterface", target, ""))
                                        .build())
                        .build());
    }

    void loadBalancer(String name, String network, Map<String, String> labels, String ip) {
        publish(
                "load-balancer",
                name,
                new GenericRecordBuilder(BALANCER)
                        .set("metadata", meta(name, labels))
                        .set(
                                "spec",
                                new GenericRecordBuilder(BALANCER_SPEC)
                                        .set(
                                                "networkRef",
                                                new GenericRecordBuilder(REFERENCE)
                                                        .set("name", network)
                                                        .build())
                                        .build())
                        .set(
                                "status",
                                new GenericRecordBuilder(BALANCER_STATUS)
                                        .set("ips", List.of(ip))
                                        .build())
                        .build());
    }

    private void publish(String entity, String name, GenericRecord state) {
        cluster.publish(Kind.topicOf(entity, "state"), "default/" + name, encode(state), Map.of());
    }

    /** Reads these states, and all that the test cluster can read. */
    static Deserializer<GenericRecord> reading() {
        var others = LocalSerdes.generic();
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            for (var schema : List.of(VIRTUAL_IP, BALANCER)) {
                byte[] name = name(schema);
                if (Arrays.equals(name, 0, name.length, bytes, 0, name.length)) {
                    return decode(schema, bytes, name.length);
                }
            }
            return others.deserialize(topic, bytes);
        };
    }

    private static GenericRecord decode(Schema schema, byte[] bytes, int start) {
        try {
            var decoder =
                    DecoderFactory.get().binaryDecoder(bytes, start, bytes.length - start, null);
            return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The name of the schema behind its length, as what comes first. */
    private static byte[] name(Schema schema) {
        byte[] text = schema.getFullName().getBytes(StandardCharsets.UTF_8);
        byte[] name = new byte[text.length + 1];
        name[0] = (byte) text.length;
        System.arraycopy(text, 0, name, 1, text.length);
        return name;
    }

    private static byte[] encode(GenericRecord record) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(name(record.getSchema()));
        try {
            var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new SpecificDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
