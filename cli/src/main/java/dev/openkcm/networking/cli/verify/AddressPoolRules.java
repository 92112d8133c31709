package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/** What must hold between public addresses and those that hold them. */
final class AddressPoolRules {
    private AddressPoolRules() {}

    /** One holder per address, from a pool that has it; and holders and grants agree. */
    static void grants(Estate estate, Tally tally) {
        Map<String, LogRecord> holders = new HashMap<>();
        Map<String, List<String>> granted = new HashMap<>();
        estate.rows(
                Estate.GRANTS,
                (record, grant) -> {
                    String address = Values.text(grant, "address");
                    if (address.isEmpty()) {
                        return;
                    }
                    LogRecord before = holders.put(address, record);
                    tally.expect(
                            before == null,
                            "%s is granted to %s and to %s"
                                    .formatted(
                                            address,
                                            before == null ? "" : before.key(),
                                            record.key()),
                            before == null ? "" : before.place(),
                            record.place());
                    checkPool(estate, tally, record, grant, address);
                    String kind = Values.text(grant, "kind");
                    String holder =
                            Values.text(grant, "namespace") + "/" + Values.text(grant, "name");
                    GenericRecord state = estate.state(kind, holder);
                    tally.expect(
                            state != null
                                    && Values.text(state, "metadata.uid")
                                            .equals(Values.text(grant, "uid")),
                            "%s is granted to %s %s, which does not exist"
                                    .formatted(address, kind, holder),
                            record.place());
                    granted.computeIfAbsent(kind + " " + holder, _ -> new ArrayList<>())
                            .add(address);
                });
        // A gateway keeps what it empties until nobody uses it, and shows it no more.
        for (String kind : List.of("VirtualIP", "NATGateway")) {
            estate.states(
                    kind,
                    (record, state) -> {
                        List<String> mine =
                                granted.getOrDefault(kind + " " + record.key(), List.of());
                        tally.expect(
                                kind.equals("VirtualIP")
                                        ? mine.equals(shown(kind, state))
                                        : mine.containsAll(shown(kind, state)),
                                "%s %s shows %s, and was granted %s"
                                        .formatted(kind, record.key(), shown(kind, state), mine),
                                record.place());
                    });
        }
        estate.states(
                "LoadBalancer",
                (record, state) -> {
                    List<String> mine =
                            granted.getOrDefault("LoadBalancer " + record.key(), List.of());
                    tally.expect(
                            Values.texts(state, "status.ips").containsAll(mine),
                            "LoadBalancer %s shows %s, and was granted %s"
                                    .formatted(
                                            record.key(), Values.texts(state, "status.ips"), mine),
                            record.place());
                });
    }

    private static void checkPool(
            Estate estate, Tally tally, LogRecord record, GenericRecord grant, String address) {
        GenericRecord pool = estate.state("AddressPool", Values.text(grant, "pool"));
        tally.expect(
                pool == null
                        || Values.texts(pool, "spec.cidrs").stream()
                                .anyMatch(cidr -> Range.of(cidr).contains(Range.of(address)))
                        || !Values.records(pool, "status.draining").isEmpty()
                        || !Values.texts(pool, "status.draining").isEmpty(),
                "%s was granted from pool %s, which does not have it"
                        .formatted(address, Values.text(grant, "pool")),
                record.place());
    }

    private static List<String> shown(String kind, GenericRecord state) {
        if (kind.equals("VirtualIP")) {
            String ip = Values.text(state, "status.ip");
            return ip.isEmpty() ? List.of() : List.of(ip);
        }
        return Values.records(state, "status.ips").stream()
                .map(one -> Values.text(one, "ip"))
                .toList();
    }

    /** Port ranges of one public address don't overlap, and lie in 1024..65535. */
    static void ports(Estate estate, Tally tally) {
        record Ports(long first, long last, LogRecord record) {}
        Map<String, List<Ports>> byAddress = new HashMap<>();
        estate.rows(
                Estate.PORTS,
                (record, row) ->
                        byAddress
                                .computeIfAbsent(
                                        Values.text(row, "publicIP"), _ -> new ArrayList<>())
                                .add(
                                        new Ports(
                                                Values.number(row, "port"),
                                                Values.number(row, "endPort"),
                                                record)));
        byAddress.forEach((address, ranges) -> {
            ranges.sort(java.util.Comparator.comparingLong(Ports::first));
            long free = 1024;
            String before = "";
            for (Ports ports : ranges) {
                tally.expect(
                        ports.first() >= free
                                && ports.last() >= ports.first()
                                && ports.last() <= 65535,
                        "%s: the ports %d..%d of %s overlap, or lie outside 1024..65535"
                                .formatted(
                                        address, ports.first(), ports.last(), ports.record().key()),
                        before,
                        ports.record().place());
                free = Math.max(free, ports.last() + 1);
                before = ports.record().place();
            }
        });
    }

    /** Whoever got ports last has them, and nobody else does. */
    static void portEvents(Estate estate, Tally tally) {
        Map<String, LogRecord> unexplained = new TreeMap<>();
        Map<String, GenericRecord> rows = new HashMap<>();
        estate.rows(
                Estate.PORTS,
                (record, row) -> {
                    unexplained.put(String.valueOf(record.key()), record);
                    rows.put(String.valueOf(record.key()), row);
                });
        estate.rows(
                Estate.PORT_EVENTS,
                (record, event) -> {
                    GenericRecord row = rows.get(record.key());
                    boolean assigned = Boolean.parseBoolean(Values.text(event, "assigned"));
                    tally.expect(
                            assigned ? row != null && samePorts(event, row) : row == null,
                            "%s: the last event is %s, the row %s"
                                    .formatted(record.key(), event, row),
                            record.place());
                    unexplained.remove(record.key());
                });
        unexplained.forEach((key, record) ->
                tally.expect(
                        false, "%s has ports without an event".formatted(key), record.place()));
    }

    private static boolean samePorts(GenericRecord event, GenericRecord row) {
        return Stream.of("gatewayUid", "uid", "ip", "publicIP", "port", "endPort", "since")
                .allMatch(field -> Values.text(event, field).equals(Values.text(row, field)));
    }
}
