package dev.openkcm.networking.loadbalancer.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LabelSelectorRequirement;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The join by itself, judged by a model that computes everything anew. */
class RoutingBookTest {

    private static final List<NetworkInterfaceState> STATES =
            List.of(NetworkInterfaceState.values());
    private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

    private final MemoryStore store = new MemoryStore();
    private RoutingBook book = RoutingBook.of(store);

    /** What a consumer of the topic knows: the rows, and the last that is no tombstone. */
    private final TreeMap<String, LoadBalancerDestination> rows = new TreeMap<>();

    private final Map<String, LoadBalancerDestination> lastOfBalancer = new HashMap<>();
    private int written;

    /** The model. */
    private final TreeMap<String, NetworkMember> members = new TreeMap<>();

    private final TreeMap<String, BalancerRow> balancers = new TreeMap<>();

    private void row(String key, @Nullable LoadBalancerDestination row) {
        written++;
        if (row == null) {
            rows.remove(key);
        } else {
            rows.put(key, row);
            lastOfBalancer.put(key.substring(0, key.lastIndexOf('/')), row);
        }
    }

    private void member(String key, @Nullable NetworkMember row) {
        if (row == null) {
            members.remove(key);
        } else {
            members.put(key, row);
        }
        book.member(key, row, this::row);
    }

    private void balancer(String key, @Nullable BalancerRow row) {
        if (row == null) {
            balancers.remove(key);
        } else {
            balancers.put(key, row);
        }
        book.balancer(key, row, this::row);
    }

    private static NetworkMember nic(String name, String app, String... ips) {
        return new NetworkMember(
                name,
                "uid-" + name,
                1L,
                Map.of("app", app),
                NetworkInterfaceState.Available,
                List.of(ips),
                List.of());
    }

    private static BalancerRow lb(String name, String app, String... families) {
        return new BalancerRow(
                name,
                "uid-" + name,
                1L,
                List.of(families),
                new LabelSelector(Map.of("app", app), List.of()),
                false);
    }

    @Test
    void aChangeOfAnInterfaceWritesOneRowPerBalancerHoweverManyDestinations() {
        balancer("ns/net/lb", lb("lb", "web", "IPv4"));
        balancer("ns/net/other", lb("other", "db", "IPv4"));
        for (int i = 0; i < 2_000; i++) {
            member("ns/net/m" + i, nic("m" + i, "web", "10.0.%d.%d".formatted(i / 250, i % 250)));
        }
        written = 0;
        member("ns/net/new", nic("new", "web", "10.1.0.1"));
        assertThat(written).isEqualTo(1);
        assertThat(rows.get("ns/lb/new").getCount()).isEqualTo(2_001);

        member("ns/net/new", nic("new", "cache", "10.1.0.1"));
        // The tombstone, and the summary that carries the hash in its place.
        assertThat(written).isEqualTo(3);
        assertThat(rows.get("ns/lb/").getCount()).isEqualTo(2_000);
        assertMatchesTheModel();
    }

    @Test
    void hasOnlyAddressesOfTheFamiliesOfTheBalancer() {
        member("ns/net/both", nic("both", "web", "fd00::1", "10.0.0.1"));
        member("ns/net/six", nic("six", "web", "fd00::2"));
        balancer("ns/net/lb", lb("lb", "web", "IPv4"));
        assertThat(rows.keySet()).containsExactly("ns/lb/", "ns/lb/both");
        assertThat(rows.get("ns/lb/both").getDestination().getIps()).containsExactly("10.0.0.1");

        balancer("ns/net/lb", lb("lb", "web", "IPv6", "IPv4"));
        assertThat(rows.keySet()).containsExactly("ns/lb/", "ns/lb/both", "ns/lb/six");
        assertThat(rows.get("ns/lb/both").getDestination().getIps())
                .containsExactly("10.0.0.1", "fd00::1");
        assertMatchesTheModel();
    }

    @Test
    void aBalancerWithoutSelectorHidesNothingFromTheOthers() {
        balancer("ns/net/a", new BalancerRow("a", "uid-a", 1L, List.of("IPv4"), null, false));
        balancer("ns/net/b", lb("b", "web", "IPv4"));
        member("ns/net/nic", nic("nic", "web", "10.0.0.1"));
        assertThat(rows.keySet()).containsExactly("ns/a/", "ns/b/", "ns/b/nic");
        assertMatchesTheModel();
    }

    @Test
    void anInterfaceThatLeavesAvailableOrIsGoneIsNoDestination() {
        balancer("ns/net/lb", lb("lb", "web", "IPv4"));
        for (var state : STATES) {
            var nic = nic("nic", "web", "10.0.0.1");
            member("ns/net/nic", nic);
            member("ns/net/nic", NetworkMember.newBuilder(nic).setState(state).build());
            assertThat(rows.containsKey("ns/lb/nic"))
                    .isEqualTo(state == NetworkInterfaceState.Available);
        }
        member("ns/net/nic", nic("nic", "web", "10.0.0.1"));
        member("ns/net/nic", null);
        assertThat(rows.keySet()).containsExactly("ns/lb/");
        assertMatchesTheModel();
    }

    @Test
    void writesNothingTwice() {
        balancer("ns/net/lb", lb("lb", "web", "IPv4"));
        member("ns/net/a", nic("a", "web", "10.0.0.1"));
        written = 0;
        member("ns/net/a", nic("a", "web", "10.0.0.1"));
        member("ns/net/b", null);
        assertThat(written).isZero();
    }

    @Test
    void aRecreatedBalancerGetsItsRowsAnew() {
        member("ns/net/a", nic("a", "web", "10.0.0.1"));
        balancer("ns/net/lb", lb("lb", "web", "IPv4"));
        var first = lb("lb", "web", "IPv4");
        balancer(
                "ns/net/lb",
                new BalancerRow(
                        "lb", "uid-again", 1L, first.getIpFamilies(), first.getSelector(), false));
        assertThat(rows.get("ns/lb/a").getOwnerUid()).isEqualTo("uid-again");
        assertMatchesTheModel();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void equalsTheModelAfterEveryStepOfASeededHistory(long seed) {
        var random = new Random(seed);
        for (int step = 0; step < 3_000; step++) {
            String network = "ns/net" + random.nextInt(2);
            int what = random.nextInt(100);
            if (what < 55) {
                String name = "nic" + random.nextInt(25);
                member(network + "/" + name, what < 8 ? null : randomNic(random, name));
            } else if (what < 90) {
                String name = network.substring(3) + "-lb" + random.nextInt(12);
                balancer(network + "/" + name, what < 62 ? null : randomLb(random, name, step));
            } else if (what < 93) {
                book = RoutingBook.of(store);
            }
            assertMatchesTheModel();
        }
        // From nothing, by the same rows in another order.
        var before = new TreeMap<>(rows);
        store.clear();
        rows.clear();
        lastOfBalancer.clear();
        book = RoutingBook.of(store);
        new ArrayList<>(members.descendingMap().entrySet())
                .forEach(m -> member(m.getKey(), m.getValue()));
        new ArrayList<>(balancers.descendingMap().entrySet())
                .forEach(b -> balancer(b.getKey(), b.getValue()));
        assertMatchesTheModel();
        assertThat(destinations(rows)).isEqualTo(destinations(before));
    }

    private static NetworkMember randomNic(Random random, String name) {
        var labels = new TreeMap<String, String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            labels.put("k" + random.nextInt(3), "v" + random.nextInt(3));
        }
        var ips = new ArrayList<String>();
        if (random.nextInt(4) > 0) {
            ips.add("10.0.0." + random.nextInt(3));
        }
        if (random.nextInt(2) > 0) {
            ips.add("fd00::" + random.nextInt(3));
        }
        var state = random.nextInt(3) == 0 ? STATES.get(random.nextInt(3)) : STATES.get(1);
        return new NetworkMember(name, name + random.nextInt(2), 1L, labels, state, ips, List.of());
    }

    private static BalancerRow randomLb(Random random, String name, int step) {
        var families =
                switch (random.nextInt(3)) {
                    case 0 -> List.of("IPv4");
                    case 1 -> List.of("IPv6");
                    default -> List.of("IPv4", "IPv6");
                };
        var labels = new TreeMap<String, String>();
        if (random.nextBoolean()) {
            labels.put("k" + random.nextInt(3), "v" + random.nextInt(3));
        }
        var expressions = new ArrayList<LabelSelectorRequirement>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String operator = OPERATORS.get(random.nextInt(4));
            var values = new ArrayList<String>();
            if (operator.endsWith("In")) {
                values.add("v" + random.nextInt(3));
                values.add("v" + random.nextInt(3));
            }
            expressions.add(
                    new LabelSelectorRequirement("k" + random.nextInt(3), operator, values));
        }
        var selector = random.nextInt(10) == 0 ? null : new LabelSelector(labels, expressions);
        return new BalancerRow(
                name, name + random.nextInt(2), (long) step, families, selector, false);
    }

    private void assertMatchesTheModel() {
        var expected = new TreeMap<String, Destination>();
        balancers.forEach((key, balancer) -> {
            String network = key.substring(0, key.lastIndexOf('/'));
            var hash = BigInteger.ZERO;
            int count = 0;
            for (var member : members.entrySet()) {
                var destination = expected(network, balancer, member.getKey(), member.getValue());
                if (destination != null) {
                    expected.put(
                            "ns/%s/%s".formatted(balancer.getName(), destination.getName()),
                            destination);
                    hash = hash.add(hash(destination));
                    count++;
                }
            }
            var last = lastOfBalancer.get("ns/" + balancer.getName());
            assertThat(last.getCount()).isEqualTo(count);
            assertThat(new BigInteger(last.getSetHash(), 16))
                    .isEqualTo(hash.mod(BigInteger.ONE.shiftLeft(128)));
            assertThat(last.getOwnerVersion()).isEqualTo(balancer.getVersion());
            assertThat(rows).containsKey("ns/" + balancer.getName() + "/");
        });
        assertThat(destinations(rows)).isEqualTo(expected);
        assertThat(rows.values().stream().filter(r -> r.getDestination() == null).count())
                .isEqualTo(balancers.size());
    }

    private static Map<String, Destination> destinations(
            Map<String, LoadBalancerDestination> rows) {
        var destinations = new TreeMap<String, Destination>();
        rows.forEach((key, row) -> {
            if (row.getDestination() != null) {
                destinations.put(key, row.getDestination());
            }
        });
        return destinations;
    }

    private static @Nullable Destination expected(
            String network, BalancerRow balancer, String key, NetworkMember member) {
        if (balancer.getSelector() == null
                || !key.startsWith(network + "/")
                || member.getState() != NetworkInterfaceState.Available
                || !matches(balancer.getSelector(), member.getLabels())) {
            return null;
        }
        var ips = new ArrayList<String>();
        for (String ip : member.getIps()) {
            if (balancer.getIpFamilies().contains(ip.contains(":") ? "IPv6" : "IPv4")) {
                ips.add(ip);
            }
        }
        ips.sort(null);
        return ips.isEmpty() ? null : new Destination(member.getName(), member.getUid(), ips);
    }

    private static boolean matches(LabelSelector selector, Map<String, String> labels) {
        for (var label : selector.getMatchLabels().entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        for (var expression : selector.getMatchExpressions()) {
            String value = labels.get(expression.getKey());
            boolean met =
                    switch (expression.getOperator()) {
                        case "In" -> value != null && expression.getValues().contains(value);
                        case "NotIn" -> value == null || !expression.getValues().contains(value);
                        case "Exists" -> value != null;
                        default -> value == null;
                    };
            if (!met) {
                return false;
            }
        }
        return true;
    }

    private static BigInteger hash(Destination destination) {
        String text =
                destination.getName()
                        + "\n"
                        + destination.getUid()
                        + "\n"
                        + String.join(",", destination.getIps());
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return new BigInteger(1, Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
