package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.domain.PolicySpec.Block;
import dev.openkcm.networking.policy.domain.PolicySpec.Expression;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.domain.PolicySpec.Peer;
import dev.openkcm.networking.policy.domain.PolicySpec.Port;
import dev.openkcm.networking.policy.domain.PolicySpec.Rule;
import dev.openkcm.networking.policy.domain.PolicySpec.Selected;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes resources and policies at random, from few enough words that they often meet. */
final class Estates {

    static final List<ResourceKey> NETWORKS =
            List.of(
                    new ResourceKey("default", "net"),
                    new ResourceKey("default", "other"),
                    new ResourceKey("tenant", "net"));

    private static final List<String> KEYS = List.of("app", "tier", "zone");
    private static final List<String> VALUES = List.of("a", "b", "c");
    private static final List<String> BLOCKS =
            List.of(
                    "0.0.0.0/0",
                    "10.0.0.0/8",
                    "10.0.0.0/28",
                    "10.0.0.4/30",
                    "10.0.0.5/32",
                    "10.1.0.0/16",
                    "10.1.1.128/25",
                    "10.1.2.0/25",
                    "203.0.113.0/24",
                    "::/0",
                    "fd00::/64",
                    "fd00::4/126",
                    "fd00::5/128");

    private final Random random;

    Estates(long seed) {
        this.random = new Random(seed);
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    /** The same few addresses in every Network. */
    Member networkInterface(ResourceKey network, int number) {
        var addresses = new ArrayList<Cidr>();
        if (random.nextInt(8) > 0) {
            addresses.add(Cidr.parseAddress("10.0.0." + number).orElseThrow());
        }
        if (random.nextBoolean()) {
            addresses.add(Cidr.parseAddress("fd00::" + Integer.toHexString(number)).orElseThrow());
        }
        if (random.nextInt(4) == 0) {
            addresses.add(Cidr.parse("10.1.%d.0/24".formatted(number)).orElseThrow());
        }
        return new Member(
                MemberKind.NetworkInterface,
                network,
                "nic-" + number,
                "uid-" + random.nextInt(3),
                1,
                labels(),
                addresses);
    }

    Member balancer(ResourceKey network, int number) {
        return new Member(
                MemberKind.LoadBalancer,
                network,
                "lb-" + number,
                "uid",
                1,
                labels(),
                List.of(Cidr.parseAddress("203.0.113." + number).orElseThrow()));
    }

    VirtualIp virtualIp(String namespace, int number) {
        boolean used = random.nextInt(4) > 0;
        return new VirtualIp(
                new ResourceKey(namespace, "vip-" + number),
                "uid",
                1,
                labels(),
                random.nextInt(6) == 0
                        ? null
                        : Cidr.parseAddress(
                                        "203.0.113.%d"
                                                .formatted(
                                                        100
                                                                + number
                                                                + (namespace.equals("tenant")
                                                                        ? 50
                                                                        : 0)))
                                .orElseThrow(),
                used ? MemberKind.NetworkInterface : null,
                used ? "nic-" + (1 + random.nextInt(9)) : null);
    }

    SortedMap<String, String> labels() {
        var labels = new TreeMap<String, String>();
        for (String key : KEYS) {
            if (random.nextInt(3) > 0) {
                labels.put(key, any(VALUES));
            }
        }
        return labels;
    }

    Policy policy(ResourceKey network, int number) {
        var types = new ArrayList<String>();
        if (random.nextInt(3) > 0) {
            types.add("Ingress");
        }
        if (types.isEmpty() || random.nextBoolean()) {
            types.add("Egress");
        }
        return new Policy(
                network.sibling("policy-%s-%d".formatted(network.name(), number)),
                "uid",
                1,
                1,
                new PolicySpec(
                        network.name(),
                        selector(),
                        types,
                        types.contains("Ingress") ? rules() : List.of(),
                        types.contains("Egress") ? rules() : List.of()));
    }

    private List<Rule> rules() {
        var rules = new ArrayList<Rule>();
        for (int i = random.nextInt(4); i > 0; i--) {
            var ports = new ArrayList<Port>();
            for (int j = random.nextInt(2); j >= 0; j--) {
                ports.add(port());
            }
            var peers = new ArrayList<Peer>();
            for (int j = random.nextInt(4); j > 0; j--) {
                peers.add(peer());
            }
            rules.add(new Rule(ports, peers));
        }
        return rules;
    }

    private Port port() {
        String protocol = any(List.of("TCP", "UDP", "SCTP"));
        return switch (random.nextInt(3)) {
            case 0 -> new Port(protocol, null, null);
            case 1 -> new Port(protocol, 80 + random.nextInt(3), null);
            default -> new Port(protocol, 79 + random.nextInt(3), 82 + random.nextInt(3));
        };
    }

    private Peer peer() {
        if (random.nextInt(3) == 0) {
            String cidr = any(BLOCKS);
            var outer = Cidr.parse(cidr).orElseThrow();
            var except = new ArrayList<String>();
            for (String inner : BLOCKS) {
                if (random.nextInt(4) == 0 && outer.contains(Cidr.parse(inner).orElseThrow())) {
                    except.add(inner);
                }
            }
            return new Peer(new Block(cidr, except), null);
        }
        String kind =
                any(List.of("NetworkInterface", "NetworkInterface", "LoadBalancer", "VirtualIP"));
        return new Peer(null, new Selected(kind, selector()));
    }

    private Labels selector() {
        var match = new TreeMap<String, String>();
        if (random.nextBoolean()) {
            match.put(any(KEYS), any(VALUES));
        }
        var expressions = new ArrayList<Expression>();
        if (random.nextInt(3) == 0) {
            String operator = any(List.of("In", "NotIn", "Exists", "DoesNotExist"));
            boolean values = operator.equals("In") || operator.equals("NotIn");
            expressions.add(
                    new Expression(
                            any(KEYS),
                            operator,
                            values ? List.of(any(VALUES), any(VALUES)) : List.of()));
        }
        return new Labels(match, expressions);
    }
}
