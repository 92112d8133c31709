package dev.openkcm.networking.policy.codec;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.PolicyCommand;
import dev.openkcm.networking.policy.domain.PolicyCommand.Compilation;
import dev.openkcm.networking.policy.domain.PolicyEvent;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LabelSelectorRequirement;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkpolicy.v1.ApplyNetworkPolicy;
import dev.openkcm.networking.schemas.networkpolicy.v1.EgressRule;
import dev.openkcm.networking.schemas.networkpolicy.v1.IPBlock;
import dev.openkcm.networking.schemas.networkpolicy.v1.IngressRule;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyCommand;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyCreated;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyDeleted;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyEvent;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyObservation;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPeer;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPort;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicySpec;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyState;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyStatus;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyUpdated;
import dev.openkcm.networking.schemas.networkpolicy.v1.ObjectSelector;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyCompiled;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** NetworkPolicies as Avro records and back. */
public final class NetworkPolicyCodec
        implements ResourceCodec<NetworkPolicy, PolicyCommand, PolicyEvent> {

    @Override
    public Class<? extends SpecificRecord> commandType() {
        return NetworkPolicyCommand.class;
    }

    @Override
    public Class<? extends SpecificRecord> applyType() {
        return ApplyNetworkPolicy.class;
    }

    @Override
    public Class<? extends SpecificRecord> eventType() {
        return NetworkPolicyEvent.class;
    }

    @Override
    public Class<? extends SpecificRecord> stateType() {
        return dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy.class;
    }

    @Override
    public Class<? extends SpecificRecord> observationType() {
        return NetworkPolicyObservation.class;
    }

    @Override
    public PolicyCommand apply(SpecificRecord apply) {
        var avro = (ApplyNetworkPolicy) apply;
        return new PolicyCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()));
    }

    @Override
    public PolicyCommand delete() {
        return new PolicyCommand.Delete();
    }

    @Override
    public PolicyCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case PolicyCompiled compiled -> new PolicyCommand.Compiled(fromAvro(compiled));
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    @Override
    public SpecificRecord event(Event<PolicyEvent> event) {
        return new NetworkPolicyEvent(
                event.key().namespace(),
                event.key().name(),
                event.uid().toString(),
                event.sequence(),
                event.time(),
                event.causedBy(),
                event.actor(),
                payload(event.payload()));
    }

    private static Object payload(PolicyEvent event) {
        return switch (event) {
            case PolicyEvent.Created(var labels, var annotations, var spec) ->
                    new NetworkPolicyCreated(labels, annotations, toAvro(spec));
            case PolicyEvent.Updated(var labels, var annotations, var spec) ->
                    new NetworkPolicyUpdated(labels, annotations, toAvro(spec));
            case PolicyEvent.Compiled(var compilation) -> toAvro(compilation);
            case PolicyEvent.Deleted() -> new NetworkPolicyDeleted();
        };
    }

    @Override
    public Event<PolicyEvent> event(SpecificRecord event) {
        var avro = (NetworkPolicyEvent) event;
        return new Event<>(
                new ResourceKey(avro.getNamespace(), avro.getName()),
                UUID.fromString(avro.getUid()),
                avro.getSequence(),
                avro.getTime(),
                avro.getCausedBy(),
                avro.getActor(),
                payload(avro.getEvent()));
    }

    private static PolicyEvent payload(Object payload) {
        return switch (payload) {
            case NetworkPolicyCreated created ->
                    new PolicyEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case NetworkPolicyUpdated updated ->
                    new PolicyEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case PolicyCompiled compiled -> new PolicyEvent.Compiled(fromAvro(compiled));
            case NetworkPolicyDeleted _ -> new PolicyEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    /** Also what the compiler sends. */
    public static PolicyCompiled toAvro(Compilation compilation) {
        return new PolicyCompiled(
                dev.openkcm.networking.schemas.networkpolicy.v1.NetworkFact.valueOf(
                        compilation.network().name()),
                compilation.generation(),
                compilation.interfaces(),
                compilation.rules(),
                compilation.dangling());
    }

    private static Compilation fromAvro(PolicyCompiled avro) {
        return new Compilation(
                NetworkFact.valueOf(avro.getNetwork().name()),
                avro.getGeneration(),
                avro.getInterfaces(),
                avro.getRules(),
                avro.getDangling());
    }

    @Override
    public SpecificRecord state(NetworkPolicy policy) {
        return switch (policy) {
            case NetworkPolicy.Absent _ -> throw new IllegalArgumentException("absent");
            case NetworkPolicy.Present present ->
                    new dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy(
                            CommonCodec.toAvro(present.meta()),
                            toAvro(present.spec()),
                            new NetworkPolicyStatus(
                                    NetworkPolicyState.valueOf(present.state().name()),
                                    present.interfaces(),
                                    present.rules(),
                                    CommonCodec.toAvro(present.conditions())));
        };
    }

    @Override
    public NetworkPolicy state(SpecificRecord state) {
        var avro = (dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy) state;
        return new NetworkPolicy.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                NetworkPolicy.State.valueOf(avro.getStatus().getState().name()),
                avro.getStatus().getInterfaces(),
                avro.getStatus().getRules(),
                CommonCodec.fromAvro(avro.getStatus().getConditions()));
    }

    public static NetworkPolicySpec toAvro(PolicySpec spec) {
        var appliesTo = spec.appliesTo();
        return new NetworkPolicySpec(
                new LocalReference(spec.network()),
                appliesTo == null
                        ? null
                        : new LabelSelector(
                                appliesTo.matchLabels(), expressions(appliesTo.expressions())),
                spec.policyTypes(),
                spec.ingress().stream()
                        .map(r -> new IngressRule(ports(r.ports()), peers(r.peers())))
                        .toList(),
                spec.egress().stream()
                        .map(r -> new EgressRule(ports(r.ports()), peers(r.peers())))
                        .toList());
    }

    private static List<NetworkPolicyPort> ports(List<PolicySpec.Port> ports) {
        return ports.stream()
                .map(p -> new NetworkPolicyPort(p.protocol(), p.port(), p.endPort()))
                .toList();
    }

    private static List<NetworkPolicyPeer> peers(List<PolicySpec.Peer> peers) {
        return peers.stream()
                .map(p -> new NetworkPolicyPeer(block(p.block()), selected(p.selected())))
                .toList();
    }

    private static @Nullable IPBlock block(PolicySpec.@Nullable Block block) {
        return block == null ? null : new IPBlock(block.cidr(), block.except());
    }

    private static @Nullable ObjectSelector selected(PolicySpec.@Nullable Selected selected) {
        return selected == null
                ? null
                : new ObjectSelector(
                        selected.kind(),
                        selected.labels().matchLabels(),
                        expressions(selected.labels().expressions()));
    }

    private static List<LabelSelectorRequirement> expressions(
            List<PolicySpec.Expression> expressions) {
        return expressions.stream()
                .map(e -> new LabelSelectorRequirement(e.key(), e.operator(), e.values()))
                .toList();
    }

    public static PolicySpec fromAvro(NetworkPolicySpec avro) {
        @Nullable LabelSelector appliesTo = avro.getNetworkInterfaceSelector();
        return new PolicySpec(
                avro.getNetworkRef().getName(),
                appliesTo == null
                        ? null
                        : labels(appliesTo.getMatchLabels(), appliesTo.getMatchExpressions()),
                avro.getPolicyTypes(),
                avro.getIngress().stream().map(r -> rule(r.getPorts(), r.getFrom())).toList(),
                avro.getEgress().stream().map(r -> rule(r.getPorts(), r.getTo())).toList());
    }

    private static PolicySpec.Rule rule(
            List<NetworkPolicyPort> ports, List<NetworkPolicyPeer> peers) {
        return new PolicySpec.Rule(
                ports.stream()
                        .map(p -> new PolicySpec.Port(p.getProtocol(), p.getPort(), p.getEndPort()))
                        .toList(),
                peers.stream().map(NetworkPolicyCodec::peer).toList());
    }

    private static PolicySpec.Peer peer(NetworkPolicyPeer avro) {
        @Nullable IPBlock block = avro.getIpBlock();
        @Nullable ObjectSelector selected = avro.getObjectSelector();
        return new PolicySpec.Peer(
                block == null ? null : new PolicySpec.Block(block.getCidr(), block.getExcept()),
                selected == null
                        ? null
                        : new PolicySpec.Selected(
                                selected.getKind(),
                                labels(selected.getMatchLabels(), selected.getMatchExpressions())));
    }

    private static PolicySpec.Labels labels(
            Map<String, String> matchLabels, List<LabelSelectorRequirement> expressions) {
        return new PolicySpec.Labels(
                Meta.sorted(matchLabels),
                expressions.stream()
                        .map(e ->
                                new PolicySpec.Expression(
                                        e.getKey(), e.getOperator(), e.getValues()))
                        .toList());
    }
}
