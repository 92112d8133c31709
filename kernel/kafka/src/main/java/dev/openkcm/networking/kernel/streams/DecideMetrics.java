package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.CommandResult.Outcome;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/** What the deciding processor counts, among the metrics of Kafka Streams. */
final class DecideMetrics {

    private final Map<Outcome, Sensor> answers = new EnumMap<>(Outcome.class);
    private final Sensor retries;
    private final Sensor events;
    private final Sensor deadLetters;

    DecideMetrics(Kind<?, ?, ?> kind, ProcessorContext<?, ?> context) {
        for (Outcome outcome : Outcome.values()) {
            String name = "commands-" + outcome.name().toLowerCase(Locale.ROOT);
            answers.put(outcome, sensor(kind, context, name));
        }
        retries = sensor(kind, context, "commands-retried");
        events = sensor(kind, context, "events");
        deadLetters = sensor(kind, context, "dead-letters");
    }

    private static Sensor sensor(
            Kind<?, ?, ?> kind, ProcessorContext<?, ?> context, String operation) {
        String task = kind.entity() + "-" + context.taskId();
        return context.metrics()
                .addRateTotalSensor(
                        "openkcm",
                        task,
                        operation,
                        Sensor.RecordingLevel.INFO,
                        "kind",
                        kind.name());
    }

    void answered(Outcome outcome) {
        var sensor = answers.get(outcome);
        if (sensor != null) {
            sensor.record();
        }
    }

    void retried() {
        retries.record();
    }

    void happened(int count) {
        events.record(count);
    }

    void deadLettered() {
        deadLetters.record();
    }
}
