package dev.openkcm.networking.loadbalancer;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.loadbalancer.codec.LoadBalancerCodec;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why an interface is a destination of a balancer, or is not: one finding per condition. */
record Explanation(List<Finding> findings) {

    /**
     * Whether one condition is met.
     *
     * @param check which condition
     * @param message in words, with what was found
     */
    record Finding(String check, boolean met, String message) {}

    /** Of an interface, given as namespace and name, that may not exist. */
    static Explanation of(
            LoadBalancer balancer,
            String namespace,
            String name,
            RoutingTable.@Nullable Known known) {
        var findings = new ArrayList<Finding>();
        String own = balancer.getMetadata().getNamespace();
        findings.add(
                new Finding(
                        "Namespace",
                        own.equals(namespace),
                        own.equals(namespace)
                                ? "both are in namespace " + own
                                : "the interface is in namespace %s, the balancer in %s"
                                        .formatted(namespace, own)));
        if (known == null) {
            findings.add(
                    new Finding(
                            "Exists",
                            false,
                            "NetworkInterface %s/%s does not exist".formatted(namespace, name)));
            return new Explanation(findings);
        }
        findings.add(new Finding("Exists", true, "the interface exists"));
        network(balancer, known.network(), findings);
        labels(balancer, known.member().getLabels(), findings);
        state(known.member(), findings);
        families(balancer, known.member(), findings);
        return new Explanation(findings);
    }

    boolean met() {
        return findings.stream().allMatch(Finding::met);
    }

    private static void network(LoadBalancer balancer, String network, List<Finding> findings) {
        String wanted = balancer.getSpec().getNetworkRef().getName();
        findings.add(
                new Finding(
                        "Network",
                        wanted.equals(network),
                        wanted.equals(network)
                                ? "both are in Network " + network
                                : "the interface is in Network %s, the balancer in %s"
                                        .formatted(network, wanted)));
    }

    private static void labels(
            LoadBalancer balancer, Map<String, String> labels, List<Finding> findings) {
        var selector =
                LoadBalancerCodec.requirements(balancer.getSpec().getNetworkInterfaceSelector());
        if (selector == null) {
            findings.add(
                    new Finding("Selector", false, "the balancer has no networkInterfaceSelector"));
            return;
        }
        if (selector.requirements().isEmpty()) {
            findings.add(
                    new Finding("Selector", true, "an empty selector selects every interface"));
        }
        for (var requirement : selector.requirements()) {
            String value = labels.get(requirement.key());
            findings.add(
                    new Finding(
                            "Label",
                            requirement.matches(labels),
                            "%s: %s"
                                    .formatted(
                                            text(requirement),
                                            value == null
                                                    ? "the interface has no label "
                                                            + requirement.key()
                                                    : "the interface has %s=%s"
                                                            .formatted(requirement.key(), value))));
        }
    }

    private static String text(LabelSelector.Requirement requirement) {
        String key = requirement.key();
        String values = String.join(", ", requirement.values());
        return switch (requirement.operator()) {
            case In -> "%s in (%s)".formatted(key, values);
            case NotIn -> "%s not in (%s)".formatted(key, values);
            case Exists -> key + " exists";
            case DoesNotExist -> key + " does not exist";
        };
    }

    private static void state(NetworkMember member, List<Finding> findings) {
        findings.add(
                new Finding(
                        "State",
                        member.getState() == NetworkInterfaceState.Available,
                        "the interface is " + member.getState()));
    }

    private static void families(
            LoadBalancer balancer, NetworkMember member, List<Finding> findings) {
        var families = balancer.getSpec().getIpFamilies();
        boolean met =
                member.getIps().stream()
                        .flatMap(ip -> Cidr.parseAddress(ip).stream())
                        .anyMatch(address -> families.contains(address.family().name()));
        findings.add(
                new Finding(
                        "Family",
                        met,
                        "the balancer has %s, the interface %s"
                                .formatted(
                                        String.join(" and ", families),
                                        member.getIps().isEmpty()
                                                ? "no address"
                                                : String.join(" and ", member.getIps()))));
    }
}
