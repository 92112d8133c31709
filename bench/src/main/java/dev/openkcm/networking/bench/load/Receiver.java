package dev.openkcm.networking.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed on the topics of answers and states, from now on. */
final class Receiver implements Runnable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final Assignment assignment;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile Expectation expectation = Expectation.nothing();

    Receiver(Assignment assignment) {
        this.assignment = assignment;
    }

    void awaitReady() throws InterruptedException {
        ready.await();
    }

    void expect(Expectation next) {
        expectation = next;
    }

    @Override
    public void run() {
        var topics = new ArrayList<>(List.of(assignment.answers()));
        if (assignment.states() != null) {
            topics.add(assignment.states());
        }
        try (var consumer = atEnd(assignment.bootstrapServers(), topics)) {
            ready.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                var records = consumer.poll(POLL);
                long now = System.nanoTime();
                var waiting = expectation;
                for (var record : records) {
                    receive(record, waiting, now);
                }
            }
        }
    }

    /** Reads what is committed on some topics from now on. */
    static KafkaConsumer<byte[], byte[]> atEnd(String bootstrapServers, List<String> topics) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("max.poll.records", 2_000);
        var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var partitions = new ArrayList<TopicPartition>();
        for (String topic : topics) {
            var found = consumer.partitionsFor(topic);
            if (found.isEmpty()) {
                consumer.close();
                throw new IllegalStateException(
                        topic + " does not exist; start the driver once the service is ready");
            }
            found.forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    /**
     * An answer has the id of the command at the start of its own id. A state, however many steps
     * it took, carries the correlation attribute of the command.
     */
    private void receive(ConsumerRecord<byte[], byte[]> record, Expectation waiting, long now) {
        boolean answer = record.topic().equals(assignment.answers());
        Header header = record.headers().lastHeader(answer ? "ce_id" : Sender.CORRELATION);
        if (header == null || header.value() == null) {
            return;
        }
        long number = CommandIds.number(header.value());
        if (answer) {
            waiting.result(number, now);
        } else {
            waiting.state(number, now);
        }
    }
}
