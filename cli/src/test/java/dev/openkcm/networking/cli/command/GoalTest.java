package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoalTest {
    private static final String DOCUMENT =
            """
            {"spec": {"ips": [{"value": "10.0.0.1"}]},
             "status": {"state": "Available", "conditions": [
               {"type": "NetworkReady", "status": "True"}, {"type": "AddressesHeld", "status": "False"}]}}
            """;

    @ParameterizedTest
    @CsvSource({
        "condition=NetworkReady, true",
        "condition=networkready=true, true",
        "condition=AddressesHeld, false",
        "condition=AddressesHeld=False, true",
        "condition=Available, true",
        "condition=Missing, false",
        "state=Available, true",
        "state=Error, false",
        "status.state=Available, true",
        "spec.ips=10.0.0.1, true",
        "status.state, true",
        "status.virtualIP, false",
        "jsonpath={.status.state}=Available, true",
        "delete, false"
    })
    void isReachedOrNot(String goal, boolean reached) throws Exception {
        JsonNode document = new ObjectMapper().readTree(DOCUMENT);

        assertThat(Goal.parse(goal).reached(Optional.of(document))).isEqualTo(reached);
    }

    @Test
    void onlyDeletionIsReachedByWhatIsNotThere() {
        assertThat(Goal.parse("delete").reached(Optional.empty())).isTrue();
        assertThat(Goal.parse("state=Available").reached(Optional.empty())).isFalse();
        assertThat(Goal.parse("condition=Available=False").reached(Optional.empty())).isFalse();
    }

    @Test
    void whatCannotBeWaitedForIsRefused() {
        assertThatThrownBy(() -> Goal.parse("happiness")).isInstanceOf(Failure.class);
    }

    @ParameterizedTest
    @CsvSource({"30s, 30000", "2m, 120000", "1m30s, 90000", "500ms, 500", "1h, 3600000", "5, 5000"})
    void timesAreReadAsPeopleWriteThem(String text, long millis) {
        assertThat(TimeSpan.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }
}
