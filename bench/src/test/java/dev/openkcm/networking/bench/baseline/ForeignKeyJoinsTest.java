package dev.openkcm.networking.bench.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignKeyJoinsTest {

    @TempDir private Path state;

    @Test
    void whatComesInPassesBothJoinsWithItsId() {
        var config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "joins");
        config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        try (var driver = new TopologyTestDriver(ForeignKeyJoins.topology("from", "to"), config)) {
            send(driver, "a", "id-1", "one");
            send(driver, "a", "id-2", "two");

            var output =
                    driver.createOutputTopic(
                            "to", new StringDeserializer(), new ByteArrayDeserializer());
            var answers = new ArrayDeque<>(output.readRecordsToList());
            var last = answers.getLast();
            assertThat(new String(last.value(), StandardCharsets.UTF_8)).isEqualTo("two");
            assertThat(
                            new String(
                                    last.headers().lastHeader("ce_id").value(),
                                    StandardCharsets.UTF_8))
                    .isEqualTo("id-2");
            assertThat(answers).extracting(TestRecord::key).containsOnly("second a");
        }
    }

    private static void send(TopologyTestDriver driver, String key, String id, String value) {
        var headers = new RecordHeaders();
        headers.add("ce_id", id.getBytes(StandardCharsets.UTF_8));
        driver.createInputTopic("from", new StringSerializer(), new ByteArraySerializer())
                .pipeRecordList(
                        List.of(
                                new TestRecord<>(
                                        key, value.getBytes(StandardCharsets.UTF_8), headers)));
    }
}
