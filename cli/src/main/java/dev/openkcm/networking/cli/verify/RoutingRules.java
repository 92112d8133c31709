package dev.openkcm.networking.cli.verify;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What must hold between balancers, interfaces and the published destinations. */
final class RoutingRules {
    private RoutingRules() {}

    /** The destinations are those that the selector matches, evaluated over all interfaces. */
    static void destinations(Estate estate, Tally tally) {
        Map<String, Map<String, GenericRecord>> rows = new HashMap<>();
        Map<String, LogRecord> last = new HashMap<>();
        estate.rows(
                Estate.ROUTING,
                (record, row) -> {
                    String key = Objects.requireNonNull(record.key());
                    String balancer = key.substring(0, key.lastIndexOf('/'));
                    if (Values.at(row, "destination") instanceof GenericRecord destination) {
                        rows.computeIfAbsent(balancer, _ -> new TreeMap<>())
                                .put(Values.text(destination, "name"), destination);
                    }
                    last.merge(balancer, record, (a, b) -> a.offset() > b.offset() ? a : b);
                    GenericRecord owner = estate.state("LoadBalancer", balancer);
                    tally.expect(
                            owner != null
                                    && Values.text(owner, "metadata.uid")
                                            .equals(Values.text(row, "ownerUid"))
                                    && Values.number(row, "ownerVersion")
                                            <= Values.number(owner, "metadata.resourceVersion"),
                            "the row %s is of a LoadBalancer that there is not, or of a later version"
                                    .formatted(key),
                            record.place());
                });
        estate.states(
                "LoadBalancer",
                (record, balancer) -> {
                    Map<String, String> wanted = new TreeMap<>();
                    estate.states(
                            "NetworkInterface",
                            (_, nic) -> {
                                List<String> ips = ips(balancer, nic);
                                if (!ips.isEmpty()) {
                                    wanted.put(
                                            Values.text(nic, "metadata.name"),
                                            Values.text(nic, "metadata.uid")
                                                    + "\n"
                                                    + String.join(",", ips));
                                }
                            });
                    Map<String, String> shown = new TreeMap<>();
                    rows.getOrDefault(String.valueOf(record.key()), Map.of())
                            .forEach((name, destination) ->
                                    shown.put(
                                            name,
                                            Values.text(destination, "uid")
                                                    + "\n"
                                                    + String.join(
                                                            ",",
                                                            Values.texts(destination, "ips"))));
                    LogRecord proof = last.get(record.key());
                    String place = proof == null ? "no row" : proof.place();
                    tally.expect(
                            shown.equals(wanted),
                            "LoadBalancer %s: the destinations are %s, the selector matches %s"
                                    .formatted(record.key(), shown, wanted),
                            record.place(),
                            place);
                    checkProof(tally, record, proof == null ? null : proof.value(), shown, place);
                });
    }

    private static void checkProof(
            Tally tally,
            LogRecord balancer,
            @Nullable GenericRecord proof,
            Map<String, String> destinations,
            String place) {
        SetHash sum = new SetHash();
        destinations.forEach((name, said) -> sum.add(name + "\n" + said));
        String expected = sum.text();
        tally.expect(
                proof == null
                        ? destinations.isEmpty()
                        : Values.number(proof, "count") == destinations.size()
                                && Values.text(proof, "setHash").equals(expected),
                "LoadBalancer %s: count and setHash are %s %s, %d destinations make %s"
                        .formatted(
                                balancer.key(),
                                Values.number(proof, "count"),
                                Values.text(proof, "setHash"),
                                destinations.size(),
                                expected),
                place);
    }

    /** The addresses of a destination; none when the interface is no destination. */
    private static List<String> ips(GenericRecord balancer, GenericRecord nic) {
        boolean destination =
                Values.text(nic, "status.state").equals("Available")
                        && same(balancer, nic, "metadata.namespace")
                        && same(balancer, nic, "spec.networkRef.name")
                        && Selectors.matches(
                                Values.at(balancer, "spec.networkInterfaceSelector")
                                                instanceof GenericRecord selector
                                        ? selector
                                        : null,
                                Values.map(nic, "metadata.labels"));
        if (!destination) {
            return List.of();
        }
        List<String> families = Values.texts(balancer, "spec.ipFamilies");
        return Values.texts(nic, "status.ips").stream()
                .filter(ip -> families.contains(ip.indexOf(':') < 0 ? "IPv4" : "IPv6"))
                .sorted()
                .toList();
    }

    private static boolean same(GenericRecord one, GenericRecord other, String path) {
        return Values.text(one, path).equals(Values.text(other, path));
    }
}
