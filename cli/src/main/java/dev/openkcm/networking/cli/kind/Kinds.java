package dev.openkcm.networking.cli.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.kind.Kind.Scope;
import dev.openkcm.networking.cli.output.Ages;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every kind there is. */
public final class Kinds {
    public static final String GROUP = "networking.openkcm.dev";

    private static final int ID_IN_PROVIDER_ID = 2;
    private static final int SHOWN = 3;

    private static final Column NAME = Column.at("NAME", "/metadata/name");
    private static final Column NETWORK = Column.at("NETWORK", "/spec/networkRef");
    private static final Column STATE = Column.at("STATE", "/status/state");
    private static final Column AGE =
            Column.of(
                    "AGE",
                    (document, now) ->
                            Ages.since(
                                    Documents.text(document, "/metadata/creationTimestamp"), now));
    private static final Column REASON =
            Column.of("REASON", (document, _) -> Documents.reason(document));

    public static final List<Kind> ALL =
            List.of(
                    kind(
                            "Network",
                            "networks",
                            List.of("net"),
                            "network",
                            "network",
                            NAME,
                            STATE,
                            Column.of("ID", (document, _) -> networkId(document)),
                            Column.of("PEERINGS", (document, _) -> peerings(document)),
                            AGE,
                            Column.at("PROVIDER-ID", "/spec/providerID").wide(),
                            REASON.wide()),
                    kind(
                            "NetworkInterface",
                            "networkinterfaces",
                            List.of("nic"),
                            "network-interface",
                            "interface",
                            NAME,
                            NETWORK,
                            Column.of("IPS", (document, _) -> addresses(document)),
                            Column.of("VIRTUALIP", (document, _) -> virtualAddresses(document)),
                            STATE,
                            AGE,
                            Column.at("MACHINE", "/spec/machineRef").wide(),
                            Column.at("PREFIXES", "/status/prefixes").wide(),
                            REASON.wide()),
                    kind(
                            "VirtualIP",
                            "virtualips",
                            List.of("vip"),
                            "virtual-ip",
                            "vip-nat",
                            NAME,
                            Column.at("TYPE", "/spec/type"),
                            Column.at("FAMILY", "/spec/ipFamily"),
                            Column.at("IP", "/status/ip"),
                            Column.of("TARGET", (document, _) -> target(document)),
                            STATE,
                            AGE,
                            Column.at("POOL", "/status/pool").wide(),
                            Column.at("WAITING", "/status/waitingTotal").wide(),
                            REASON.wide()),
                    kind(
                            "NATGateway",
                            "natgateways",
                            List.of("nat"),
                            "nat-gateway",
                            "vip-nat",
                            NAME,
                            NETWORK,
                            Column.of("IPS", (document, _) -> gatewayAddresses(document)),
                            Column.of("USED/REQUESTED", (document, _) -> usage(document)),
                            STATE,
                            AGE,
                            Column.at("FAMILY", "/spec/ipFamily").wide(),
                            Column.at("PORTS", "/spec/portsPerNetworkInterface").wide(),
                            Column.at("SLOTS", "/status/slots").wide(),
                            Column.of("UNSERVED", (document, _) -> unserved(document)).wide(),
                            REASON.wide()),
                    kind(
                            "LoadBalancer",
                            "loadbalancers",
                            List.of("lb"),
                            "load-balancer",
                            "loadbalancer",
                            NAME,
                            Column.at("TYPE", "/spec/type"),
                            NETWORK,
                            Column.at("IPS", "/status/ips"),
                            Column.of("PORTS", (document, _) -> ports(document)),
                            STATE,
                            AGE,
                            Column.of("SELECTOR", (document, _) -> interfaceSelector(document))
                                    .wide(),
                            Column.at("VIRTUALIPS", "/spec/virtualIPRefs").wide(),
                            REASON.wide()),
                    kind(
                            "LoadBalancerRouting",
                            "loadbalancerroutings",
                            List.of("lbr"),
                            "load-balancer",
                            "loadbalancer",
                            NAME,
                            Column.at("NETWORK", "/networkRef"),
                            Column.of(
                                    "DESTINATIONS",
                                    (document, _) ->
                                            String.valueOf(document.path("destinations").size())),
                            Column.of("TARGETS", (document, _) -> targets(document)),
                            AGE),
                    kind(
                            "NetworkPolicy",
                            "networkpolicies",
                            List.of("np", "netpol"),
                            "network-policy",
                            "policy",
                            NAME,
                            NETWORK,
                            Column.of("SELECTOR", (document, _) -> selector(document)),
                            Column.at("TYPES", "/spec/policyTypes"),
                            Column.of(
                                    "INTERFACES",
                                    (document, _) -> document.at("/status/interfaces").asText("0")),
                            Column.of(
                                    "RULES",
                                    (document, _) -> document.at("/status/rules").asText("0")),
                            STATE,
                            AGE,
                            REASON.wide()),
                    kind(
                            "NetworkPolicyRule",
                            "networkpolicyrules",
                            List.of("npr"),
                            "network-policy",
                            "policy",
                            NAME,
                            Column.at("NETWORK", "/networkRef"),
                            Column.of("ISOLATED", (document, _) -> isolated(document)),
                            Column.of(
                                    "RULES",
                                    (document, _) ->
                                            document.path("ruleCount")
                                                    .asText("" + document.path("rules").size()))),
                    new Kind(
                            "AddressPool",
                            "addresspools",
                            List.of("pool"),
                            "address-pool",
                            "vip-nat",
                            Scope.CLUSTER,
                            List.of(
                                    NAME,
                                    Column.at("FAMILY", "/spec/ipFamily"),
                                    Column.at("CIDRS", "/spec/cidrs"),
                                    Column.at("ALLOCATED", "/status/allocated"),
                                    Column.at("FREE", "/status/free"),
                                    STATE,
                                    AGE,
                                    Column.at("TOTAL", "/status/total").wide(),
                                    Column.at("QUARANTINED", "/status/quarantined").wide(),
                                    Column.at("WAITING", "/status/waiting").wide(),
                                    Column.of("DRAINING", (document, _) -> draining(document))
                                            .wide(),
                                    Column.of("REASON", (document, _) -> trouble(document))
                                            .wide())));

    private Kinds() {}

    /** The kind a person means: by kind, singular, plural or short name, in any case. */
    public static Optional<Kind> find(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        String bare =
                lower.endsWith("." + GROUP)
                        ? lower.substring(0, lower.length() - GROUP.length() - 1)
                        : lower;
        return ALL.stream().filter(kind -> kind.answersTo(bare)).findFirst();
    }

    /** The names to choose from, for messages. */
    public static String choice() {
        return ALL.stream()
                .map(kind -> kind.plural() + " (" + String.join(", ", kind.shortNames()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static Kind kind(
            String name,
            String plural,
            List<String> shortNames,
            String entity,
            String service,
            Column... columns) {
        return new Kind(
                name, plural, shortNames, entity, service, Scope.NAMESPACED, List.of(columns));
    }

    /** The id is the third part of {@code OpenKCM-net://namespace/name/id/uid}. */
    private static String networkId(JsonNode document) {
        String provider = Documents.text(document, "/spec/providerID");
        int scheme = provider.indexOf("://");
        String[] parts = provider.substring(scheme < 0 ? 0 : scheme + 3).split("/", -1);
        return parts.length > ID_IN_PROVIDER_ID ? parts[ID_IN_PROVIDER_ID] : "";
    }

    private static String peerings(JsonNode document) {
        int bound = 0;
        for (JsonNode peering : document.at("/status/peerings")) {
            if (peering.path("phase").asText().equals("Bound")) {
                bound++;
            }
        }
        int wanted = document.at("/spec/peerings").size();
        return wanted == 0 ? "" : bound + "/" + wanted;
    }

    private static String addresses(JsonNode document) {
        String held = Documents.text(document, "/status/ips");
        return held.isEmpty() ? Documents.text(document, "/spec/ips") : held;
    }

    private static String virtualAddresses(JsonNode document) {
        String all = Documents.text(document, "/status/virtualIPs");
        return all.isEmpty() ? Documents.text(document, "/status/virtualIP") : all;
    }

    private static String target(JsonNode document) {
        JsonNode target = document.at("/status/targetRef");
        return target.hasNonNull("name")
                ? target.path("kind").asText().toLowerCase(Locale.ROOT)
                        + "/"
                        + target.path("name").asText()
                : "";
    }

    private static String gatewayAddresses(JsonNode document) {
        List<String> all = new ArrayList<>();
        document.at("/status/ips").forEach(ip -> all.add(ip.path("ip").asText()));
        return String.join(",", all);
    }

    private static String usage(JsonNode document) {
        return Documents.text(document, "/status/used")
                + "/"
                + Documents.text(document, "/status/requested");
    }

    private static String unserved(JsonNode document) {
        List<String> all = new ArrayList<>();
        document.at("/status/unserved").forEach(name -> all.add(name.asText()));
        return shortened(all);
    }

    private static String draining(JsonNode document) {
        List<String> all = new ArrayList<>();
        document.at("/status/draining").forEach(range -> all.add(range.path("cidr").asText()));
        return String.join(",", all);
    }

    /** The conditions of a pool tell of trouble: none is good. */
    private static String trouble(JsonNode document) {
        for (JsonNode condition : document.at("/status/conditions")) {
            if (condition.path("status").asText().equals("True")) {
                return condition.path("reason").asText();
            }
        }
        return "";
    }

    private static String ports(JsonNode document) {
        List<String> all = new ArrayList<>();
        for (JsonNode port : document.at("/spec/ports")) {
            String end = port.hasNonNull("endPort") ? "-" + port.get("endPort").asText() : "";
            all.add(port.path("port").asText() + end + "/" + port.path("protocol").asText("TCP"));
        }
        return String.join(",", all);
    }

    private static String targets(JsonNode routing) {
        List<String> all = new ArrayList<>();
        for (JsonNode destination : routing.path("destinations")) {
            all.add(
                    Documents.text(destination, "/name")
                            + "="
                            + Documents.text(destination, "/ip"));
        }
        return shortened(all);
    }

    /** The first three, and how many more there are. */
    private static String shortened(List<String> all) {
        String shown = String.join(",", all.subList(0, Math.min(all.size(), SHOWN)));
        return all.size() > SHOWN ? shown + " and " + (all.size() - SHOWN) + " more" : shown;
    }

    private static String interfaceSelector(JsonNode balancer) {
        JsonNode selector = balancer.at("/spec/networkInterfaceSelector");
        if (selector.isMissingNode()) {
            return "";
        }
        List<String> terms = new ArrayList<>();
        String labels = Documents.pairs(selector.path("matchLabels"));
        if (!labels.isEmpty()) {
            terms.add(labels);
        }
        for (JsonNode expression : selector.path("matchExpressions")) {
            String values = Documents.text(expression, "/values");
            terms.add(
                    Documents.text(expression, "/key")
                            + " "
                            + Documents.text(expression, "/operator")
                            + (values.isEmpty() ? "" : " (" + values + ")"));
        }
        return terms.isEmpty() ? "<all>" : String.join(",", terms);
    }

    private static String selector(JsonNode document) {
        JsonNode selector = document.at("/spec/networkInterfaceSelector");
        List<String> all = new ArrayList<>();
        String labels = Documents.pairs(selector.path("matchLabels"));
        if (!labels.isEmpty()) {
            all.add(labels);
        }
        for (JsonNode expression : selector.path("matchExpressions")) {
            String key = Documents.text(expression, "/key");
            String values = "(" + Documents.text(expression, "/values") + ")";
            all.add(
                    switch (expression.path("operator").asText()) {
                        case "In" -> key + " in " + values;
                        case "NotIn" -> key + " notin " + values;
                        case "Exists" -> key;
                        default -> "!" + key;
                    });
        }
        return all.isEmpty() ? "<all>" : String.join(",", all);
    }

    private static String isolated(JsonNode document) {
        List<String> directions = new ArrayList<>();
        document.path("isolated")
                .properties()
                .forEach(direction -> {
                    if (direction.getValue().asBoolean()) {
                        directions.add(direction.getKey());
                    }
                });
        return directions.isEmpty() ? "no" : String.join(",", directions);
    }
}
