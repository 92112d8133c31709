package dev.openkcm.networking.policy;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.rest.Follower;
import dev.openkcm.networking.kernel.rest.ServiceRuntime;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.codec.States;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.engine.Estate;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.topology.PolicyTopology;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * The estate as committed states tell it, whole, in every instance: what questions of reachability
 * are answered from.
 */
@Singleton
final class LiveEstate implements Follower {

    private static final String NETWORKS = Kind.topicOf("network", "state");
    private static final String INTERFACES = Kind.topicOf("network-interface", "state");
    private static final String BALANCERS = Kind.topicOf("load-balancer", "state");
    private static final String VIRTUAL_IPS = Kind.topicOf("virtual-ip", "state");
    private static final String POLICIES = Kind.topicOf("network-policy", "state");

    private final ServiceRuntime runtime;
    private final Deserializer<GenericRecord> anyRecord;
    private final NetworkPolicyCodec codec = new NetworkPolicyCodec();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Estate estate = new Estate();

    /** The generations that are compiled: a state that changed in its status alone is not news. */
    private final Map<ResourceKey, Policy> policies = new ConcurrentHashMap<>();

    LiveEstate(ServiceRuntime runtime) {
        this.runtime = runtime;
        this.anyRecord = runtime.serdes().generic();
    }

    /** Asks something of the estate, which does not change meanwhile. */
    <T extends @Nullable Object> T ask(Function<Estate, T> question) {
        lock.readLock().lock();
        try {
            return question.apply(estate);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public List<String> topics() {
        return List.of(
                NETWORKS,
                INTERFACES,
                BALANCERS,
                VIRTUAL_IPS,
                POLICIES,
                PolicyTopology.GATEWAY_PORTS);
    }

    @Override
    public void row(String topic, String key, byte @Nullable [] value) {
        if (topic.equals(POLICIES)) {
            policy(ResourceKey.parse(key), value);
            return;
        }
        var state = value == null ? null : anyRecord.deserialize(topic, value);
        lock.writeLock().lock();
        try {
            if (topic.equals(PolicyTopology.GATEWAY_PORTS)) {
                gateway(key, state);
            } else {
                resource(topic, ResourceKey.parse(key), state);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void resource(String topic, ResourceKey key, @Nullable GenericRecord state) {
        if (topic.equals(NETWORKS)) {
            if (state == null) {
                estate.removeNetwork(key);
            } else {
                estate.putNetwork(
                        new Estate.Network(key, States.network(state), States.peers(key, state)));
            }
        } else if (topic.equals(INTERFACES)) {
            States.networkInterface(key, state)
                    .ifPresentOrElse(
                            estate::putMember,
                            () -> estate.removeMember(MemberKind.NetworkInterface, key));
        } else if (topic.equals(BALANCERS)) {
            States.loadBalancer(key, state)
                    .ifPresentOrElse(
                            member -> {
                                estate.putMember(member);
                                estate.putBalancing(key, States.balancing(state));
                            },
                            () -> {
                                estate.removeMember(MemberKind.LoadBalancer, key);
                                estate.removeBalancing(key);
                            });
        } else {
            States.virtualIp(key, state)
                    .ifPresentOrElse(estate::putVirtualIp, () -> estate.removeVirtualIp(key));
        }
    }

    /** Of the key {@code <namespace>/<gateway>/<interface>}. */
    private void gateway(String key, @Nullable GenericRecord row) {
        int slash = key.lastIndexOf('/');
        var gateway = ResourceKey.parse(key.substring(0, slash));
        estate.putGatewayAddress(
                gateway.sibling(key.substring(slash + 1)),
                gateway.name(),
                States.gatewayAddress(row).orElse(null));
    }

    private void policy(ResourceKey key, byte @Nullable [] value) {
        if (value == null) {
            lock.writeLock().lock();
            try {
                policies.remove(key);
                estate.removePolicy(key);
            } finally {
                lock.writeLock().unlock();
            }
            return;
        }
        SpecificRecord record = runtime.decoder(codec.stateType()).deserialize(POLICIES, value);
        if (codec.state(record) instanceof NetworkPolicy.Present present) {
            var meta = present.meta();
            String uid = meta.uid().toString();
            var known = policies.get(key);
            if (known != null
                    && known.uid().equals(uid)
                    && known.generation() == meta.generation()) {
                return;
            }
            var policy =
                    new Policy(key, uid, meta.generation(), meta.resourceVersion(), present.spec());
            lock.writeLock().lock();
            try {
                policies.put(key, policy);
                estate.putPolicy(policy);
            } finally {
                lock.writeLock().unlock();
            }
        }
    }
}
