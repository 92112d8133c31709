package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What must hold among Networks, and between Networks and those that use them. */
final class NetworkRules {
    private static final List<String> USERS =
            List.of("NetworkInterface", "LoadBalancer", "NATGateway", "NetworkPolicy");

    private NetworkRules() {}

    /** No two Networks have one id. */
    static void ids(Estate estate, Tally tally) {
        Map<String, LogRecord> owners = new HashMap<>();
        estate.states(
                "Network",
                (record, state) -> {
                    String[] provider = Values.text(state, "spec.providerID").split("/", -1);
                    if (provider.length == 6) {
                        LogRecord before = owners.put(provider[4], record);
                        tally.expect(
                                before == null,
                                "Networks %s and %s both have id %s"
                                        .formatted(
                                                before == null ? "" : before.key(),
                                                record.key(),
                                                provider[4]),
                                before == null ? "" : before.place(),
                                record.place());
                    }
                });
    }

    /** Bound on both sides, or on neither: exactly when both wish it and both are Available. */
    static void peerings(Estate estate, Tally tally) {
        estate.states(
                "Network",
                (record, network) -> {
                    Map<String, String> phases = new HashMap<>();
                    for (GenericRecord status : Values.records(network, "status.peerings")) {
                        phases.put(Values.text(status, "name"), Values.text(status, "phase"));
                    }
                    Set<String> incoming = new HashSet<>();
                    for (GenericRecord peering : Values.records(network, "spec.peerings")) {
                        String target = target(network, peering);
                        GenericRecord peer = estate.state("Network", target);
                        boolean bound =
                                peer != null
                                        && available(network)
                                        && available(peer)
                                        && refersTo(peer, Estate.key(network));
                        if (bound && peer != null) {
                            incoming.add(target + " " + Values.text(peer, "metadata.uid"));
                        }
                        String name = Values.text(peering, "name");
                        tally.expect(
                                (bound ? "Bound" : "Pending").equals(phases.get(name)),
                                "Network %s: peering %s with %s is %s, and should be %s"
                                        .formatted(
                                                record.key(),
                                                name,
                                                target,
                                                phases.get(name),
                                                bound ? "Bound" : "Pending"),
                                record.place(),
                                place(estate, target));
                    }
                    Set<String> shown = new HashSet<>();
                    for (GenericRecord one : Values.records(network, "spec.incomingPeerings")) {
                        shown.add(
                                Values.text(one, "namespace")
                                        + "/"
                                        + Values.text(one, "name")
                                        + " "
                                        + Values.text(one, "uid"));
                    }
                    tally.expect(
                            shown.equals(incoming),
                            "Network %s: incomingPeerings are %s, and should be %s"
                                    .formatted(record.key(), shown, incoming),
                            record.place());
                });
    }

    private static String place(Estate estate, String network) {
        LogRecord record = estate.history("Network").states().get(network);
        return record == null ? "no Network " + network : record.place();
    }

    private static boolean available(@Nullable GenericRecord network) {
        return Values.text(network, "status.state").equals("Available");
    }

    private static boolean refersTo(GenericRecord network, String key) {
        return Values.records(network, "spec.peerings").stream()
                .anyMatch(peering -> target(network, peering).equals(key));
    }

    private static String target(GenericRecord network, GenericRecord peering) {
        return Values.orElse(
                        Values.text(peering, "networkRef.namespace"),
                        Values.text(network, "metadata.namespace"))
                + "/"
                + Values.text(peering, "networkRef.name");
    }

    /** A deletion waits for those that use the Network, for all of them and for nobody else. */
    static void blockers(Estate estate, Tally tally) {
        Map<String, Set<String>> users = new HashMap<>();
        for (String kind : USERS) {
            estate.states(
                    kind,
                    (record, state) -> {
                        String network = Values.text(state, "spec.networkRef.name");
                        if (!network.isEmpty()) {
                            users.computeIfAbsent(
                                            Values.text(state, "metadata.namespace")
                                                    + "/"
                                                    + network,
                                            _ -> new HashSet<>())
                                    .add(
                                            kind
                                                    + " "
                                                    + Values.text(state, "metadata.name")
                                                    + " "
                                                    + Values.text(state, "metadata.uid"));
                        }
                    });
        }
        estate.states(
                "Network",
                (record, network) -> {
                    if (Values.at(network, "metadata.deletionTimestamp") == null) {
                        return;
                    }
                    List<String> named = new ArrayList<>();
                    for (GenericRecord one : Values.records(network, "status.blockers")) {
                        named.add(
                                Values.text(one, "kind")
                                        + " "
                                        + Values.text(one, "name")
                                        + " "
                                        + Values.text(one, "uid"));
                    }
                    Set<String> real = users.getOrDefault(Estate.key(network), Set.of());
                    tally.expect(
                            !real.isEmpty() && !named.isEmpty() && real.containsAll(named),
                            "Network %s: its deletion waits for %s, it is used by %s"
                                    .formatted(record.key(), named, real),
                            record.place());
                });
    }
}
