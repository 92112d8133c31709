package dev.openkcm.networking.kernel.registry;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;

/** How the subject of a schema follows from the topic and the record. */
public enum SubjectNameStrategy {
    /**
     * {@code <topic>-value}: one schema per topic, so the registry checks all that a topic holds.
     */
    TOPIC("TopicNameStrategy") {
        @Override
        public String subject(String topic, boolean isKey, Schema schema) {
            return topic + (isKey ? "-key" : "-value");
        }
    },
    /** The full name of the record. */
    RECORD("RecordNameStrategy") {
        @Override
        public String subject(String topic, boolean isKey, Schema schema) {
            return schema.getFullName();
        }
    },
    /** {@code <topic>-<full name of the record>}. */
    TOPIC_RECORD("TopicRecordNameStrategy") {
        @Override
        public String subject(String topic, boolean isKey, Schema schema) {
            return topic + "-" + schema.getFullName();
        }
    };

    private static final String CONFLUENT_PACKAGE = "io.confluent.kafka.serializers.subject.";

    private final String simpleName;

    SubjectNameStrategy(String simpleName) {
        this.simpleName = simpleName;
    }

    /** Returns the subject under which the schema of a topic's keys or values is registered. */
    public abstract String subject(String topic, boolean isKey, Schema schema);

    /** Reads the value of a configuration key: a simple name or the name of Confluent's class. */
    static SubjectNameStrategy parse(String key, String value) {
        for (var strategy : values()) {
            if (value.equals(strategy.simpleName)
                    || value.equals(CONFLUENT_PACKAGE + strategy.simpleName)) {
                return strategy;
            }
        }
        var allowed =
                Arrays.stream(values()).map(s -> s.simpleName).collect(Collectors.joining(", "));
        throw new ConfigException(
                key,
                value,
                "must be one of %s, with or without %s".formatted(allowed, CONFLUENT_PACKAGE));
    }
}
