package dev.openkcm.networking.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {

    private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web | true",
                "app==web | true",
                "app=db | false",
                "app!=db | true",
                "none!=x | true",
                "app in (web,db) | true",
                "app notin (web, db) | false",
                "none notin (x) | true",
                "app | true",
                "none | false",
                "!none | true",
                "!app | false",
                "tier= | true",
                "app=web,tier=,!none | true",
                "app in (web),none | false"
            })
    void matchesAsKubernetesDoes(String selector, boolean matches) {
        assertThat(LabelSelector.parse(selector).orElseThrow().matches(LABELS)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app in (", "=x", ",", "app in web", "a b", "-x=1", "app=a/b"})
    void refusesWhatCannotBeRead(String selector) {
        assertThat(LabelSelector.parse(selector)).isEmpty();
    }

    @Test
    void matchesEverythingWithoutRequirements() {
        assertThat(LabelSelector.parse(" ").orElseThrow().matches(Map.of())).isTrue();
    }
}
