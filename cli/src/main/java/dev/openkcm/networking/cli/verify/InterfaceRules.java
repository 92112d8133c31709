package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What must hold among interfaces, and between them, their Networks and VirtualIPs. */
final class InterfaceRules {
    private InterfaceRules() {}

    private static String network(GenericRecord nic) {
        return Values.text(nic, "metadata.namespace")
                + "/"
                + Values.text(nic, "spec.networkRef.name");
    }

    private static List<String> held(GenericRecord nic) {
        List<String> held = new ArrayList<>(Values.texts(nic, "status.ips"));
        held.addAll(Values.texts(nic, "status.prefixes"));
        return held;
    }

    /** Nothing is held twice, and whoever waits for something waits for what another holds. */
    static void addresses(Estate estate, Tally tally) {
        Map<String, Holdings> holdings = new HashMap<>();
        estate.states(
                "NetworkInterface",
                (record, nic) -> {
                    var clashes =
                            holdings.computeIfAbsent(network(nic), _ -> new Holdings())
                                    .replace(
                                            String.valueOf(record.key()),
                                            held(nic),
                                            record.place());
                    tally.expect(
                            clashes.isEmpty(),
                            "Network %s: interface %s holds what another holds: %s"
                                    .formatted(network(nic), record.key(), clashes),
                            record.place());
                });
        estate.states(
                "NetworkInterface",
                (record, nic) -> {
                    List<String> held = held(nic);
                    for (String claim : InterfaceFold.claims(nic, "spec.")) {
                        boolean taken =
                                holdings.getOrDefault(network(nic), new Holdings())
                                        .overlapping(Range.of(claim), String.valueOf(record.key()))
                                        .isPresent();
                        tally.expect(
                                held.contains(claim) || taken,
                                "Interface %s waits for %s, which nobody holds"
                                        .formatted(record.key(), claim),
                                record.place());
                    }
                });
    }

    /** The state follows from the Network and from what is held. */
    static void states(Estate estate, Tally tally) {
        estate.states(
                "NetworkInterface",
                (record, nic) -> {
                    GenericRecord network = estate.state("Network", network(nic));
                    String state = Values.text(nic, "status.state");
                    boolean complete = held(nic).containsAll(InterfaceFold.claims(nic, "spec."));
                    tally.expect(
                            complete ? follows(state, network) : state.equals("Error"),
                            "Interface %s is %s; its Network %s is %s, and it holds %s"
                                    .formatted(
                                            record.key(),
                                            state,
                                            network(nic),
                                            network == null
                                                    ? "absent"
                                                    : Values.text(network, "status.state"),
                                            complete ? "all it claims" : held(nic)),
                            record.place());
                });
    }

    private static boolean follows(String state, @Nullable GenericRecord network) {
        return switch (Values.text(network, "status.state")) {
            case "Available" -> state.equals("Available");
            case "Deleting" -> state.equals("Available") || state.equals("Pending");
            default -> state.equals("Pending");
        };
    }

    /** An interface shows exactly the addresses of the VirtualIPs that target it. */
    static void virtualIps(Estate estate, Tally tally) {
        Map<String, TreeSet<String>> byInterface = new HashMap<>();
        estate.states(
                "VirtualIP",
                (record, vip) -> {
                    String kind = Values.text(vip, "status.targetRef.kind");
                    if (kind.isEmpty()) {
                        return;
                    }
                    String target =
                            Values.text(vip, "metadata.namespace")
                                    + "/"
                                    + Values.text(vip, "status.targetRef.name");
                    GenericRecord user = estate.state(kind, target);
                    tally.expect(
                            user != null
                                    && Values.text(user, "metadata.uid")
                                            .equals(Values.text(vip, "status.targetRef.uid"))
                                    && names(user, Values.text(vip, "metadata.name")),
                            "VirtualIP %s targets %s %s, which does not exist or does not name it"
                                    .formatted(record.key(), kind, target),
                            record.place());
                    if (kind.equals("NetworkInterface")
                            && !Values.text(vip, "status.ip").isEmpty()) {
                        byInterface
                                .computeIfAbsent(target, _ -> new TreeSet<>())
                                .add(Values.text(vip, "status.ip"));
                    }
                });
        estate.states(
                "NetworkInterface",
                (record, nic) -> {
                    var expected =
                            byInterface.getOrDefault(String.valueOf(record.key()), new TreeSet<>());
                    var shown = new TreeSet<>(Values.texts(nic, "status.virtualIPs"));
                    tally.expect(
                            shown.equals(expected),
                            "Interface %s shows the public addresses %s, and has %s"
                                    .formatted(record.key(), shown, expected),
                            record.place());
                });
    }

    private static boolean names(GenericRecord user, String virtualIp) {
        return Values.text(user, "spec.virtualIP.virtualIPRef.name").equals(virtualIp)
                || Values.records(user, "spec.virtualIPRefs").stream()
                        .anyMatch(reference -> Values.text(reference, "name").equals(virtualIp));
    }
}
