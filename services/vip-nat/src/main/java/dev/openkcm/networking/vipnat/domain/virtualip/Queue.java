package dev.openkcm.networking.vipnat.domain.virtualip;

import dev.openkcm.networking.vipnat.domain.virtualip.Waiting.Claimant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who names a VirtualIP now.
 *
 * @param holderNamesIt whether who has it still names it, and has an address of its family
 * @param eligible the others that have an address of its family, oldest first, no more than are
 *     shown and one
 * @param unfit those that have none, oldest first, no more than are shown
 * @param total how many the others are
 */
public record Queue(boolean holderNamesIt, List<Target> eligible, List<Target> unfit, int total) {

    public static final Queue EMPTY = new Queue(false, List.of(), List.of(), 0);

    public Queue {
        eligible = List.copyOf(eligible);
        unfit = List.copyOf(unfit);
    }

    /** Who has the VirtualIP from now on: whoever has it keeps it as long as it names it. */
    @Nullable Target holder(@Nullable Target now) {
        if (now != null && holderNamesIt) {
            return now;
        }
        return eligible.isEmpty() ? null : eligible.getFirst();
    }

    /** Who waits once this target has it. */
    Waiting waiting(@Nullable Target holder) {
        var first = new ArrayList<Claimant>();
        boolean served = false;
        for (Target target : eligible) {
            if (target.equals(holder)) {
                served = true;
            } else if (first.size() < Waiting.SHOWN) {
                first.add(new Claimant(target, "VirtualIPInUse"));
            }
        }
        for (Target target : unfit) {
            if (first.size() < Waiting.SHOWN) {
                first.add(new Claimant(target, "IPFamilyMismatch"));
            }
        }
        return new Waiting(first, served ? total - 1 : total);
    }
}
