package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * What must hold between policies, what they select, and the published rules and groups. Every
 * policy is read anew, and every selector is held against every resource.
 */
final class PolicyRules {

    /**
     * A selector of a policy, as the same text however it is spelled.
     *
     * @param network of the policy, with its namespace
     */
    private record Selection(String network, String kind, String said) {}

    /** What a row says, or should: its direction, who is at the other end, and the ports. */
    private record Statement(
            String direction, String action, Object appliedTo, Object peer, List<Range> ports) {}

    private final Estate estate;
    private final Tally tally;

    /** The group that each selector became, by what the rules say. */
    private final Map<Selection, String> groups = new HashMap<>();

    private final Map<String, Selection> selections = new HashMap<>();

    /** For each selector, who must be in its group: by name, uid and addresses. */
    private final Map<Selection, Map<String, String>> wanted = new HashMap<>();

    private PolicyRules(Estate estate, Tally tally) {
        this.estate = estate;
        this.tally = tally;
    }

    /** The rules say what the policies say, and the groups are whom the selectors match. */
    static void compiled(Estate estate, Tally tally) {
        var rules = new PolicyRules(estate, tally);
        rules.checkRules();
        rules.checkGroups();
    }

    // ---- Rules ----

    private void checkRules() {
        Map<String, List<LogRecord>> byPolicy = new TreeMap<>();
        estate.rows(
                Estate.RULES,
                (record, _) ->
                        byPolicy.computeIfAbsent(owner(record), _ -> new ArrayList<>())
                                .add(record));
        Set<String> policies = new TreeSet<>(byPolicy.keySet());
        estate.states("NetworkPolicy", (record, _) -> policies.add(String.valueOf(record.key())));
        for (String key : policies) {
            checkRules(key, byPolicy.getOrDefault(key, List.of()));
        }
    }

    private void checkRules(String key, List<LogRecord> rows) {
        GenericRecord policy = estate.state("NetworkPolicy", key);
        // What is said twice is one rule, that of the first place.
        Map<Statement, String> said = new HashMap<>();
        if (policy != null && estate.state("Network", network(policy)) != null) {
            statements(policy, said);
        }
        Map<String, Statement> byPlace = new TreeMap<>();
        said.forEach((statement, place) -> byPlace.put(place, statement));
        Set<String> published = new TreeSet<>();
        long allowing = 0;
        for (LogRecord record : rows) {
            GenericRecord row = Objects.requireNonNull(record.value());
            String place = place(row);
            Statement expected = byPlace.get(place);
            tally.expect(
                    published.add(place) && expected != null && says(row, expected),
                    "NetworkPolicy %s: the rule %s says %s, the policy there %s"
                            .formatted(key, place, row, expected == null ? "nothing" : expected),
                    record.place());
            tally.expect(
                    policy != null
                            && Values.text(policy, "metadata.uid").equals(Values.text(row, "uid"))
                            && Values.number(row, "ownerVersion")
                                    <= Values.number(policy, "metadata.resourceVersion"),
                    "the rule %s is of a NetworkPolicy that there is not, or of a later version"
                            .formatted(record.key()),
                    record.place());
            allowing += Values.text(row, "action").equals("Allow") ? 1 : 0;
        }
        tally.expect(
                published.equals(byPlace.keySet()),
                "NetworkPolicy %s: rules are published for %s, the policy has them at %s"
                        .formatted(key, published, byPlace.keySet()));
        checkProof(key, rows);
        if (policy != null) {
            checkStatus(key, policy, allowing, !said.isEmpty());
        }
    }

    private void checkStatus(String key, GenericRecord policy, long rules, boolean compiled) {
        long interfaces = compiled ? wanted.getOrDefault(appliedTo(policy), Map.of()).size() : 0;
        tally.expect(
                Values.number(policy, "status.rules") == rules
                        && Values.number(policy, "status.interfaces") == interfaces,
                "NetworkPolicy %s: the status counts %d rules and %d interfaces, there are %d and %d"
                        .formatted(
                                key,
                                Values.number(policy, "status.rules"),
                                Values.number(policy, "status.interfaces"),
                                rules,
                                interfaces));
    }

    /** The denying rows of a policy are written last, so the last row proves the set. */
    private void checkProof(String policy, List<LogRecord> rows) {
        if (rows.isEmpty()) {
            return;
        }
        LogRecord last =
                rows.stream().max(Comparator.comparingLong(LogRecord::offset)).orElseThrow();
        SetHash hash = new SetHash();
        rows.forEach(row -> hash.toggle(String.valueOf(row.key())));
        String told = Values.text(last.value(), "setHash");
        tally.expect(
                told.equals(hash.text()),
                "NetworkPolicy %s: setHash is %s, %d rules make %s"
                        .formatted(policy, told, rows.size(), hash.text()),
                last.place());
    }

    /** All that a policy says, and where first. */
    private void statements(GenericRecord policy, Map<Statement, String> said) {
        Selection appliedTo = appliedTo(policy);
        for (String direction : Values.texts(policy, "spec.policyTypes")) {
            said.put(
                    new Statement(direction, "Deny", appliedTo, "Everyone", List.of()),
                    direction + " deny");
            List<GenericRecord> rules =
                    Values.records(policy, "spec." + direction.toLowerCase(Locale.ROOT));
            for (int rule = 0; rule < rules.size(); rule++) {
                List<Range> ports = ports(Values.records(rules.get(rule), "ports"));
                List<GenericRecord> peers =
                        Values.records(
                                rules.get(rule), direction.equals("Ingress") ? "from" : "to");
                String place = direction + " " + rule;
                if (peers.isEmpty()) {
                    said.putIfAbsent(
                            new Statement(direction, "Allow", appliedTo, "Everyone", ports),
                            place + " -1");
                }
                for (int peer = 0; peer < peers.size(); peer++) {
                    Object other = peer(policy, peers.get(peer));
                    if (!other.equals(List.of())) {
                        said.putIfAbsent(
                                new Statement(direction, "Allow", appliedTo, other, ports),
                                place + " " + peer);
                    }
                }
            }
        }
    }

    /** A selector, or ranges; no ranges at all when the excepts leave nothing. */
    private Object peer(GenericRecord policy, GenericRecord peer) {
        if (Values.at(peer, "objectSelector") instanceof GenericRecord selector) {
            return selection(policy, Values.text(selector, "kind"), selector);
        }
        List<Range> left = List.of(Range.of(Values.text(peer, "ipBlock.cidr")));
        for (String except : Values.texts(peer, "ipBlock.except")) {
            Range hole = Range.of(except);
            left = left.stream().flatMap(range -> range.without(hole).stream()).toList();
        }
        return Range.merged(left);
    }

    /** Ports of the three protocols side by side, as if they were addresses. */
    private static List<Range> ports(List<GenericRecord> ports) {
        List<Range> ranges = new ArrayList<>();
        for (GenericRecord port : ports) {
            int protocol =
                    List.of("TCP", "UDP", "SCTP").indexOf(Values.text(port, "protocol")) << 17;
            long from = Values.number(port, "port");
            long to = Values.number(port, "endPort");
            ranges.add(
                    Range.between(
                            protocol + (from < 0 ? 1 : from),
                            protocol + (from < 0 ? 65_535 : Math.max(from, to))));
        }
        return Range.merged(ranges);
    }

    private boolean says(GenericRecord row, Statement expected) {
        boolean peer =
                switch (Values.text(row, "peer")) {
                    case "Group" ->
                            expected.peer() instanceof Selection selection
                                    && means(Values.text(row, "peerGroup"), selection);
                    case "Ranges" ->
                            Range.merged(ranges(Values.texts(row, "peerRanges")))
                                    .equals(expected.peer());
                    default -> expected.peer().equals("Everyone");
                };
        return peer
                && Values.text(row, "direction").equals(expected.direction())
                && Values.text(row, "action").equals(expected.action())
                && means(Values.text(row, "appliedTo"), (Selection) expected.appliedTo())
                && ports(Values.records(row, "ports")).equals(expected.ports());
    }

    /** Equal selectors are one group, and different ones are two. */
    private boolean means(String group, Selection selection) {
        String before = groups.putIfAbsent(selection, group);
        Selection other = selections.putIfAbsent(group, selection);
        return (before == null || before.equals(group))
                && (other == null || other.equals(selection));
    }

    private static String place(GenericRecord row) {
        String direction = Values.text(row, "direction");
        return Values.text(row, "action").equals("Deny")
                ? direction + " deny"
                : "%s %d %d"
                        .formatted(
                                direction,
                                Values.number(row, "ruleIndex"),
                                Values.number(row, "peerIndex"));
    }

    // ---- Groups ----

    private void checkGroups() {
        Map<String, Published> found = new TreeMap<>();
        estate.all(
                Estate.GROUPS,
                record -> found.computeIfAbsent(owner(record), _ -> new Published()).take(record));
        wanted.forEach((selection, members) -> {
            String group = groups.get(selection);
            Published published = group == null ? null : found.get(group);
            Map<String, String> shown = published == null ? Map.of() : published.members;
            tally.expect(
                    shown.equals(members),
                    "group %s of %s: the members are %s, the selector matches %s"
                            .formatted(group, selection, shown, members));
        });
        found.forEach((group, published) -> {
            tally.expect(
                    published.members.isEmpty() || selections.containsKey(group),
                    "group %s has members %s, and no rule refers to it"
                            .formatted(group, published.members),
                    published.place());
            checkProof(group, published);
        });
    }

    /** The rows of one group. */
    private static final class Published {
        final Map<String, String> members = new TreeMap<>();
        final SetHash hash = new SetHash();
        private @Nullable LogRecord last;

        void take(LogRecord record) {
            if (last == null || last.offset() < record.offset()) {
                last = record;
            }
            GenericRecord row = record.value();
            if (row != null) {
                List<String> addresses = Values.texts(row, "addresses");
                String uid = Values.text(row, "uid");
                members.put(Values.text(row, "name"), member(uid, addresses));
                hash.toggle("%s\n%s\n%s".formatted(record.key(), uid, String.join(",", addresses)));
            }
        }

        LogRecord last() {
            return Objects.requireNonNull(last);
        }

        String place() {
            return last().place();
        }

        /** The hash of the set as the last record told it. */
        String told() {
            return last().tombstone()
                    ? Values.orElse(last().headers().get("openkcm-set-hash"), "")
                    : Values.text(last().value(), "setHash");
        }
    }

    /**
     * A row that is older than tombstones are sure to stay may have been followed by one that is
     * gone, and then proves nothing.
     */
    private void checkProof(String group, Published published) {
        if (published.last().tombstone() || !estate.mayBeFollowedByForgotten(published.last())) {
            tally.expect(
                    published.told().equals(published.hash.text()),
                    "group %s: the set hash is %s, its rows make %s"
                            .formatted(group, published.told(), published.hash.text()),
                    published.place());
        }
    }

    private Selection appliedTo(GenericRecord policy) {
        return selection(
                policy,
                "NetworkInterface",
                (GenericRecord) Values.at(policy, "spec.networkInterfaceSelector"));
    }

    private Selection selection(
            GenericRecord policy, String kind, @Nullable GenericRecord selector) {
        Set<String> said = new TreeSet<>();
        Values.map(selector, "matchLabels")
                .forEach((key, value) -> said.add(key + " In [" + value + "]"));
        for (GenericRecord expression : Values.records(selector, "matchExpressions")) {
            said.add(
                    "%s %s %s"
                            .formatted(
                                    Values.text(expression, "key"),
                                    Values.text(expression, "operator"),
                                    new TreeSet<>(Values.texts(expression, "values"))));
        }
        Selection selection = new Selection(network(policy), kind, said.toString());
        wanted.computeIfAbsent(selection, _ -> members(policy, kind, selector));
        return selection;
    }

    /** Whom a selector matches among all resources of the kind. */
    private Map<String, String> members(
            GenericRecord policy, String kind, @Nullable GenericRecord selector) {
        Map<String, String> members = new TreeMap<>();
        estate.states(
                kind,
                (_, state) -> {
                    if (networkOf(kind, state).equals(network(policy))
                            && Selectors.matches(selector, Values.map(state, "metadata.labels"))) {
                        members.put(
                                Values.text(state, "metadata.name"),
                                member(Values.text(state, "metadata.uid"), addresses(kind, state)));
                    }
                });
        return members;
    }

    /** A VirtualIP is in the Network of whoever uses it. */
    private String networkOf(String kind, GenericRecord state) {
        if (!kind.equals("VirtualIP")) {
            return network(state);
        }
        String user = Values.text(state, "status.targetRef.name");
        GenericRecord target =
                user.isEmpty()
                        ? null
                        : estate.state(
                                Values.text(state, "status.targetRef.kind"),
                                Values.text(state, "metadata.namespace") + "/" + user);
        return target == null ? "" : network(target);
    }

    private static List<String> addresses(String kind, GenericRecord state) {
        return switch (kind) {
            case "NetworkInterface" -> {
                List<String> all = new ArrayList<>();
                if (Values.text(state, "status.state").equals("Available")) {
                    all.addAll(Values.texts(state, "status.ips"));
                    all.addAll(Values.texts(state, "status.prefixes"));
                }
                yield all;
            }
            case "LoadBalancer" -> Values.texts(state, "status.ips");
            default -> {
                String ip = Values.text(state, "status.ip");
                yield ip.isEmpty() ? List.of() : List.of(ip);
            }
        };
    }

    private static String member(String uid, List<String> addresses) {
        return uid + ranges(addresses).stream().map(Range::toString).sorted().toList();
    }

    private static List<Range> ranges(List<String> texts) {
        return texts.stream().map(Range::of).collect(Collectors.toList());
    }

    private static String network(GenericRecord state) {
        return Values.text(state, "metadata.namespace")
                + "/"
                + Values.text(state, "spec.networkRef.name");
    }

    private static String owner(LogRecord row) {
        String key = String.valueOf(row.key());
        return key.substring(0, key.lastIndexOf('/'));
    }
}
