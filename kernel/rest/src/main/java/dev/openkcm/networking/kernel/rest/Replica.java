package dev.openkcm.networking.kernel.rest;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tables that the {@link Follower}s of a service ask for: all partitions, from the
 * beginning, committed records only. Nothing is stored; a restart reads them again, and the service
 * is not ready before that is done.
 */
@ApplicationScoped
public class Replica {

    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ServiceRuntime runtime;
    private final List<Follower> followers;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private volatile boolean complete;
    private volatile boolean stopping;
    private volatile @Nullable Consumer<byte[], byte[]> reader;

    Replica(ServiceRuntime runtime, @All List<Follower> followers) {
        this.runtime = runtime;
        this.followers = followers;
    }

    void start(@Observes ServiceRuntime.Started event) {
        if (topics().isEmpty()) {
            complete = true;
        } else {
            Thread.ofPlatform().name("replica").daemon().start(this::run);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        var consumer = reader;
        if (consumer != null) {
            consumer.wakeup();
        }
    }

    /** Whether everything that was there at the start has been read. */
    public boolean complete() {
        return complete;
    }

    /**
     * Waits until the followers know everything that was committed when this was called; false when
     * they did not in time.
     */
    public boolean catchUp(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Map<TopicPartition, Long> ends;
        try (var consumer = consumer()) {
            ends = consumer.endOffsets(partitions(consumer), limit);
        } catch (KafkaException away) {
            LOG.warn("The ends of the followed tables can't be asked for", away);
            return false;
        }
        synchronized (positions) {
            while (!reached(ends)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                positions.wait(left);
            }
            return true;
        }
    }

    private boolean reached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(e -> positions.getOrDefault(e.getKey(), 0L) >= e.getValue());
    }

    private Set<String> topics() {
        var topics = new HashSet<String>();
        followers.forEach(f -> topics.addAll(f.topics()));
        return topics;
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
        var partitions = new ArrayList<TopicPartition>();
        for (String topic : topics()) {
            consumer.partitionsFor(topic)
                    .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
        }
        return partitions;
    }

    /** Reads on from where it was when Kafka fails for a while. */
    private void run() {
        while (!stopping) {
            try (var consumer = consumer()) {
                reader = consumer;
                read(consumer);
            } catch (WakeupException | InterruptException stopped) {
                LOG.debug("The replica stops", stopped);
            } catch (KafkaException failure) {
                LOG.warn("The followed tables can't be read; trying again", failure);
                pause();
            }
        }
    }

    private void read(Consumer<byte[], byte[]> consumer) {
        var partitions = partitions(consumer);
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        synchronized (positions) {
            positions.forEach(consumer::seek);
        }
        var ends = consumer.endOffsets(partitions);
        while (!stopping) {
            for (var row : consumer.poll(POLL)) {
                tell(row);
            }
            synchronized (positions) {
                partitions.forEach(p -> positions.put(p, consumer.position(p)));
                complete |= reached(ends);
                positions.notifyAll();
            }
        }
    }

    private void tell(ConsumerRecord<byte[], byte[]> row) {
        if (row.key() == null) {
            LOG.warn("A row without a key on {} is passed over", row.topic());
            return;
        }
        String key = new String(row.key(), StandardCharsets.UTF_8);
        for (Follower follower : followers) {
            if (follower.topics().contains(row.topic())) {
                try {
                    follower.row(row.topic(), key, row.value());
                } catch (RuntimeException foreign) {
                    LOG.error(
                            "The row {} on {} can't be read and is passed over",
                            key,
                            row.topic(),
                            foreign);
                }
            }
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        var settings = new HashMap<String, Object>(runtime.client());
        settings.put("client.id", "openkcm.%s.replica".formatted(runtime.name()));
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.put("fetch.max.wait.ms", 100);
        return new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
