package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.policy.codec.States;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.VirtualIp;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyMember;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of balancers and VirtualIPs into members of their Network, keyed by it. Passes
 * on only what policies can tell apart: a state that changed in anything else goes no further.
 *
 * <p>Rows: by kind and key of the resource, the key of the member and a hash of what was passed on.
 */
final class MemberFeed
        extends ContextualProcessor<
                String, @Nullable GenericRecord, String, @Nullable PolicyMember> {

    static final String STORE = "network-policy-members";

    private record Passed(String key, String hash) {

        static @Nullable Passed fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 2);
            return new Passed(parts[0], parts[1]);
        }

        byte[] toBytes() {
            return (key + " " + hash).getBytes(StandardCharsets.UTF_8);
        }
    }

    private record Row(String key, PolicyMember value) {}

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        String entity = Kind.entityOf(context().recordMetadata().orElseThrow().topic());
        String row = entity + " " + record.key();
        var before = Passed.fromBytes(rows.get(row));
        var now = row(entity, ResourceKey.parse(record.key()), record.value());
        if (before != null && (now.isEmpty() || !now.get().key.equals(before.key))) {
            forward(record, before.key, null);
            rows.delete(row);
        }
        if (now.isPresent()) {
            var passed = new Passed(now.get().key, hash(now.get().value));
            if (!passed.equals(before)) {
                rows.put(row, passed.toBytes());
                forward(record, passed.key, now.get().value);
            }
        }
    }

    private void forward(
            Record<String, @Nullable GenericRecord> cause,
            String key,
            @Nullable PolicyMember value) {
        context().forward(new Record<>(key, value, cause.timestamp(), cause.headers()));
    }

    private static Optional<Row> row(
            String entity, ResourceKey key, @Nullable GenericRecord state) {
        return switch (entity) {
            case "load-balancer" -> States.loadBalancer(key, state).map(MemberFeed::row);
            case "virtual-ip" -> States.virtualIp(key, state).map(MemberFeed::row);
            default -> throw new IllegalStateException("unknown: " + entity);
        };
    }

    private static Row row(Member member) {
        return new Row(
                member.key(),
                new PolicyMember(
                        member.kind().name(),
                        member.network().namespace(),
                        member.name(),
                        member.uid(),
                        member.version(),
                        member.labels(),
                        member.addresses().stream().map(Cidr::text).toList(),
                        null));
    }

    private static Row row(VirtualIp virtualIp) {
        var address = virtualIp.address();
        return new Row(
                MemberKind.VirtualIP + "/" + virtualIp.key(),
                new PolicyMember(
                        MemberKind.VirtualIP.name(),
                        virtualIp.key().namespace(),
                        virtualIp.key().name(),
                        virtualIp.uid(),
                        virtualIp.version(),
                        virtualIp.labels(),
                        address == null ? List.of() : List.of(address.text()),
                        virtualIp.targetKind() == null
                                ? null
                                : virtualIp.targetKind() + "/" + virtualIp.targetName()));
    }

    /** Of everything but the version. */
    private static String hash(PolicyMember member) {
        return Hash.of(
                        String.join(
                                "\n",
                                member.getUid(),
                                member.getLabels().toString(),
                                member.getAddresses().toString(),
                                "" + member.getTarget()))
                .toString();
    }
}
