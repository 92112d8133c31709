package dev.openkcm.networking.kernel.rest;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Of what the Kafka clients measure, what tells how a service is. All of it would be ten thousand
 * series and more of each service, most of them of one partition, one task or one node.
 */
@Singleton
public final class KafkaMeters implements MeterFilter {

    private static final String KAFKA = "kafka.";

    /** Our own counts: commands, events and dead letters of every kind. */
    private static final String OWN = "kafka.stream.openkcm.";

    private static final List<String> KEPT =
            List.of(
                    "kafka.stream.client.state",
                    "kafka.stream.alive.stream.threads",
                    "kafka.stream.failed.stream.threads",
                    "kafka.stream.thread.process.",
                    "kafka.stream.thread.commit.",
                    "kafka.stream.state.updater.active.",
                    "kafka.stream.state.updater.restore.",
                    "kafka.consumer.fetch.manager.records.lag.max",
                    "kafka.consumer.fetch.manager.records.consumed.",
                    "kafka.consumer.fetch.manager.bytes.consumed.",
                    "kafka.consumer.fetch.manager.fetch.latency.",
                    "kafka.consumer.coordinator.assigned.partitions",
                    "kafka.consumer.coordinator.rebalance.",
                    "kafka.consumer.coordinator.failed.rebalance.",
                    "kafka.consumer.coordinator.last.rebalance.",
                    "kafka.consumer.connection.count",
                    "kafka.producer.record.send.",
                    "kafka.producer.record.error.",
                    "kafka.producer.record.retry.",
                    "kafka.producer.record.queue.time.",
                    "kafka.producer.request.latency.",
                    "kafka.producer.txn.",
                    "kafka.producer.connection.count");

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        String name = id.getName();
        return !name.startsWith(KAFKA) || name.startsWith(OWN) || tells(name)
                ? MeterFilterReply.NEUTRAL
                : MeterFilterReply.DENY;
    }

    /** Rates follow from totals, over any span of time. */
    private static boolean tells(String name) {
        return KEPT.stream().anyMatch(name::startsWith) && !name.endsWith(".rate");
    }
}
