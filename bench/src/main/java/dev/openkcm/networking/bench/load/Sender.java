package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.kernel.registry.AvroSerializer;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes commands at their intended times; late ones are not forgiven, only sent at once. */
final class Sender {

    private static final byte[] TRACE =
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                    .getBytes(StandardCharsets.US_ASCII);

    /** The attribute that travels on with everything that follows from a command. */
    static final String CORRELATION = "ce_correlationid";

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** A prime that no count of resources is a multiple of: every resource comes once. */
    private static final long STRIDE = 7_919;

    private final Assignment assignment;
    private final CommandSource source;
    private final Population population;
    private final KafkaProducer<byte[], byte[]> producer;
    private final SchemaRegistryClient registry;
    private final Map<Schema, Integer> schemaIds = new HashMap<>();
    private long number;

    Sender(Assignment assignment) {
        this.assignment = assignment;
        this.source =
                CommandSource.of(assignment.entity(), assignment.prefix(), assignment.resources());
        this.population = new Population(Math.max(1, assignment.resources()), assignment.seed());
        // Ids of different drivers must differ: a second command of the same id is a retry.
        int driver = (assignment.entity() + assignment.prefix() + assignment.seed()).hashCode();
        this.number = ((long) driver << 32) & Long.MAX_VALUE;
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", assignment.bootstrapServers());
        config.put("acks", "all");
        config.put("linger.ms", 0);
        config.put("batch.size", 65_536);
        this.producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        this.registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(
                                Map.of(SchemaRegistryConfig.URL, assignment.registryUrl())));
    }

    long nextNumber() {
        return number;
    }

    /** Above a few thousand a second, what is due is sent once a millisecond. */
    void sendAll(Job job, Expectation expectation) {
        for (int i = 0; i < job.count(); i++) {
            var order = order(job, i);
            var record = record(order, job.format());
            if (job.rate() > 0) {
                awaitTime(expectation.due(i), job.rate() <= 2_000);
            }
            var _ =
                    producer.send(
                            record,
                            (_, failure) -> {
                                if (failure != null) {
                                    expectation.failure();
                                }
                            });
        }
        producer.flush();
    }

    private Order order(Job job, int index) {
        return switch (job.kind()) {
            case CREATE_ALL, EACH -> new Order(Order.Action.CREATE, job.first() + index, index);
            case SHUFFLED ->
                    new Order(
                            Order.Action.CREATE,
                            (int) ((long) index * STRIDE % job.count()),
                            index);
            case DELETE_ALL, DELETE_EACH ->
                    new Order(Order.Action.DELETE, job.first() + index, index);
            case IN_TURN ->
                    new Order(
                            Order.Action.UPDATE,
                            job.first() + index % job.resources(),
                            index / job.resources());
            default -> population.next();
        };
    }

    private static void awaitTime(long due, boolean precisely) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(precisely ? left : Math.max(left, TICK_NANOS));
        }
    }

    private ProducerRecord<byte[], byte[]> record(Order order, Format format) {
        byte[] key = source.key(order.resource()).getBytes(StandardCharsets.UTF_8);
        var record = new ProducerRecord<>(assignment.sendTo(), key, value(order, format));
        byte[] id = CommandIds.of(number++);
        record.headers().add("ce_id", id).add(CORRELATION, id).add("traceparent", TRACE);
        return record;
    }

    @SuppressWarnings("NullAway") // Kafka does not say that a value may be null.
    private byte[] value(Order order, Format format) {
        if (format == Format.JSON) {
            String manifest = source.json(order);
            return manifest == null ? null : manifest.getBytes(StandardCharsets.UTF_8);
        }
        var command = source.avro(order);
        Integer id = schemaIds.get(command.getSchema());
        if (id == null) {
            String subject = "openkcm." + source.entity() + ".commands.v1-value";
            id = registry.idOf(subject, command.getSchema());
            schemaIds.put(command.getSchema(), id);
        }
        return AvroSerializer.encode(id, command);
    }
}
