package dev.openkcm.networking.kernel.selector;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Members with labels, selectors over them, and who matches whom, each pair known exactly and told
 * as it changes. Members and selectors meet within a scope, such as a network.
 *
 * <p>The index goes both ways, after the example of Calico's Felix. Members are listed under each
 * of their labels, so that a new selector looks at the shortest such list. A selector is anchored
 * at its most restrictive must-have (one of some values of a label, else a label that must exist),
 * so that a member finds it by the labels it has; selectors without any (empty, or made of {@code
 * NotIn} and {@code DoesNotExist} alone) share one anchor per scope. Below its anchor a selector is
 * filed under the values its requirements mention, so that a member whose labels change meets only
 * selectors for which a requirement on a changed label may flip. The cost of a change depends
 * neither on how many members there are, nor on selectors that can't be affected by it.
 *
 * <p>Labels and names are numbers inside, given back when the last user is gone. Not thread-safe.
 */
public final class SelectorIndex {

    /** Hears who came together and who parted. */
    public interface Listener {
        void joined(String selector, String member);

        void left(String selector, String member);

        /** Listens to nothing, as when an index is filled with what is known already. */
        Listener NONE =
                new Listener() {
                    @Override
                    public void joined(String selector, String member) {}

                    @Override
                    public void left(String selector, String member) {}
                };
    }

    /** A value of a label. */
    private record Pair(int key, String value) {}

    /**
     * A selector, in numbers.
     *
     * @param anchors what it is filed under in its scope; none when it can match nothing
     */
    private record Filed(int scope, Term[] terms, int[] anchors, IntSet members) {}

    /**
     * A requirement, in numbers.
     *
     * @param pairs sorted; empty for {@code Exists} and {@code DoesNotExist}
     */
    private record Term(Operator operator, int key, int[] pairs) {}

    /** Selectors anchored at one place, and by the facts that their requirements turn on. */
    private static final class Anchor {
        final IntSet selectors = new IntSet();
        final IntMap<IntSet> byFact = new IntMap<>();
    }

    /** A member: the set of the selectors that match it, with what they are held against. */
    private static final class Member extends IntSet {
        final int scope;

        /** Its pairs, sorted by key. */
        int[] labels;

        Member(int scope, int[] labels) {
            this.scope = scope;
            this.labels = labels;
        }
    }

    private static final class Scope {
        /** How many requirements of its selectors mention a key with the same last six bits. */
        private final int[] mentions = new int[Long.SIZE];

        /** Of which last six bits of keys there are mentions. */
        private long mentioned;

        final IntSet members = new IntSet();
        final IntMap<IntSet> membersByPair = new IntMap<>();
        final IntMap<IntSet> pairsByKey = new IntMap<>();
        final IntMap<Anchor> anchors = new IntMap<>();

        void mention(int key, int more) {
            mentions[key & 63] += more;
            long bit = 1L << key;
            mentioned = mentions[key & 63] > 0 ? mentioned | bit : mentioned & ~bit;
        }

        /** False only when no requirement of its selectors is on the key. */
        boolean mentions(int key) {
            return ((mentioned >>> key) & 1) != 0;
        }
    }

    private static final int[] NONE = {};

    /** The anchor of selectors without a must-have; no fact has this number. */
    private static final int ANYWHERE = -1;

    private final Interner<String> scopeNames = new Interner<>();
    private final Interner<String> keys = new Interner<>();
    private final Interner<Pair> pairs = new Interner<>();
    private final Interner<String> memberNames = new Interner<>();
    private final Interner<String> selectorNames = new Interner<>();

    private @Nullable Scope[] scopes = {};
    private int[] keyOfPair = {};
    private @Nullable Member[] members = {};
    private @Nullable Filed[] filed = {};

    /** When each selector was last a candidate, so that none is looked at twice. */
    private int[] seen = {};

    private int round;
    private int[] candidates = new int[16];
    private int candidateCount;

    private long trueEvaluations;
    private long falseEvaluations;

    /** How often labels were held against a selector and it changed the result. */
    public long trueEvaluations() {
        return trueEvaluations;
    }

    /** How often labels were held against a selector in vain: the imprecision of the index. */
    public long falseEvaluations() {
        return falseEvaluations;
    }

    public int memberCount() {
        return memberNames.size();
    }

    public int selectorCount() {
        return selectorNames.size();
    }

    /** Whether nothing is kept of members and selectors that are gone. */
    boolean isClean() {
        return scopeNames.size() == 0
                && keys.size() == 0
                && pairs.size() == 0
                && memberNames.size() == 0
                && selectorNames.size() == 0;
    }

    /** The members that a selector matches, sorted; none when there is no such selector. */
    public List<String> members(String selector) {
        int number = selectorNames.find(selector);
        return number < 0 ? List.of() : sorted(memberNames, filed(number).members.toArray());
    }

    /** How many members a selector matches. */
    public int memberCount(String selector) {
        int number = selectorNames.find(selector);
        return number < 0 ? 0 : filed(number).members.size();
    }

    /** The selectors that match a member, sorted; none when there is no such member. */
    public List<String> selectors(String member) {
        int number = memberNames.find(member);
        return number < 0 ? List.of() : sorted(selectorNames, member(number).toArray());
    }

    /** Whether a selector matches a member. */
    public boolean matches(String selector, String member) {
        int selectorNumber = selectorNames.find(selector);
        int memberNumber = memberNames.find(member);
        return selectorNumber >= 0
                && memberNumber >= 0
                && filed(selectorNumber).members.contains(memberNumber);
    }

    /** Adds a member, or changes its labels or scope; tells first whom it left, each by name. */
    public void putMember(
            String scope, String member, SortedMap<String, String> newLabels, Listener listener) {
        int[] after = hold(newLabels);
        int number = memberNames.find(member);
        boolean stays = number >= 0 && member(number).scope == scopeNames.find(scope);
        if (stays && Arrays.equals(member(number).labels, after)) {
            release(after);
            return;
        }
        if (number >= 0 && !stays) {
            removeMember(member, listener);
            number = -1;
        }
        if (number < 0) {
            add(scope, member, after, listener);
        } else {
            relabel(number, after, listener);
        }
    }

    private void add(String scopeName, String member, int[] after, Listener listener) {
        int scopeNumber = holdScope(scopeName);
        int number = memberNames.hold(member);
        if (number >= members.length) {
            members = Arrays.copyOf(members, Interner.grown(number));
        }
        members[number] = new Member(scopeNumber, after);
        var scope = scope(scopeNumber);
        scope.members.add(number);
        for (int pair : after) {
            list(scope, pair, number);
        }
        startRound();
        if (!scope.anchors.isEmpty()) {
            for (int pair : after) {
                if (scope.mentions(keyOfPair[pair])) {
                    consider(scope, anchorAt(pair));
                    consider(scope, anchorOf(keyOfPair[pair]));
                }
            }
            consider(scope, ANYWHERE);
        }
        tellJoined(number, joining(number, after), listener);
    }

    private void consider(Scope scope, int place) {
        var anchor = scope.anchors.get(place);
        if (anchor != null) {
            consider(anchor.selectors);
        }
    }

    private void relabel(int number, int[] after, Listener listener) {
        var member = member(number);
        var scope = scope(member.scope);
        int[] before = member.labels;
        int[] turnedFalse = changes(scope, before, after, true);
        int[] turnedTrue = changes(scope, before, after, false);
        startRound();
        considerFacts(scope, before, turnedFalse);
        int[] leaving = leaving(number, after);
        startRound();
        considerFacts(scope, after, turnedTrue);
        int[] joining = joining(number, after);

        for (int pair : before) {
            if (!contains(after, pair)) {
                unlist(scope, pair, number);
            }
        }
        for (int pair : after) {
            if (!contains(before, pair)) {
                list(scope, pair, number);
            }
        }
        member.labels = after;
        release(before);
        for (int selector : leaving) {
            unmatch(selector, number);
        }
        for (String selector : sorted(selectorNames, leaving)) {
            listener.left(selector, memberNames.value(number));
        }
        tellJoined(number, joining, listener);
    }

    public void removeMember(String member, Listener listener) {
        int number = memberNames.find(member);
        if (number < 0) {
            return;
        }
        var is = member(number);
        var scope = scope(is.scope);
        int[] leaving = is.toArray();
        for (int selector : leaving) {
            filed(selector).members.remove(number);
        }
        for (int pair : is.labels) {
            unlist(scope, pair, number);
        }
        scope.members.remove(number);
        releaseScope(is.scope);
        release(is.labels);
        members[number] = null;
        memberNames.release(number);
        for (String selector : sorted(selectorNames, leaving)) {
            listener.left(selector, member);
        }
    }

    /** Adds a selector, or changes it; tells first whom it no longer matches, each by name. */
    public void putSelector(
            String scopeName, String selector, LabelSelector wanted, Listener listener) {
        int[] before = NONE;
        int number = selectorNames.find(selector);
        if (number >= 0) {
            before = filed(number).members.toArray();
            unfile(number);
        } else {
            number = selectorNames.hold(selector);
            if (number >= filed.length) {
                filed = Arrays.copyOf(filed, Interner.grown(number));
                seen = Arrays.copyOf(seen, filed.length);
            }
            seen[number] = 0;
        }
        var is = file(number, holdScope(scopeName), wanted);
        int[] leaving = new int[before.length];
        int left = 0;
        for (int member : before) {
            if (!is.members.contains(member)) {
                leaving[left++] = member;
                member(member).remove(number);
            }
        }
        int[] joining = is.members.toArray();
        int joined = 0;
        for (int member : joining) {
            if (member(member).add(number)) {
                joining[joined++] = member;
            }
        }
        for (String member : sorted(memberNames, Arrays.copyOf(leaving, left))) {
            listener.left(selector, member);
        }
        for (String member : sorted(memberNames, Arrays.copyOf(joining, joined))) {
            listener.joined(selector, member);
        }
    }

    public void removeSelector(String selector, Listener listener) {
        int number = selectorNames.find(selector);
        if (number < 0) {
            return;
        }
        int[] leaving = filed(number).members.toArray();
        var names = sorted(memberNames, leaving);
        unfile(number);
        filed[number] = null;
        selectorNames.release(number);
        for (int member : leaving) {
            member(member).remove(number);
        }
        for (String member : names) {
            listener.left(selector, member);
        }
    }

    // ---- Selectors, filed ----

    private Filed file(int number, int scopeNumber, LabelSelector wanted) {
        var scope = scope(scopeNumber);
        var terms = new Term[wanted.requirements().size()];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = term(wanted.requirements().get(i));
            scope.mention(terms[i].key, 1);
        }
        int anchored = mostRestrictive(scope, terms);
        var mustHave = anchored < 0 ? null : terms[anchored];
        var is = new Filed(scopeNumber, terms, places(mustHave), new IntSet());
        filed[number] = is;
        for (int place : is.anchors) {
            var anchor = scope.anchors.get(place);
            if (anchor == null) {
                anchor = new Anchor();
                scope.anchors.put(place, anchor);
            }
            anchor.selectors.add(number);
            for (int i = 0; i < terms.length; i++) {
                // Of the requirement that leads here, no other value is of interest here.
                for (int fact : i == anchored ? new int[] {place} : facts(terms[i])) {
                    set(anchor.byFact, fact).add(number);
                }
            }
        }
        search(scope, mustHave, is);
        return is;
    }

    private void unfile(int number) {
        var was = filed(number);
        var scope = scope(was.scope);
        for (int place : was.anchors) {
            var anchor = scope.anchors.get(place);
            if (anchor == null) {
                continue;
            }
            anchor.selectors.remove(number);
            for (var term : was.terms) {
                for (int fact : facts(term)) {
                    discard(anchor.byFact, fact, number);
                }
            }
            if (anchor.selectors.isEmpty()) {
                scope.anchors.remove(place);
            }
        }
        for (var term : was.terms) {
            scope.mention(term.key, -1);
            release(term.pairs);
            keys.release(term.key);
        }
        releaseScope(was.scope);
    }

    private Term term(Requirement requirement) {
        int key = keys.hold(requirement.key());
        int[] values = NONE;
        if (requirement.operator() == Operator.In || requirement.operator() == Operator.NotIn) {
            values = new int[requirement.values().size()];
            int i = 0;
            for (String value : requirement.values()) {
                values[i++] = hold(key, value);
            }
            Arrays.sort(values);
        }
        return new Term(requirement.operator(), key, values);
    }

    /**
     * Which requirement of those that need a label the fewest members meet now; −1 for none. While
     * a scope is still empty, the one at whose values the fewest selectors are anchored, so that
     * those which share a requirement are told apart by the others.
     */
    private static int mostRestrictive(Scope scope, Term[] terms) {
        int best = -1;
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < terms.length; i++) {
            if (terms[i].operator == Operator.In) {
                long crowd = crowd(scope, terms[i].pairs);
                if (crowd < fewest) {
                    best = i;
                    fewest = crowd;
                }
            } else if (terms[i].operator == Operator.Exists && best < 0) {
                best = i;
            }
        }
        return best;
    }

    /** Orders by members with one of the values, then by selectors anchored at one of them. */
    private static long crowd(Scope scope, int[] values) {
        long members = 0;
        long anchored = 0;
        for (int pair : values) {
            var listed = scope.membersByPair.get(pair);
            var anchor = scope.anchors.get(anchorAt(pair));
            members += listed == null ? 0 : listed.size();
            anchored += anchor == null ? 0 : anchor.selectors.size();
        }
        return (members << 32) + anchored;
    }

    private static int[] places(@Nullable Term mustHave) {
        if (mustHave == null) {
            return new int[] {ANYWHERE};
        }
        if (mustHave.operator == Operator.Exists) {
            return new int[] {anchorOf(mustHave.key)};
        }
        int[] places = new int[mustHave.pairs.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = anchorAt(mustHave.pairs[i]);
        }
        return places;
    }

    private void search(Scope scope, @Nullable Term mustHave, Filed is) {
        if (mustHave == null) {
            search(scope.members, is);
        } else if (mustHave.operator == Operator.In) {
            for (int pair : mustHave.pairs) {
                search(scope.membersByPair.get(pair), is);
            }
        } else {
            var values = scope.pairsByKey.get(mustHave.key);
            if (values != null) {
                for (int pair : values.toArray()) {
                    search(scope.membersByPair.get(pair), is);
                }
            }
        }
    }

    private void search(@Nullable IntSet listed, Filed is) {
        if (listed != null) {
            for (int i = 0; i < listed.slots(); i++) {
                int member = listed.at(i);
                if (member >= 0 && evaluate(is, member(member).labels)) {
                    is.members.add(member);
                }
            }
        }
    }

    // ---- Facts: what a requirement turns on. Four per number: pair is, pair is not, … ----

    private static int isPair(int pair) {
        return 4 * pair;
    }

    private static int isNotPair(int pair) {
        return 4 * pair + 1;
    }

    private static int hasKey(int key) {
        return 4 * key + 2;
    }

    private static int lacksKey(int key) {
        return 4 * key + 3;
    }

    private static int anchorAt(int pair) {
        return isPair(pair);
    }

    private static int anchorOf(int key) {
        return hasKey(key);
    }

    /** The facts of which one must turn true before the requirement can. */
    private static int[] facts(Term term) {
        return switch (term.operator) {
            case Exists -> new int[] {hasKey(term.key)};
            case DoesNotExist -> new int[] {lacksKey(term.key)};
            case In, NotIn -> {
                int[] facts = new int[term.pairs.length];
                for (int i = 0; i < facts.length; i++) {
                    facts[i] =
                            term.operator == Operator.In
                                    ? isPair(term.pairs[i])
                                    : isNotPair(term.pairs[i]);
                }
                yield facts;
            }
        };
    }

    /** The facts that turned false, or those that turned true, of those that are mentioned. */
    private int[] changes(Scope scope, int[] before, int[] after, boolean turnedFalse) {
        int[] lost = turnedFalse ? before : after;
        int[] gained = turnedFalse ? after : before;
        int[] facts = NONE;
        int count = 0;
        for (int pair : lost) {
            int key = keyOfPair[pair];
            if (scope.mentions(key) && !contains(gained, pair)) {
                facts = facts.length == 0 ? new int[2 * (lost.length + gained.length)] : facts;
                facts[count++] = isPair(pair);
                if (!hasKey(gained, key)) {
                    facts[count++] = hasKey(key);
                }
            }
        }
        for (int pair : gained) {
            int key = keyOfPair[pair];
            if (scope.mentions(key) && !contains(lost, pair)) {
                facts = facts.length == 0 ? new int[2 * (lost.length + gained.length)] : facts;
                facts[count++] = isNotPair(pair);
                if (!hasKey(lost, key)) {
                    facts[count++] = lacksKey(key);
                }
            }
        }
        return Arrays.copyOf(facts, count);
    }

    private boolean hasKey(int[] some, int key) {
        for (int pair : some) {
            if (keyOfPair[pair] == key) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(int[] some, int wanted) {
        for (int one : some) {
            if (one == wanted) {
                return true;
            }
        }
        return false;
    }

    // ---- Candidates ----

    private void startRound() {
        if (++round == 0) {
            Arrays.fill(seen, 0);
            round = 1;
        }
        candidateCount = 0;
    }

    private void considerFacts(Scope scope, int[] having, int[] facts) {
        if (facts.length == 0) {
            return;
        }
        for (int pair : having) {
            if (scope.mentions(keyOfPair[pair])) {
                considerFacts(scope.anchors.get(anchorAt(pair)), facts);
                considerFacts(scope.anchors.get(anchorOf(keyOfPair[pair])), facts);
            }
        }
        considerFacts(scope.anchors.get(ANYWHERE), facts);
    }

    private void considerFacts(@Nullable Anchor anchor, int[] facts) {
        if (anchor != null) {
            for (int fact : facts) {
                var selectors = anchor.byFact.get(fact);
                if (selectors != null) {
                    consider(selectors);
                }
            }
        }
    }

    private void consider(IntSet selectors) {
        for (int i = 0; i < selectors.slots(); i++) {
            int selector = selectors.at(i);
            if (selector >= 0 && seen[selector] != round) {
                seen[selector] = round;
                if (candidateCount == candidates.length) {
                    candidates = Arrays.copyOf(candidates, 2 * candidateCount);
                }
                candidates[candidateCount++] = selector;
            }
        }
    }

    private int[] leaving(int member, int[] after) {
        int count = 0;
        for (int i = 0; i < candidateCount; i++) {
            var selector = filed(candidates[i]);
            if (selector.members.contains(member) && !matches(selector.terms, after)) {
                trueEvaluations++;
                candidates[count++] = candidates[i];
            } else {
                falseEvaluations++;
            }
        }
        return count == 0 ? NONE : Arrays.copyOf(candidates, count);
    }

    private int[] joining(int member, int[] after) {
        int count = 0;
        for (int i = 0; i < candidateCount; i++) {
            var selector = filed(candidates[i]);
            if (!selector.members.contains(member) && evaluate(selector, after)) {
                candidates[count++] = candidates[i];
            }
        }
        return count == 0 ? NONE : Arrays.copyOf(candidates, count);
    }

    private boolean evaluate(Filed selector, int[] having) {
        boolean result = matches(selector.terms, having);
        if (result) {
            trueEvaluations++;
        } else {
            falseEvaluations++;
        }
        return result;
    }

    private boolean matches(Term[] terms, int[] having) {
        for (var term : terms) {
            boolean met =
                    switch (term.operator) {
                        case In -> meets(having, term.pairs);
                        case NotIn -> !meets(having, term.pairs);
                        case Exists -> hasKey(having, term.key);
                        case DoesNotExist -> !hasKey(having, term.key);
                    };
            if (!met) {
                return false;
            }
        }
        return true;
    }

    private static boolean meets(int[] having, int[] sorted) {
        for (int pair : having) {
            if (Arrays.binarySearch(sorted, pair) >= 0) {
                return true;
            }
        }
        return false;
    }

    private void tellJoined(int member, int[] joining, Listener listener) {
        for (int selector : joining) {
            filed(selector).members.add(member);
            member(member).add(selector);
        }
        for (String selector : sorted(selectorNames, joining)) {
            listener.joined(selector, memberNames.value(member));
        }
    }

    private void unmatch(int selector, int member) {
        filed(selector).members.remove(member);
        member(member).remove(selector);
    }

    // ---- Numbers ----

    private int[] hold(SortedMap<String, String> some) {
        int[] held = new int[some.size()];
        int count = 0;
        for (var label : some.entrySet()) {
            int key = keys.hold(label.getKey());
            int pair = hold(key, label.getValue());
            keys.release(key);
            int at = count++;
            while (at > 0 && keyOfPair[held[at - 1]] > keyOfPair[pair]) {
                held[at] = held[at - 1];
                at--;
            }
            held[at] = pair;
        }
        return held;
    }

    /** Holds the pair, and the key once for it as long as anyone holds the pair. */
    private int hold(int key, String value) {
        int known = pairs.size();
        int pair = pairs.hold(new Pair(key, value));
        if (pairs.size() > known) {
            keys.hold(keys.value(key));
            if (pair >= keyOfPair.length) {
                keyOfPair = Arrays.copyOf(keyOfPair, Interner.grown(pair));
            }
            keyOfPair[pair] = key;
        }
        return pair;
    }

    private void release(int[] some) {
        for (int pair : some) {
            if (pairs.release(pair)) {
                keys.release(keyOfPair[pair]);
            }
        }
    }

    private void list(Scope scope, int pair, int member) {
        var listed = set(scope.membersByPair, pair);
        if (listed.isEmpty()) {
            set(scope.pairsByKey, keyOfPair[pair]).add(pair);
        }
        listed.add(member);
    }

    private void unlist(Scope scope, int pair, int member) {
        if (discard(scope.membersByPair, pair, member)) {
            discard(scope.pairsByKey, keyOfPair[pair], pair);
        }
    }

    private static IntSet set(IntMap<IntSet> sets, int key) {
        var set = sets.get(key);
        if (set == null) {
            set = new IntSet();
            sets.put(key, set);
        }
        return set;
    }

    /** Returns whether nothing is left under the key. */
    private static boolean discard(IntMap<IntSet> sets, int key, int member) {
        var set = sets.get(key);
        if (set == null) {
            return true;
        }
        set.remove(member);
        if (set.isEmpty()) {
            sets.remove(key);
            return true;
        }
        return false;
    }

    private int holdScope(String name) {
        int number = scopeNames.hold(name);
        if (number >= scopes.length) {
            scopes = Arrays.copyOf(scopes, Interner.grown(number));
        }
        if (scopes[number] == null) {
            scopes[number] = new Scope();
        }
        return number;
    }

    private void releaseScope(int number) {
        if (scopeNames.release(number)) {
            scopes[number] = null;
        }
    }

    @SuppressWarnings("NullAway") // A number leads to its scope while it is held.
    private Scope scope(int number) {
        return scopes[number];
    }

    @SuppressWarnings("NullAway") // A number leads to its selector while it is held.
    private Filed filed(int number) {
        return filed[number];
    }

    @SuppressWarnings("NullAway") // A number leads to its member while it is held.
    private Member member(int number) {
        return members[number];
    }

    // ---- Order, the same whatever the numbers ----

    private static List<String> sorted(Interner<String> names, int[] numbers) {
        if (numbers.length < 2) {
            return numbers.length == 0 ? List.of() : List.of(names.value(numbers[0]));
        }
        var sorted = new String[numbers.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = names.value(numbers[i]);
        }
        Arrays.sort(sorted);
        return Arrays.asList(sorted);
    }
}
