package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.EstateCommands;
import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * What an estate must come to, known beforehand from the numbers of its resources, and how far the
 * published projections are from it.
 */
final class EstateModel implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

    /** One projection: how many rows there are to be, and how many are as they must be. */
    private static final class Projection {
        private final int expected;
        private final Deserializer<? extends SpecificRecord> decoder;
        private final BiPredicate<String, SpecificRecord> right;
        private final Set<String> present = new HashSet<>();
        private final Set<String> correct = new HashSet<>();

        private <T extends SpecificRecord> Projection(
                AvroSerdes serdes, Class<T> type, int expected, BiPredicate<String, T> right) {
            this.expected = expected;
            this.decoder = serdes.of(type).deserializer();
            this.right = (key, row) -> right.test(key, type.cast(row));
        }

        private boolean reached() {
            return present.size() == expected && correct.size() == expected;
        }
    }

    private final Map<String, Projection> projections = new LinkedHashMap<>();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Progress progress;

    /** Reads everything that follows from now on; the topics exist. */
    EstateModel(Lab lab, int networks) {
        progress = lab.progress();
        var registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(
                                Map.of(SchemaRegistryConfig.URL, lab.registryUrl())));
        expect(new AvroSerdes(registry), networks);
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", lab.bootstrapServers());
        config.put("isolation.level", "read_committed");
        config.put("max.poll.records", 10_000);
        consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var partitions =
                projections.keySet().stream()
                        .flatMap(topic -> consumer.partitionsFor(topic).stream())
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    private void expect(AvroSerdes serdes, int networks) {
        int each = EstateCommands.INTERFACES_EACH;
        int nics = networks * each;
        int vips = nics / EstateCommands.VIRTUAL_IP_EVERY;
        int policies = networks * EstateCommands.POLICIES_EACH;
        projections.put(
                "openkcm.network.state.v1",
                new Projection(serdes, Network.class, networks, (_, n) -> peers(n)));
        projections.put(
                "openkcm.network-interface.state.v1",
                new Projection(
                        serdes,
                        NetworkInterface.class,
                        nics,
                        (key, nic) -> holds(number(key), nic, networks)));
        projections.put(
                "openkcm.virtual-ip.state.v1",
                new Projection(serdes, VirtualIP.class, vips, EstateModel::targets));
        projections.put(
                "openkcm.nat-gateway.ports.v1",
                new Projection(
                        serdes,
                        NatPortRange.class,
                        nics - vips,
                        (key, _) -> number(key) % networks == owner(key)));
        projections.put(
                "openkcm.load-balancer.state.v1",
                new Projection(
                        serdes,
                        LoadBalancer.class,
                        networks,
                        (_, b) -> b.getStatus().getState().name().equals("Available")));
        projections.put(
                "openkcm.load-balancer.routing.v1",
                new Projection(
                        serdes,
                        LoadBalancerDestination.class,
                        nics + networks,
                        (key, _) -> key.endsWith("/") || number(key) % networks == owner(key)));
        projections.put(
                "openkcm.network-policy.state.v1",
                new Projection(
                        serdes,
                        NetworkPolicy.class,
                        policies,
                        (_, p) ->
                                p.getStatus().getState().name().equals("Available")
                                        && p.getStatus().getRules() == 1));
        // The one that allows, and the one that isolates, which a policy does not count.
        projections.put(
                "openkcm.network-policy.rules.v1",
                new Projection(serdes, Rule.class, 2 * policies, (_, _) -> true));
        // Everyone is in the group of its Network's app, and in that of its tier.
        projections.put(
                "openkcm.network-policy.groups.v1",
                new Projection(
                        serdes,
                        GroupMember.class,
                        2 * nics,
                        (_, member) -> !member.getAddresses().isEmpty()));
    }

    private static boolean peers(Network network) {
        var status = network.getStatus();
        return status.getState().name().equals("Available")
                && status.getPeerings().size() == 1
                && status.getPeerings().getFirst().getState().name().equals("Ready");
    }

    private static boolean holds(int number, NetworkInterface nic, int networks) {
        var status = nic.getStatus();
        boolean named = number % EstateCommands.VIRTUAL_IP_EVERY == 0;
        return status.getState().name().equals("Available")
                && status.getIps().equals(List.of(EstateCommands.address(number, networks)))
                && named == (status.getVirtualIP() != null)
                && status.getNatIPs().size() == (named ? 0 : 1);
    }

    private static boolean targets(String key, VirtualIP vip) {
        var target = vip.getStatus().getTargetRef();
        return vip.getStatus().getIp() != null
                && target != null
                && target.getName().equals("nic-" + number(key) * EstateCommands.VIRTUAL_IP_EVERY);
    }

    /** The number at the end of a key. */
    private static int number(String key) {
        return Integer.parseInt(key.substring(key.lastIndexOf('-') + 1));
    }

    /** The number of the owner of a row {@code <namespace>/<owner>/<member>}. */
    private static int owner(String key) {
        return number(key.substring(0, key.lastIndexOf('/')));
    }

    /** Reads on until every projection is as it must be; false when that takes too long. */
    boolean reached(Duration limit) {
        long begin = System.nanoTime();
        long told = begin;
        while (System.nanoTime() - begin < limit.toNanos()) {
            if (System.nanoTime() - told > TOLD_EVERY.toNanos()) {
                told = System.nanoTime();
                progress.say("  after %d s".formatted((told - begin) / 1_000_000_000));
                missing().forEach(progress::say);
            }
            for (var record : consumer.poll(POLL)) {
                var projection = projections.get(record.topic());
                if (projection != null) {
                    String key = new String(record.key(), StandardCharsets.UTF_8);
                    var row = projection.decoder.deserialize(record.topic(), record.value());
                    keep(projection, key, row);
                }
            }
            if (projections.values().stream().allMatch(Projection::reached)) {
                return true;
            }
        }
        missing().forEach(progress::say);
        return false;
    }

    private static void keep(Projection projection, String key, @Nullable SpecificRecord row) {
        projection.present.remove(key);
        projection.correct.remove(key);
        if (row != null) {
            projection.present.add(key);
            if (projection.right.test(key, row)) {
                projection.correct.add(key);
            }
        }
    }

    /** How far those are that are not there yet. */
    private List<String> missing() {
        return projections.entrySet().stream()
                .filter(p -> !p.getValue().reached())
                .map(p ->
                        "    %s: %d right of %d, %d there"
                                .formatted(
                                        p.getKey(),
                                        p.getValue().correct.size(),
                                        p.getValue().expected,
                                        p.getValue().present.size()))
                .toList();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
