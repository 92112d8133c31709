package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.bench.load.Order.Action;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * A deterministic stream of orders over a set of resources: 60 % create, 25 % update, 10 % delete,
 * 5 % are to be refused; the resource is drawn uniformly from those the order makes sense for.
 */
final class Population {

    private final SplittableRandom random;
    private final int resources;
    private final BitSet alive;
    private int living;
    private long revision;

    Population(int resources, long seed) {
        this.random = new SplittableRandom(seed);
        this.resources = resources;
        this.alive = new BitSet(resources);
    }

    Order next() {
        int dice = random.nextInt(100);
        int drawn = random.nextInt(resources);
        revision++;
        if (dice >= 95) {
            return new Order(Action.INVALID, drawn, revision);
        }
        boolean create = (dice < 60 && living < resources) || living == 0;
        if (create) {
            int free = wrap(alive.nextClearBit(drawn), alive.nextClearBit(0));
            alive.set(free);
            living++;
            return new Order(Action.CREATE, free, revision);
        }
        int taken = alive.nextSetBit(drawn);
        taken = taken < 0 ? alive.nextSetBit(0) : taken;
        if (dice >= 85) {
            alive.clear(taken);
            living--;
            return new Order(Action.DELETE, taken, revision);
        }
        return new Order(Action.UPDATE, taken, revision);
    }

    private int wrap(int found, int fromTheStart) {
        return found < resources ? found : fromTheStart;
    }

    int living() {
        return living;
    }
}
