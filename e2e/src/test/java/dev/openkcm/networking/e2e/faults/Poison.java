package dev.openkcm.networking.e2e.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Commands that nobody should ever send. */
final class Poison {
    private static final int MEGABYTE = 1_000_000;
    private static final int DEEP = 10_000;

    private Poison() {}

    static List<String> entities(Instance.Service service) {
        return switch (service.name()) {
            case "network" -> List.of("network");
            case "interface" -> List.of("network-interface");
            case "vip-nat" -> List.of("address-pool", "virtual-ip", "nat-gateway");
            case "loadbalancer" -> List.of("load-balancer");
            case "policy" -> List.of("network-policy");
            default -> throw new IllegalArgumentException(service.name());
        };
    }

    static List<ProducerRecord<String, byte[]>> commands(String entity, Random random) {
        String topic = "openkcm." + entity + ".commands.v1";
        return records(topic, entity.equals("address-pool") ? "poison" : "load/poison", random);
    }

    /** For any topic, under names that no resource has. */
    static List<ProducerRecord<String, byte[]>> records(String topic, String key, Random random) {
        var records = new ArrayList<ProducerRecord<String, byte[]>>();
        var values = new ArrayList<byte[]>();
        byte[] noise = new byte[100];
        random.nextBytes(noise);
        values.add(noise);
        values.add(new byte[0]);
        values.add(new byte[] {0});
        values.add(new byte[] {7, 0, 0, 0, 1, 2, 3});
        values.add(framed(999_999, noise));
        for (int id = 1; id < 12; id++) {
            values.add(framed(id, noise));
            // Lengths of arrays and maps that would fill every memory.
            values.add(framed(id, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 127}));
        }
        values.add(text("{"));
        values.add(text("{}"));
        values.add(text("{\"spec\": null}"));
        values.add(text("{\"spec\": []}"));
        values.add(text("{\"metadata\": {\"name\": \"../../etc/passwd\"}}"));
        values.add(text("{\"metadata\": {\"labels\": {\"\\u0000\": \"\\u202e\\ufeff\"}}}"));
        values.add(text("{\"metadata\": {\"labels\": {\"a\": \"1\", \"a\": \"2\"}}}"));
        values.add(text("{\"spec\": {\"number\": 1e999999999}}"));
        values.add(text("{\"spec\": " + "[".repeat(DEEP) + "]".repeat(DEEP) + "}"));
        values.add(text("{\"spec\": " + "{\"a\":".repeat(DEEP) + "1" + "}".repeat(DEEP) + "}"));
        values.add(text("{\"metadata\": {\"labels\": {\"a\": \"" + "x".repeat(MEGABYTE) + "\"}}}"));
        values.forEach(value -> records.add(new ProducerRecord<>(topic, key, value)));
        for (String name :
                List.of(
                        "",
                        "/",
                        "//",
                        "a/b/c/d",
                        "../../etc/passwd",
                        "load/\0",
                        "load/\u202egnp",
                        "load/" + "n".repeat(10_000),
                        "LOAD/Poison",
                        "load/po ison")) {
            records.add(new ProducerRecord<>(topic, name, text("{}")));
            records.add(new ProducerRecord<>(topic, name, null));
        }
        var longId = new ProducerRecord<>(topic, key, text("{}"));
        longId.headers().add("ce_id", text("i".repeat(5_000)));
        records.add(longId);
        var replyTo = new ProducerRecord<String, byte[]>(topic, key, null);
        replyTo.headers().add("reply-to", text("../../\0"));
        records.add(replyTo);
        records.add(new ProducerRecord<>(topic, random.nextInt(4), null, text("{}")));
        records.add(new ProducerRecord<>(topic, random.nextInt(4), null, null));
        return records;
    }

    private static byte[] framed(int schema, byte[] body) {
        return ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(schema).put(body).array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
