package dev.openkcm.networking.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.bench.load.Order.Action;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PopulationTest {

    @Test
    void ordersMakeSenseInTheirTurn() {
        var population = new Population(500, 7);
        Set<Integer> alive = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            var order = population.next();
            assertThat(order.resource()).isBetween(0, 499);
            switch (order.action()) {
                case CREATE -> assertThat(alive.add(order.resource())).isTrue();
                case UPDATE -> assertThat(alive).contains(order.resource());
                case DELETE -> assertThat(alive.remove(order.resource())).isTrue();
                case INVALID -> {}
            }
            assertThat(population.living()).isEqualTo(alive.size());
        }
    }

    @Test
    void theMixIsAsAnnounced() {
        var population = new Population(1_000_000, 7);
        Map<Action, Integer> counts = new EnumMap<>(Action.class);
        for (int i = 0; i < 100_000; i++) {
            counts.merge(population.next().action(), 1, Integer::sum);
        }
        assertThat(counts.get(Action.CREATE)).isBetween(59_000, 61_000);
        assertThat(counts.get(Action.UPDATE)).isBetween(24_000, 26_000);
        assertThat(counts.get(Action.DELETE)).isBetween(9_500, 10_500);
        assertThat(counts.get(Action.INVALID)).isBetween(4_700, 5_300);
    }

    @Test
    void theSameSeedGivesTheSameOrders() {
        var one = new Population(100, 3);
        var other = new Population(100, 3);
        for (int i = 0; i < 1_000; i++) {
            assertThat(one.next()).isEqualTo(other.next());
        }
    }
}
