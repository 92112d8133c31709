package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.codec.States;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.domain.PolicyCommand.Compilation;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.engine.PolicyCompiler;
import dev.openkcm.networking.policy.engine.PolicyEngine;
import dev.openkcm.networking.policy.engine.VirtualIp;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyObservation;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyIntent;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyMember;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the policies of the Networks of one partition, publishes rules and groups as rows, and
 * tells each policy what became of it.
 *
 * <p>The engine is in memory and made anew from the rows of the task's store: {@code policy
 * <network>/<name>}, {@code interface <network>/<name>} and {@code member <key>} hold what came in,
 * {@code network <key>} how a Network stands, {@code told <policy>} what the policy was last told.
 *
 * <p>A policy is told at once when it changes. When its groups change it is told a little later, so
 * that a thousand changes tell it once.
 */
final class Compiler implements Processor<String, @Nullable IndexedRecord, String, SpecificRecord> {

    static final String STORE = "network-policy-compiler";

    /** What a policy applies to is told when it has not changed for so long. */
    static final Duration PAUSE = Duration.ofMillis(500);

    /** And at the latest when the first change is so old; each time is an event for ever. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int TOLD_AT_ONCE = 1_000;

    private final Serde<PolicyIntent> intents;
    private final Serde<NetworkMember> interfaceRows;
    private final Serde<PolicyMember> memberRows;
    private final String observations;

    private final TreeMap<ResourceKey, Touched> pending = new TreeMap<>();
    private String lastCause = "unknown";
    private Headers lastHeaders = new RecordHeaders();

    /** When, in milliseconds, members of a policy changed that it has not been told of. */
    private record Touched(long first, long last) {}

    @SuppressWarnings("NullAway.Init") // Set by init(), which Streams calls before process().
    private ProcessorContext<String, SpecificRecord> context;

    @SuppressWarnings("NullAway.Init")
    private KeyValueStore<String, byte[]> rows;

    @SuppressWarnings("NullAway.Init")
    private PolicyEngine engine;

    @SuppressWarnings("NullAway.Init")
    private PublishedRows published;

    /**
     * A compiler with nothing in it yet.
     *
     * @param observations the node that observations are forwarded to
     */
    Compiler(
            Serde<PolicyIntent> intents,
            Serde<NetworkMember> interfaceRows,
            Serde<PolicyMember> memberRows,
            String observations) {
        this.intents = intents;
        this.interfaceRows = interfaceRows;
        this.memberRows = memberRows;
        this.observations = observations;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        this.rows = context.getStateStore(STORE);
        engine = new PolicyEngine();
        pending.clear();
        fill();
        published = new PublishedRows(engine, context);
        engine.policies().forEach(p -> touch(p.key()));
        context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::tellPending);
    }

    private void fill() {
        try (var all = rows.all()) {
            while (all.hasNext()) {
                var row = all.next();
                if (row.key.startsWith("interface ")) {
                    engine.putMember(
                            States.networkInterface(row.key.substring(10), interfaceOf(row.value)),
                            PolicyEngine.Listener.NONE);
                } else if (row.key.startsWith("member ")) {
                    put(memberOf(row.value), row.key.substring(7), PolicyEngine.Listener.NONE);
                } else if (row.key.startsWith("policy ")) {
                    var policy = policyOf(row.value);
                    if (fact(policy.network()) != NetworkFact.Missing) {
                        engine.putPolicy(
                                PolicyCompiler.compile(policy), PolicyEngine.Listener.NONE);
                    }
                }
            }
        }
        engine.takeTouched();
    }

    private Policy policyOf(byte[] bytes) {
        return policy(
                Objects.requireNonNull(
                        intents.deserializer().deserialize(PolicyTopology.INTENTS, bytes)));
    }

    private NetworkMember interfaceOf(byte[] bytes) {
        return Objects.requireNonNull(
                interfaceRows.deserializer().deserialize(PolicyTopology.INTERFACES, bytes));
    }

    private PolicyMember memberOf(byte[] bytes) {
        return Objects.requireNonNull(
                memberRows.deserializer().deserialize(PolicyTopology.MEMBERS, bytes));
    }

    @Override
    public void process(Record<String, @Nullable IndexedRecord> record) {
        String topic = context.recordMetadata().orElseThrow().topic();
        lastHeaders = record.headers();
        lastCause =
                CloudEventHeaders.text(record.headers(), CloudEventHeaders.ID).orElse("unknown");
        published.because(record);
        if (topic.equals(PolicyTopology.INTENTS)) {
            policy(record.key(), (PolicyIntent) record.value());
        } else if (topic.equals(PolicyTopology.INTERFACES)) {
            networkInterface(record.key(), (NetworkMember) record.value());
        } else if (topic.equals(PolicyTopology.MEMBERS)) {
            member(record.key(), (PolicyMember) record.value());
        } else {
            network(ResourceKey.parse(record.key()), (GenericRecord) record.value());
        }
    }

    // ---- Policies ----

    private void policy(String key, @Nullable PolicyIntent intent) {
        int slash = key.lastIndexOf('/');
        var network = ResourceKey.parse(key.substring(0, slash));
        var policyKey = network.sibling(key.substring(slash + 1));
        if (intent == null) {
            rows.delete("policy " + key);
            rows.delete("told " + policyKey);
            withdraw(policyKey);
            return;
        }
        rows.put("policy " + key, intents.serializer().serialize(PolicyTopology.INTENTS, intent));
        var policy = policy(intent);
        if (fact(network) != NetworkFact.Missing) {
            compile(policy);
        }
        tell(policy);
    }

    private static Policy policy(PolicyIntent intent) {
        return new Policy(
                new ResourceKey(intent.getNamespace(), intent.getName()),
                intent.getUid(),
                intent.getGeneration(),
                intent.getVersion(),
                NetworkPolicyCodec.fromAvro(intent.getSpec()));
    }

    private void compile(Policy policy) {
        var now = PolicyCompiler.compile(policy);
        var before = engine.putPolicy(now, published);
        published.rules(before, now);
    }

    private void withdraw(ResourceKey key) {
        var gone = engine.removePolicy(key, published);
        if (gone != null) {
            published.rules(gone, null);
        }
        pending.remove(key);
    }

    // ---- Members ----

    /** What no policy can tell apart, such as a failure of what had no address, writes no row. */
    private void networkInterface(String key, @Nullable NetworkMember row) {
        if (row == null) {
            rows.delete("interface " + key);
            engine.removeMember(MemberKind.NetworkInterface + "/" + key, published);
        } else {
            rows.put(
                    "interface " + key,
                    interfaceRows.serializer().serialize(PolicyTopology.INTERFACES, row));
            engine.putMember(States.networkInterface(key, row), published);
        }
        engine.takeTouched().forEach(this::touch);
    }

    private void member(String key, @Nullable PolicyMember member) {
        if (member == null) {
            rows.delete("member " + key);
            remove(key);
        } else {
            rows.put(
                    "member " + key,
                    memberRows.serializer().serialize(PolicyTopology.MEMBERS, member));
            put(member, key, published);
        }
        engine.takeTouched().forEach(this::touch);
    }

    private void put(PolicyMember row, String key, PolicyEngine.Listener listener) {
        var addresses = row.getAddresses().stream().map(Compiler::cidr).toList();
        var kind = MemberKind.valueOf(row.getKind());
        if (kind == MemberKind.VirtualIP) {
            var name = new ResourceKey(row.getNamespace(), row.getName());
            @Nullable String target = row.getTarget();
            int slash = target == null ? -1 : target.indexOf('/');
            engine.putVirtualIp(
                    new VirtualIp(
                            name,
                            row.getUid(),
                            row.getVersion(),
                            Meta.sorted(row.getLabels()),
                            addresses.isEmpty() ? null : addresses.getFirst(),
                            target == null ? null : MemberKind.valueOf(target.substring(0, slash)),
                            target == null ? null : target.substring(slash + 1)),
                    listener);
        } else {
            engine.putMember(
                    new Member(
                            kind,
                            PolicyTopology.networkOf(key),
                            row.getName(),
                            row.getUid(),
                            row.getVersion(),
                            Meta.sorted(row.getLabels()),
                            addresses),
                    listener);
        }
    }

    private void remove(String key) {
        String virtualIp = MemberKind.VirtualIP + "/";
        if (key.startsWith(virtualIp)) {
            engine.removeVirtualIp(ResourceKey.parse(key.substring(virtualIp.length())), published);
        } else {
            engine.removeMember(key, published);
        }
    }

    private static Cidr cidr(String text) {
        return (text.indexOf('/') < 0 ? Cidr.parseAddress(text) : Cidr.parse(text)).orElseThrow();
    }

    // ---- Networks ----

    private NetworkFact fact(ResourceKey network) {
        byte[] bytes = rows.get("network " + network);
        return bytes == null
                ? NetworkFact.Missing
                : NetworkFact.valueOf(new String(bytes, StandardCharsets.UTF_8));
    }

    /** Policies are compiled while their Network exists, whatever its state. */
    private void network(ResourceKey network, @Nullable GenericRecord state) {
        var before = fact(network);
        var now = States.network(state);
        if (now == before) {
            return;
        }
        if (now == NetworkFact.Missing) {
            rows.delete("network " + network);
        } else {
            rows.put("network " + network, now.name().getBytes(StandardCharsets.UTF_8));
        }
        for (var policy : policiesOf(network)) {
            if (now == NetworkFact.Missing) {
                withdraw(policy.key());
            } else if (before == NetworkFact.Missing) {
                compile(policy);
            }
            tell(policy);
        }
    }

    private List<Policy> policiesOf(ResourceKey network) {
        var policies = new ArrayList<Policy>();
        // '0' follows '/'.
        try (var found = rows.range("policy " + network + "/", "policy " + network + "0")) {
            found.forEachRemaining(row -> policies.add(policyOf(row.value)));
        }
        return policies;
    }

    // ---- What policies are told ----

    private void touch(ResourceKey policy) {
        long now = context.currentSystemTimeMs();
        pending.merge(
                policy,
                new Touched(now, now),
                (before, after) -> new Touched(before.first, after.last));
    }

    private void tellPending(long now) {
        var due =
                pending.entrySet().stream()
                        .filter(e ->
                                now - e.getValue().last >= PAUSE.toMillis()
                                        || now - e.getValue().first >= PATIENCE.toMillis())
                        .map(Map.Entry::getKey)
                        .limit(TOLD_AT_ONCE)
                        .toList();
        for (var key : due) {
            pending.remove(key);
            engine.policy(key).ifPresent(p -> tell(p.policy()));
        }
    }

    private void tell(Policy policy) {
        pending.remove(policy.key());
        var compiled = NetworkPolicyCodec.toAvro(compilation(policy));
        String said = compiled.toString();
        byte[] before = rows.get("told " + policy.key());
        if (before != null && said.equals(new String(before, StandardCharsets.UTF_8))) {
            return;
        }
        rows.put("told " + policy.key(), said.getBytes(StandardCharsets.UTF_8));
        context.forward(
                new Record<>(
                        policy.key().toString(),
                        (SpecificRecord) new NetworkPolicyObservation(lastCause, compiled),
                        context.currentSystemTimeMs(),
                        lastHeaders),
                observations);
    }

    private Compilation compilation(Policy policy) {
        var compiled = engine.policy(policy.key());
        return compiled.map(c ->
                        new Compilation(
                                fact(policy.network()),
                                policy.generation(),
                                engine.sizeOf(c.appliedTo()),
                                c.rules().size(),
                                engine.dangling(c)))
                .orElse(new Compilation(NetworkFact.Missing, policy.generation(), 0, 0, List.of()));
    }
}
