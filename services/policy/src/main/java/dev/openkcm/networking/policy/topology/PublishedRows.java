package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.policy.engine.CompiledPolicy;
import dev.openkcm.networking.policy.engine.CompiledRule;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.PolicyEngine;
import dev.openkcm.networking.policy.engine.PolicyEngine.Group;
import dev.openkcm.networking.schemas.networkpolicy.v1.Direction;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import dev.openkcm.networking.schemas.networkpolicy.v1.RuleAction;
import dev.openkcm.networking.schemas.networkpolicy.v1.RulePeer;
import dev.openkcm.networking.schemas.networkpolicy.v1.RulePort;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of groups and rules, and nothing but what changed: a row per member that joined a
 * group or left it, a row per rule that a policy gained or lost.
 *
 * <p>Every row carries the hash of the set that it belongs to, the set as it is after the row: the
 * exclusive or of the hashes of its rows. A tombstone carries it in the header {@value #SET_HASH}.
 */
final class PublishedRows implements PolicyEngine.Listener {

    static final String SET_HASH = "openkcm-set-hash";

    /** How the default deny of a direction is named among the rules of a policy. */
    private static final String DENY = "deny";

    private final ProcessorContext<String, SpecificRecord> context;
    private final Map<String, Hash> groupHashes = new HashMap<>();
    private String cause = "unknown";
    private Headers headers = new RecordHeaders();
    private long timestamp;

    PublishedRows(PolicyEngine engine, ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        for (var group : engine.groups()) {
            for (var member : engine.membersOf(group.id())) {
                toggle(group, hash(group, member));
            }
        }
    }

    /** What follows is caused by this record. */
    void because(Record<String, ?> record) {
        cause = CloudEventHeaders.text(record.headers(), CloudEventHeaders.ID).orElse("unknown");
        headers = record.headers();
        timestamp = record.timestamp();
    }

    // ---- Groups ----

    private Hash hash(Group group, Member member) {
        String addresses =
                member.addresses().stream().map(Cidr::text).collect(Collectors.joining(","));
        return Hash.of(key(group, member) + '\n' + member.uid() + '\n' + addresses);
    }

    private static String key(Group group, Member member) {
        return group.id() + "/" + member.name();
    }

    private Hash toggle(Group group, Hash row) {
        var now = groupHashes.getOrDefault(group.id(), Hash.ZERO).toggle(row);
        if (now.equals(Hash.ZERO)) {
            groupHashes.remove(group.id());
        } else {
            groupHashes.put(group.id(), now);
        }
        return now;
    }

    @Override
    public void joined(Group group, Member member) {
        write(group, member, toggle(group, hash(group, member)));
    }

    @Override
    public void left(Group group, Member member) {
        var now = toggle(group, hash(group, member));
        tombstone(PolicyTopology.TO_GROUPS, key(group, member), now);
    }

    @Override
    public void changed(Group group, Member before, Member now) {
        toggle(group, hash(group, before));
        joined(group, now);
    }

    private void write(Group group, Member member, Hash setHash) {
        forward(
                PolicyTopology.TO_GROUPS,
                key(group, member),
                new GroupMember(
                        group.id(),
                        group.network().namespace(),
                        group.network().name(),
                        group.kind().name(),
                        member.name(),
                        member.uid(),
                        member.version(),
                        setHash.toString(),
                        member.addresses().stream().map(Cidr::text).toList()),
                setHash);
    }

    // ---- Rules ----

    /** A policy was compiled anew, for the first time, or is gone. */
    void rules(@Nullable CompiledPolicy was, @Nullable CompiledPolicy now) {
        var before = keys(was);
        var after = keys(now);
        var setHash = Hash.ZERO;
        for (String key : before.keySet()) {
            setHash = setHash.toggle(Hash.of(key));
        }
        for (String key : before.keySet()) {
            if (!after.containsKey(key)) {
                setHash = setHash.toggle(Hash.of(key));
                tombstone(PolicyTopology.TO_RULES, key, setHash);
            }
        }
        if (now == null) {
            return;
        }
        boolean sameOwner = was != null && was.policy().uid().equals(now.policy().uid());
        for (var row : after.entrySet()) {
            var rule = row.getValue();
            if (!before.containsKey(row.getKey())) {
                setHash = setHash.toggle(Hash.of(row.getKey()));
            }
            boolean known =
                    sameOwner && rule.equals(before.getOrDefault(row.getKey(), Optional.empty()));
            if (rule.isPresent() && !known) {
                forward(
                        PolicyTopology.TO_RULES,
                        row.getKey(),
                        allow(now, rule.get(), setHash),
                        setHash);
            }
        }
        for (var direction : now.isolates()) {
            String id = denyId(now, direction);
            forward(
                    PolicyTopology.TO_RULES,
                    ruleKey(now, id),
                    deny(now, id, direction, setHash),
                    setHash);
        }
    }

    /** The keys of all rows of a policy, the denying ones last; these have no rule. */
    private static Map<String, Optional<CompiledRule>> keys(@Nullable CompiledPolicy policy) {
        var keys = new LinkedHashMap<String, Optional<CompiledRule>>();
        if (policy != null) {
            policy.rules().forEach(r -> keys.put(ruleKey(policy, r.id()), Optional.of(r)));
            policy.isolates()
                    .forEach(d -> keys.put(ruleKey(policy, denyId(policy, d)), Optional.empty()));
        }
        return keys;
    }

    private static String ruleKey(CompiledPolicy policy, String id) {
        return policy.key() + "/" + id;
    }

    private static String denyId(
            CompiledPolicy policy, dev.openkcm.networking.policy.domain.Direction direction) {
        return Hash.of(direction + " " + policy.appliedTo() + " " + DENY).toString();
    }

    private static Rule deny(
            CompiledPolicy policy,
            String id,
            dev.openkcm.networking.policy.domain.Direction direction,
            Hash setHash) {
        return new Rule(
                id,
                policy.key().namespace(),
                policy.key().name(),
                policy.policy().uid(),
                policy.policy().network().name(),
                policy.policy().version(),
                setHash.toString(),
                Direction.valueOf(direction.name()),
                RuleAction.Deny,
                policy.appliedTo(),
                RulePeer.Everyone,
                null,
                List.of(),
                List.of(),
                null,
                null);
    }

    private static Rule allow(CompiledPolicy policy, CompiledRule rule, Hash setHash) {
        var peer = rule.peer();
        return new Rule(
                rule.id(),
                policy.key().namespace(),
                policy.key().name(),
                policy.policy().uid(),
                policy.policy().network().name(),
                policy.policy().version(),
                setHash.toString(),
                Direction.valueOf(rule.direction().name()),
                RuleAction.Allow,
                policy.appliedTo(),
                switch (peer) {
                    case Peer.Everyone() -> RulePeer.Everyone;
                    case Peer.InGroup _ -> RulePeer.Group;
                    case Peer.Ranges _ -> RulePeer.Ranges;
                },
                peer instanceof Peer.InGroup(var group) ? group : null,
                peer instanceof Peer.Ranges(var addresses)
                        ? addresses.cidrs().stream().map(Cidr::text).toList()
                        : List.of(),
                rule.ports().ranges().stream()
                        .map(p -> new RulePort(p.protocol().name(), p.first(), p.last()))
                        .toList(),
                rule.ruleIndex(),
                rule.peerIndex() == CompiledRule.NO_PEER ? null : rule.peerIndex());
    }

    // ---- Records ----

    private void forward(String child, String key, SpecificRecord value, Hash setHash) {
        context.forward(
                new Record<>(
                        key, value, timestamp, headers(value.getSchema().getName(), key, setHash)),
                child);
    }

    @SuppressWarnings("NullAway") // A tombstone has no value; Record does not say so.
    private void tombstone(String child, String key, Hash setHash) {
        context.forward(
                new Record<>(key, null, timestamp, headers("Tombstone", key, setHash)), child);
    }

    private Headers headers(String type, String key, Hash setHash) {
        var made =
                CloudEventHeaders.of(
                        "network-policy",
                        type,
                        cause + "/" + key,
                        key,
                        Instant.ofEpochMilli(timestamp),
                        cause,
                        headers);
        made.add(SET_HASH, setHash.toString().getBytes(StandardCharsets.UTF_8));
        return made;
    }
}
