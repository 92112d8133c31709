package dev.openkcm.networking.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExpectationTest {

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void latencyCountsFromTheIntendedTime() {
        var expectation = new Expectation(100, 10, 0, 5.0 * MILLISECOND);
        for (int i = 0; i < 10; i++) {
            // A stall: everything is answered when the last command was to be sent.
            expectation.result(100 + i, expectation.due(9));
        }
        var measured = expectation.measured(false);
        assertThat(measured.answered()).isEqualTo(10);
        assertThat(measured.result().max()).isCloseTo(millis(expectation.due(9)), within(0.1));
        assertThat(measured.result().p50())
                .isCloseTo(millis(expectation.due(9) - expectation.due(5)), within(0.1));
        assertThat(measured.perSecond())
                .isCloseTo(10 / (millis(expectation.due(9)) / 1_000), within(0.1));
    }

    @Test
    void commandsAreNotInStepWithWhateverElseHasTheirInterval() {
        var expectation = new Expectation(0, 1_000, 0, MILLISECOND);
        int[] tenths = new int[10];
        for (int i = 0; i < 1_000; i++) {
            assertThat(expectation.due(i)).isBetween(i * MILLISECOND, (i + 1) * MILLISECOND - 1);
            tenths[(int) (expectation.due(i) % MILLISECOND * 10 / MILLISECOND)]++;
        }
        assertThat(Arrays.stream(tenths)).allMatch(commands -> commands >= 95 && commands <= 105);
    }

    private static double millis(long nanos) {
        return (double) nanos / MILLISECOND;
    }

    @Test
    void tellsWhatIsMissingDoubledAndSilent() {
        var expectation = new Expectation(5, 4, 0, 1);
        expectation.result(5, MILLISECOND);
        expectation.result(5, MILLISECOND);
        expectation.result(4, MILLISECOND);
        expectation.result(9, MILLISECOND);
        expectation.result(7, 901 * MILLISECOND);
        expectation.failure();
        var measured = expectation.measured(false);
        assertThat(measured.answered()).isEqualTo(2);
        assertThat(measured.doubled()).isEqualTo(1);
        assertThat(measured.failed()).isEqualTo(1);
        assertThat(measured.missing()).isEqualTo(1);
        assertThat(measured.silences()).hasSize(1);
        assertThat(measured.silences().getFirst().millis()).isCloseTo(900, within(0.1));
    }

    @Test
    void idsCarryTheirNumber() {
        for (long number : new long[] {0, 1, 255, 0x7fff_ffff_0000_0001L}) {
            assertThat(CommandIds.number(CommandIds.of(number))).isEqualTo(number);
        }
        assertThat(
                        CommandIds.number(
                                "openkcm.network-3"
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEqualTo(-1);
        assertThat(CommandIds.number(new byte[3])).isEqualTo(-1);
    }
}
