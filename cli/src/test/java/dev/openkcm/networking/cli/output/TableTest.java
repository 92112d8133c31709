package dev.openkcm.networking.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table(List.of("name", "state", "age"));

    @Test
    void alignsColumnsAndNamesWhatIsMissing() {
        table.add(List.of("a", "Available", "5s"));
        table.add(List.of("a-longer-name", "", "3m12s"));

        assertThat(table.lines(Palette.PLAIN))
                .containsExactly(
                        "NAME            STATE       AGE",
                        "a               Available   5s",
                        "a-longer-name   <none>      3m12s");
    }

    @Test
    void coloursStatesWithoutMovingTheColumnsBehind() {
        table.add(List.of("a", "Available", "5s"));
        table.add(List.of("b", "Pending", "5s"));
        table.add(List.of("c", "Error", "5s"));

        assertThat(table.lines(Palette.COLOURED))
                .containsExactly(
                        "NAME   STATE       AGE",
                        "a      \u001b[32mAvailable\u001b[0m   5s",
                        "b      \u001b[33mPending\u001b[0m     5s",
                        "c      \u001b[31mError\u001b[0m       5s");
    }
}
