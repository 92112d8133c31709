package dev.openkcm.networking.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void knowsMedianAndRange() {
        assertThat(Spread.of(DoubleStream.of(3, 1, 2))).isEqualTo(new Spread(2, 1, 3, 3));
        assertThat(Spread.of(DoubleStream.of(4, 1, 2, 3)).median()).isEqualTo(2.5);
        assertThat(Spread.of(DoubleStream.of(1.5)).full(2)).isEqualTo("1.50");
        assertThat(Spread.of(DoubleStream.of(1, 1999)).full(0)).isEqualTo("1,000 (1–1,999)");
    }

    @Test
    void aGoalWithoutAFigureIsNotReached() {
        var unknown = Spread.of(DoubleStream.of(Double.NaN));
        assertThat(new Report.Goal("x", unknown, true, 1).reached()).isFalse();
        assertThat(new Report.Goal("x", unknown, false, 1).line()).startsWith("unknown");
    }
}
