package dev.openkcm.networking.kernel.selector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorIndexTest {

    private static final List<Operator> OPERATORS = List.of(Operator.values());

    private final SelectorIndex index = new SelectorIndex();
    private final List<String> heard = new ArrayList<>();
    private final SelectorIndex.Listener listener =
            new SelectorIndex.Listener() {
                @Override
                public void joined(String selector, String member) {
                    heard.add("+" + selector + ":" + member);
                }

                @Override
                public void left(String selector, String member) {
                    heard.add("-" + selector + ":" + member);
                }
            };

    @Test
    void tellsWhoJoinsAndLeaves() {
        selector("net", "web", "app=web");
        member("net", "a", "app=web,tier=front");
        assertThat(heard()).containsExactly("+web:a");

        member("net", "a", "app=db");
        assertThat(heard()).containsExactly("-web:a");

        selector("net", "web", "app in (web,db)");
        assertThat(heard()).containsExactly("+web:a");
        assertThat(index.members("web")).containsExactly("a");
        assertThat(index.selectors("a")).containsExactly("web");

        index.removeMember("a", listener);
        assertThat(heard()).containsExactly("-web:a");
    }

    @Test
    void tellsPartingsFirstThenMeetingsEachByName() {
        selector("net", "s3", "app=web");
        selector("net", "s1", "!db");
        selector("net", "s4", "app");
        selector("net", "s2", "db=x");
        member("net", "m", "app=web");
        assertThat(heard()).containsExactly("+s1:m", "+s3:m", "+s4:m");

        member("net", "m", "db=x");
        assertThat(heard()).containsExactly("-s1:m", "-s3:m", "-s4:m", "+s2:m");
    }

    @Test
    void staysSilentWhenNothingChanges() {
        selector("net", "s", "app=web");
        member("net", "m", "app=web");
        heard();
        member("net", "m", "app=web");
        selector("net", "s", "app in (web)");
        member("net", "m", "app=web,other=1");
        assertThat(heard()).isEmpty();
    }

    @Test
    void keepsScopesApart() {
        selector("one", "s", "app=web");
        member("two", "m", "app=web");
        assertThat(heard()).isEmpty();

        member("one", "m", "app=web");
        assertThat(heard()).containsExactly("+s:m");

        selector("two", "s", "app=web");
        assertThat(heard()).containsExactly("-s:m");
    }

    @Test
    void looksAtNoSelectorThatALabelCannotAffect() {
        for (int i = 0; i < 1000; i++) {
            selector("net", "all" + i, "");
            selector("net", "env" + i, "env=prod,app=app" + i);
            selector("net", "not" + i, "zone!=z" + i);
        }
        member("net", "m", "env=test,app=app7,zone=z0,colour=red");
        heard();
        long before = index.trueEvaluations() + index.falseEvaluations();

        member("net", "m", "env=test,app=app7,zone=z0,colour=blue");
        assertThat(index.trueEvaluations() + index.falseEvaluations()).isEqualTo(before);

        member("net", "m", "env=prod,app=app7,zone=z0,colour=blue");
        assertThat(heard()).containsExactly("+env7:m");
        // The first of the thousand is anchored at env=prod, all others at their app.
        assertThat(index.trueEvaluations() + index.falseEvaluations()).isEqualTo(before + 2);

        member("net", "m", "env=prod,app=app7,zone=z1,colour=blue");
        assertThat(heard()).containsExactly("-not1:m", "+not0:m");
        assertThat(index.trueEvaluations() + index.falseEvaluations()).isEqualTo(before + 4);
    }

    @Test
    void evaluatesANewSelectorOnlyOnMembersWithItsRarestLabel() {
        for (int i = 0; i < 1000; i++) {
            member("net", "m" + i, "env=prod,app=app" + i % 100);
        }
        selector("net", "s", "env=prod,app=app7");
        assertThat(heard()).hasSize(10);
        assertThat(index.trueEvaluations()).isEqualTo(10);
        assertThat(index.falseEvaluations()).isZero();
    }

    @Test
    void aSelectorThatNothingCanMeetMatchesNothing() {
        var never = new Requirement("app", Operator.In, new TreeSet<>());
        index.putSelector("net", "never", new LabelSelector(List.of(never)), listener);
        selector("net", "contrary", "app=web,app=db");
        selector("net", "absurd", "app,!app");
        member("net", "m", "app=web");
        member("net", "m", "app=db");
        assertThat(heard()).isEmpty();
        assertThat(index.members("contrary")).isEmpty();
    }

    @Test
    void answersEmptyForWhatItDoesNotKnow() {
        assertThat(index.members("s")).isEmpty();
        assertThat(index.memberCount("s")).isZero();
        assertThat(index.selectors("m")).isEmpty();
        assertThat(index.matches("s", "m")).isFalse();
        index.removeMember("m", listener);
        index.removeSelector("s", listener);
        assertThat(heard()).isEmpty();
    }

    /** Few names and labels, so that histories meet every combination again and again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void equalsAFullScanAfterEveryChangeOfASeededHistory(long seed) {
        var random = new Random(seed);
        int names = 3 + random.nextInt(60);
        var members = new TreeMap<String, Member>();
        var selectors = new TreeMap<String, Selector>();
        var told = new TreeMap<String, Set<String>>();
        for (int step = 0; step < 2_500; step++) {
            heard.clear();
            String member = "m" + random.nextInt(names);
            String selector = "s" + random.nextInt(names);
            int what = random.nextInt(100);
            // Long phases of growth and of decline, so that every table grows and shrinks.
            boolean growing = step / 600 % 2 == 0;
            if (what < 50) {
                var put = new Member("net" + random.nextInt(2), labels(random));
                members.put(member, put);
                index.putMember(put.scope(), member, put.labels(), listener);
            } else if (what < (growing ? 90 : 60)) {
                var put = new Selector("net" + random.nextInt(2), requirements(random));
                selectors.put(selector, put);
                index.putSelector(put.scope(), selector, put.selector(), listener);
            } else if (what < (growing ? 94 : 80)) {
                selectors.remove(selector);
                index.removeSelector(selector, listener);
            } else {
                members.remove(member);
                index.removeMember(member, listener);
            }
            hear(told, seed, step);
            var expected = scan(members, selectors);
            assertThat(told).as("seed %d, step %d", seed, step).isEqualTo(expected);
            if (step % 50 == 0) {
                assertBothWays(members, selectors, expected);
            }
        }
        members.keySet().forEach(m -> index.removeMember(m, listener));
        selectors.keySet().forEach(s -> index.removeSelector(s, listener));
        assertThat(index.isClean()).isTrue();
    }

    private record Member(String scope, SortedMap<String, String> labels) {}

    private record Selector(String scope, LabelSelector selector) {}

    /** Plays what was told, which must be news each time, partings before meetings. */
    private void hear(Map<String, Set<String>> told, long seed, int step) {
        boolean met = false;
        for (String one : heard) {
            int colon = one.indexOf(':');
            String selector = one.substring(1, colon);
            String member = one.substring(colon + 1);
            if (one.startsWith("+")) {
                met = true;
                assertThat(told.computeIfAbsent(selector, s -> new TreeSet<>()).add(member))
                        .as("seed %d, step %d: %s", seed, step, one)
                        .isTrue();
            } else {
                assertThat(met).as("seed %d, step %d: %s", seed, step, one).isFalse();
                assertThat(told.getOrDefault(selector, new TreeSet<>()).remove(member))
                        .as("seed %d, step %d: %s", seed, step, one)
                        .isTrue();
                told.values().removeIf(Set::isEmpty);
            }
        }
    }

    private static Map<String, Set<String>> scan(
            Map<String, Member> members, Map<String, Selector> selectors) {
        var all = new TreeMap<String, Set<String>>();
        selectors.forEach((s, selector) ->
                members.forEach((m, member) -> {
                    if (selector.scope().equals(member.scope())
                            && selector.selector().matches(member.labels())) {
                        all.computeIfAbsent(s, x -> new TreeSet<>()).add(m);
                    }
                }));
        return all;
    }

    private void assertBothWays(
            Map<String, Member> members,
            Map<String, Selector> selectors,
            Map<String, Set<String>> expected) {
        for (String selector : selectors.keySet()) {
            var matched = expected.getOrDefault(selector, new TreeSet<>());
            assertThat(index.members(selector)).containsExactlyElementsOf(matched);
            assertThat(index.memberCount(selector)).isEqualTo(matched.size());
        }
        for (String member : members.keySet()) {
            var matching = expected.keySet().stream().filter(s -> expected.get(s).contains(member));
            assertThat(index.selectors(member)).containsExactlyElementsOf(matching.toList());
        }
        assertThat(index.memberCount()).isEqualTo(members.size());
        assertThat(index.selectorCount()).isEqualTo(selectors.size());
    }

    private static SortedMap<String, String> labels(Random random) {
        var labels = new TreeMap<String, String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            labels.put("k" + random.nextInt(4), "v" + random.nextInt(3));
        }
        return labels;
    }

    private static LabelSelector requirements(Random random) {
        var requirements = new ArrayList<Requirement>();
        for (int i = random.nextInt(4); i > 0; i--) {
            var operator = OPERATORS.get(random.nextInt(4));
            var values = new TreeSet<String>();
            if (operator == Operator.In || operator == Operator.NotIn) {
                for (int v = random.nextInt(4); v > 0; v--) {
                    values.add("v" + random.nextInt(3));
                }
            }
            requirements.add(new Requirement("k" + random.nextInt(4), operator, values));
        }
        return new LabelSelector(requirements);
    }

    private List<String> heard() {
        var all = List.copyOf(heard);
        heard.clear();
        return all;
    }

    private void selector(String scope, String name, String text) {
        index.putSelector(scope, name, LabelSelector.parse(text).orElseThrow(), listener);
    }

    private void member(String scope, String name, String text) {
        var labels = new TreeMap<String, String>();
        for (String label : text.split(",", -1)) {
            int equal = label.indexOf('=');
            labels.put(label.substring(0, equal), label.substring(equal + 1));
        }
        index.putMember(scope, name, labels, listener);
    }
}
