package dev.openkcm.networking.cli.verify;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Who holds which ranges, in one place where none may overlap. */
final class Holdings {

    private record Held(Range range, String text, String holder, String place) {}

    /** A range that is held already. */
    record Clash(String held, String holder, String place) {}

    /** By family, then by first address. Since nothing overlaps, neighbours are all to look at. */
    private final Map<Integer, NavigableMap<BigInteger, Held>> byFirst = new HashMap<>();

    private final Map<String, Set<Range>> byHolder = new HashMap<>();

    /** Takes a range, unless it overlaps what another holds. */
    Optional<Clash> take(String text, String holder, String place) {
        Range range = Range.of(text);
        Optional<Clash> clash = overlapping(range, holder);
        if (clash.isEmpty()) {
            family(range).put(range.first(), new Held(range, text, holder, place));
            byHolder.computeIfAbsent(holder, _ -> new HashSet<>()).add(range);
        }
        return clash;
    }

    /** What of others overlaps the range. */
    Optional<Clash> overlapping(Range range, String holder) {
        Map.Entry<BigInteger, Held> before = family(range).floorEntry(range.last());
        while (before != null && before.getValue().range().overlaps(range)) {
            Held held = before.getValue();
            if (!held.holder().equals(holder)) {
                return Optional.of(new Clash(held.text(), held.holder(), held.place()));
            }
            before = family(range).lowerEntry(before.getKey());
        }
        return Optional.empty();
    }

    void release(String holder) {
        for (Range range : Optional.ofNullable(byHolder.remove(holder)).orElse(Set.of())) {
            family(range).remove(range.first());
        }
    }

    /** The holder has these now and nothing else; what clashes is left to whom it was. */
    List<Clash> replace(String holder, List<String> texts, String place) {
        release(holder);
        return texts.stream()
                .map(text -> take(text, holder, place))
                .flatMap(Optional::stream)
                .toList();
    }

    private NavigableMap<BigInteger, Held> family(Range range) {
        return byFirst.computeIfAbsent(range.bits(), _ -> new TreeMap<>());
    }
}
