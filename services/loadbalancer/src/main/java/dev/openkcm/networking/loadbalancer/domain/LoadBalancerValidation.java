package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is wrong with a LoadBalancer that somebody wants, all of it. */
final class LoadBalancerValidation {

    private static final int MAX_PORTS = 100;
    private static final int MAX_REQUIREMENTS = 64;
    private static final int MAX_VALUES = 100;
    private static final int LAST_PORT = 65_535;
    private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

    private final Validation causes = new Validation();

    private LoadBalancerValidation() {}

    /** Of a spec whose defaults are filled in. */
    static List<Cause> causes(LoadBalancer before, LoadBalancerCommand.Apply apply) {
        var validation = new LoadBalancerValidation();
        validation.causes.metadata(apply.labels(), apply.annotations());
        validation.spec(apply.spec());
        if (before instanceof LoadBalancer.Present present) {
            validation.changes(present.spec(), apply.spec());
        }
        return validation.causes.causes();
    }

    private void spec(LoadBalancerSpec spec) {
        type(spec.type());
        causes.ipFamilies(spec.ipFamilies(), spec.ips().isEmpty());
        addresses(spec);
        if (spec.network().isEmpty()) {
            causes.required("spec.networkRef", "must name the Network");
        } else {
            causes.dnsSubdomain("spec.networkRef.name", spec.network());
        }
        if (spec.selector() != null) {
            selector("spec.networkInterfaceSelector", spec.selector());
        }
        virtualIps(spec);
        ports(spec.ports());
    }

    private void type(String type) {
        if (type.isEmpty()) {
            causes.required("spec.type", "must be Public or Internal");
        } else if (!type.equals(LoadBalancerSpec.PUBLIC)
                && !type.equals(LoadBalancerSpec.INTERNAL)) {
            causes.notSupported(
                    "spec.type", "must be Public or Internal, is " + Texts.quoted(type));
        }
    }

    private void addresses(LoadBalancerSpec spec) {
        if (!spec.type().equals(LoadBalancerSpec.INTERNAL)) {
            if (!spec.ips().isEmpty()) {
                causes.forbidden("spec.ips", "only an Internal balancer chooses its addresses");
            }
            return;
        }
        if (spec.ips().isEmpty()) {
            causes.required("spec.ips", "an Internal balancer needs one address per family");
            return;
        }
        causes.addressPerFamily(spec.ips(), spec.ipFamilies());
    }

    private void virtualIps(LoadBalancerSpec spec) {
        if (spec.virtualIps().isEmpty()) {
            return;
        }
        if (spec.type().equals(LoadBalancerSpec.INTERNAL)) {
            causes.forbidden("spec.virtualIPRefs", "only a Public balancer has VirtualIPs");
        }
        Set<String> seen = Validation.seen();
        for (int i = 0; i < spec.virtualIps().size(); i++) {
            String name = spec.virtualIps().get(i);
            if (causes.dnsLabel("spec.virtualIPRefs[%d].name".formatted(i), name)) {
                causes.unique("spec.virtualIPRefs[%d]".formatted(i), name, seen, "the VirtualIP");
            }
        }
        if (spec.virtualIps().size() > Math.max(1, spec.ipFamilies().size())) {
            causes.invalid(
                    "spec.virtualIPRefs",
                    "at most one VirtualIP per family is allowed: %d families, %d VirtualIPs"
                            .formatted(spec.ipFamilies().size(), spec.virtualIps().size()));
        }
    }

    private void selector(String path, InterfaceSelector selector) {
        causes.atMost(
                path,
                selector.matchLabels().size() + selector.matchExpressions().size(),
                MAX_REQUIREMENTS);
        selector.matchLabels()
                .forEach((key, value) -> {
                    causes.labelKey(path + ".matchLabels", key);
                    causes.labelValue(
                            "%s.matchLabels[%s]".formatted(path, Texts.quoted(key)), value);
                });
        for (int i = 0; i < selector.matchExpressions().size(); i++) {
            expression(
                    "%s.matchExpressions[%d]".formatted(path, i),
                    selector.matchExpressions().get(i));
        }
    }

    private void expression(String path, InterfaceSelector.Expression expression) {
        if (expression.key().isEmpty()) {
            causes.required(path + ".key", "must name a label");
        } else {
            causes.labelKey(path + ".key", expression.key());
        }
        String values = path + ".values";
        switch (expression.operator()) {
            case "In", "NotIn" -> {
                if (expression.values().isEmpty()) {
                    causes.required(values, "must be given for " + expression.operator());
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!expression.values().isEmpty()) {
                    causes.forbidden(values, "can't be given for " + expression.operator());
                }
            }
            case "" ->
                    causes.required(
                            path + ".operator", "must be In, NotIn, Exists or DoesNotExist");
            default ->
                    causes.notSupported(
                            path + ".operator",
                            "must be In, NotIn, Exists or DoesNotExist, is "
                                    + Texts.quoted(expression.operator()));
        }
        causes.atMost(values, expression.values().size(), MAX_VALUES);
        for (int i = 0; i < expression.values().size(); i++) {
            causes.labelValue("%s[%d]".formatted(values, i), expression.values().get(i));
        }
    }

    /** Every entry is checked once, by itself; overlaps are the later entry's fault. */
    private void ports(List<Port> ports) {
        if (ports.isEmpty()) {
            causes.required("spec.ports", "must have at least one port");
        }
        causes.atMost("spec.ports", ports.size(), MAX_PORTS);
        var sound = new ArrayList<Port>();
        for (int i = 0; i < ports.size(); i++) {
            String path = "spec.ports[%d]".formatted(i);
            var port = ports.get(i);
            if (!port(path, port)) {
                continue;
            }
            for (Port earlier : sound) {
                if (earlier.overlaps(port)) {
                    causes.forbidden(path, "%s overlaps %s".formatted(told(port), told(earlier)));
                    break;
                }
            }
            sound.add(port);
        }
    }

    private boolean port(String path, Port port) {
        boolean sound = true;
        if (!PROTOCOLS.contains(port.protocol())) {
            causes.notSupported(
                    path + ".protocol",
                    "must be TCP, UDP or SCTP, is " + Texts.quoted(port.protocol()));
            sound = false;
        }
        boolean first = inRange(path + ".port", port.port());
        Integer end = port.endPort();
        if (end != null) {
            boolean last = inRange(path + ".endPort", end);
            if (first && last && end < port.port()) {
                causes.forbidden(
                        path + ".endPort",
                        "must not be below port: %d is below %d".formatted(end, port.port()));
                sound = false;
            }
            sound &= last;
        }
        return sound && first;
    }

    private boolean inRange(String path, int port) {
        if (port >= 1 && port <= LAST_PORT) {
            return true;
        }
        causes.invalid(path, "must be from 1 to %d, is %d".formatted(LAST_PORT, port));
        return false;
    }

    private static String told(Port port) {
        return port.endPort() == null
                ? "%s %d".formatted(port.protocol(), port.port())
                : "%s %d-%d".formatted(port.protocol(), port.port(), port.endPort());
    }

    private void changes(LoadBalancerSpec before, LoadBalancerSpec now) {
        if (!before.type().equals(now.type())) {
            causes.forbidden("spec.type", "field is immutable");
        }
        if (!before.network().equals(now.network())) {
            causes.forbidden("spec.networkRef", "field is immutable");
        }
    }
}
