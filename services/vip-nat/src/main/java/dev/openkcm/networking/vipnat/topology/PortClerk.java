package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressEmptied;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayObservation;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayPortsWithdrawn;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.vipnat.allocation.NatGatewaySetup;
import dev.openkcm.networking.vipnat.allocation.NatJournal;
import dev.openkcm.networking.vipnat.allocation.NatMember;
import dev.openkcm.networking.vipnat.allocation.NatRange;
import dev.openkcm.networking.vipnat.allocation.NatRest;
import dev.openkcm.networking.vipnat.allocation.NatTable;
import dev.openkcm.networking.vipnat.codec.NatGatewayCodec;
import dev.openkcm.networking.vipnat.domain.natgateway.NetworkFact;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Gives the ports of the gateways of the Networks of one partition. The one writer of them.
 *
 * <p>The port tables work in memory; what they decide is in rows of the task's store, from which
 * they are rebuilt. Gateways are told of many changes at once, so that many interfaces do not make
 * as many events of a gateway.
 */
final class PortClerk
        extends ContextualProcessor<
                String, @Nullable SpecificRecord, String, @Nullable SpecificRecord> {

    static final String STORE = "nat-gateway-ports";
    static final String TO_PORTS = "to-ports";
    static final String TO_EVENTS = "to-port-events";
    static final String TO_GATEWAYS = "to-gateway-observations";

    /** A gateway is told this often at most. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What a gateway is to be told beside its service. */
    private record Emptied(String gateway, NATGatewayAddressEmptied what) {}

    private final Duration quarantine;
    private final Map<String, NatTable> tables = new HashMap<>();
    private final Map<String, NetworkFact> facts = new HashMap<>();
    private final List<Emptied> emptied = new ArrayList<>();
    private Headers cause = new RecordHeaders();
    private String causedBy = "";

    @SuppressWarnings("NullAway.Init") // Set by init(), which Streams calls before process().
    private KeyValueStore<String, byte[]> rows;

    PortClerk(Duration quarantine) {
        this.quarantine = quarantine;
    }

    /** Also called when a task starts anew on the same processor, so nothing may be left over. */
    @Override
    public void init(ProcessorContext<String, @Nullable SpecificRecord> context) {
        super.init(context);
        rows = context.getStateStore(STORE);
        tables.clear();
        facts.clear();
        emptied.clear();
        restore();
        context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::everyPause);
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        cause = record.headers();
        causedBy = CloudEventHeaders.text(cause, CloudEventHeaders.ID).orElse("unknown");
        String network = record.key();
        var now = Instant.ofEpochMilli(context().currentSystemTimeMs());
        switch (record.value()) {
            case dev.openkcm.networking.schemas.natgateway.v1.NatMember member ->
                    member(table(network), member, now);
            case dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup gateway ->
                    gateway(network, gateway, now);
            case Network state -> fact(network, fact(state));
            case null -> fact(network, NetworkFact.Missing);
            default -> throw new IllegalStateException("unknown: " + record.value());
        }
    }

    private static void member(
            NatTable table,
            dev.openkcm.networking.schemas.natgateway.v1.NatMember avro,
            Instant now) {
        if (avro.getPresent()) {
            var families = EnumSet.noneOf(IpFamily.class);
            avro.getVirtualIPFamilies().forEach(f -> IpFamily.of(f).ifPresent(families::add));
            table.member(
                    new NatMember(
                            avro.getName(),
                            avro.getUid(),
                            avro.getIpv4(),
                            avro.getIpv6(),
                            families),
                    now);
        } else {
            table.memberGone(avro.getName(), now);
        }
    }

    private void gateway(
            String network,
            dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup avro,
            Instant now) {
        var table = table(network);
        if (avro.getPresent()) {
            table.gateway(
                    new NatGatewaySetup(
                            avro.getName(),
                            avro.getUid(),
                            avro.getVersion(),
                            IpFamily.valueOf(avro.getIpFamily()),
                            avro.getPorts(),
                            avro.getFull(),
                            avro.getAddresses().stream()
                                    .map(a ->
                                            new NatGatewaySetup.Address(
                                                    a.getName(), a.getIp(), a.getReleasingSince()))
                                    .toList()),
                    now);
        } else {
            table.gatewayGone(avro.getName(), now);
            observe(
                    ResourceKey.parse(network).sibling(avro.getName()).toString(),
                    causedBy,
                    new NATGatewayPortsWithdrawn(avro.getUid()),
                    now.toEpochMilli());
        }
    }

    private static NetworkFact fact(Network network) {
        return switch (network.getStatus().getState()) {
            case Pending, Error -> NetworkFact.Pending;
            case Available -> NetworkFact.Available;
            case Deleting -> NetworkFact.Deleting;
        };
    }

    private void fact(String network, NetworkFact fact) {
        if (fact == facts.getOrDefault(network, NetworkFact.Missing)) {
            return; // Its labels and peerings matter to no gateway.
        }
        if (fact == NetworkFact.Missing) {
            facts.remove(network);
            rows.delete("network " + network);
        } else {
            facts.put(network, fact);
            rows.put("network " + network, PortRows.bytes(fact.name()));
        }
        var table = tables.get(network);
        if (table != null) {
            table.markAll();
        }
    }

    private NatTable table(String network) {
        return tables.computeIfAbsent(
                network, n -> new NatTable(quarantine, new Rows(ResourceKey.parse(n))));
    }

    private void everyPause(long nowMillis) {
        cause = new RecordHeaders();
        causedBy = "quarantine-over";
        var now = Instant.ofEpochMilli(nowMillis);
        for (var table : List.copyOf(tables.entrySet())) {
            table.getValue().tick(now);
            report(table.getKey(), table.getValue(), nowMillis);
            if (table.getValue().isEmpty()) {
                tables.remove(table.getKey());
            }
        }
        emptied.forEach(e -> observe(e.gateway, "ports/" + nowMillis, e.what, nowMillis));
        emptied.clear();
    }

    private void report(String network, NatTable table, long nowMillis) {
        var fact = facts.getOrDefault(network, NetworkFact.Missing);
        for (var gateway : table.changedGateways()) {
            observe(
                    ResourceKey.parse(network).sibling(gateway.name()).toString(),
                    "ports/" + nowMillis,
                    NatGatewayCodec.observed(gateway.uid(), table.service(gateway.name(), fact)),
                    nowMillis);
        }
    }

    private void observe(String gateway, String because, SpecificRecord what, long nowMillis) {
        context()
                .forward(
                        new Record<>(
                                gateway,
                                new NATGatewayObservation(because, what),
                                nowMillis,
                                cause),
                        TO_GATEWAYS);
    }

    private void restore() {
        each("network", row -> facts.put(row.network(), NetworkFact.valueOf(row.value())));
        each(
                "member",
                row ->
                        table(row.network())
                                .restore(
                                        PortRows.member(row.names()[0], row.value()),
                                        PortRows.number(row.value())));
        each(
                "gateway",
                row ->
                        table(row.network())
                                .restore(
                                        PortRows.gateway(row.names()[0], row.value()),
                                        PortRows.number(row.value())));
        each(
                "range",
                row ->
                        table(row.network())
                                .restore(
                                        row.names()[0],
                                        PortRows.range(row.names()[1], row.value())));
        each(
                "rest",
                row ->
                        table(row.network())
                                .restore(
                                        row.names()[0],
                                        PortRows.rest(
                                                row.names()[1], row.names()[2], row.value())));
        tables.values().forEach(NatTable::restored);
    }

    private record Row(String network, String[] names, String value) {}

    private void each(String what, Consumer<Row> reader) {
        try (var found = rows.range(what + " ", what + "!")) {
            found.forEachRemaining(r -> {
                String[] parts = r.key.split(" ", -1);
                String[] names = Arrays.copyOfRange(parts, 2, parts.length);
                reader.accept(
                        new Row(parts[1], names, new String(r.value, StandardCharsets.UTF_8)));
            });
        }
    }

    /** Keeps what a port table decides, and publishes it. */
    private final class Rows implements NatJournal {

        private final ResourceKey network;

        Rows(ResourceKey network) {
            this.network = network;
        }

        private String row(String what, Object... names) {
            var row = new StringBuilder(what).append(' ').append(network);
            for (Object name : names) {
                row.append(' ').append(name);
            }
            return row.toString();
        }

        @Override
        public void member(NatMember member, long order) {
            rows.put(row("member", member.name()), PortRows.toBytes(member, order));
        }

        @Override
        public void memberGone(NatMember member) {
            rows.delete(row("member", member.name()));
        }

        @Override
        public void gateway(NatGatewaySetup gateway, long arrival) {
            rows.put(row("gateway", gateway.name()), PortRows.toBytes(gateway, arrival));
        }

        @Override
        public void gatewayGone(NatGatewaySetup gateway) {
            rows.delete(row("gateway", gateway.name()));
        }

        @Override
        public void assigned(NatGatewaySetup gateway, NatRange range, String setHash) {
            rows.put(row("range", gateway.name(), range.nic()), PortRows.toBytes(range));
            publish(gateway, range, setHash);
            event(gateway, range, true);
        }

        @Override
        public void refreshed(NatGatewaySetup gateway, NatRange range, String setHash) {
            assigned(gateway, range, setHash);
        }

        @Override
        public void released(NatGatewaySetup gateway, NatRange range) {
            rows.delete(row("range", gateway.name(), range.nic()));
            forward(gateway, range, null, "Tombstone", TO_PORTS);
            event(gateway, range, false);
        }

        private void publish(NatGatewaySetup gateway, NatRange range, String setHash) {
            var value =
                    new NatPortRange(
                            network.namespace(),
                            gateway.name(),
                            gateway.uid(),
                            range.nic(),
                            range.uid(),
                            network.name(),
                            gateway.family().name(),
                            range.ip(),
                            range.publicIp(),
                            range.port(),
                            range.endPort(),
                            range.since(),
                            gateway.version(),
                            setHash);
            forward(gateway, range, value, "NatPortRange", TO_PORTS);
        }

        private void event(NatGatewaySetup gateway, NatRange range, boolean assigned) {
            var value =
                    new NatPortEvent(
                            network.namespace(),
                            gateway.name(),
                            gateway.uid(),
                            range.nic(),
                            range.uid(),
                            network.name(),
                            gateway.family().name(),
                            range.ip(),
                            range.publicIp(),
                            range.port(),
                            range.endPort(),
                            assigned,
                            range.since(),
                            Instant.ofEpochMilli(context().currentSystemTimeMs()),
                            causedBy);
            forward(gateway, range, value, "NatPortEvent", TO_EVENTS);
        }

        private void forward(
                NatGatewaySetup gateway,
                NatRange range,
                @Nullable SpecificRecord value,
                String type,
                String child) {
            long time = context().currentSystemTimeMs();
            String key = network.sibling(gateway.name()) + "/" + range.nic();
            var headers =
                    CloudEventHeaders.of(
                            "nat-gateway",
                            type,
                            "%s/%s/%d/%s"
                                    .formatted(gateway.uid(), range.uid(), range.port(), causedBy),
                            key,
                            Instant.ofEpochMilli(time),
                            causedBy,
                            cause);
            context().forward(new Record<>(key, value, time, headers), child);
        }

        @Override
        public void rests(NatGatewaySetup gateway, NatRest rest) {
            rows.put(
                    row("rest", gateway.name(), rest.publicIp(), rest.port()),
                    PortRows.toBytes(rest));
        }

        @Override
        public void rested(NatGatewaySetup gateway, NatRest rest) {
            rows.delete(row("rest", gateway.name(), rest.publicIp(), rest.port()));
        }

        @Override
        public void emptied(NatGatewaySetup gateway, NatGatewaySetup.Address address) {
            Long since = address.releasingSince();
            if (since != null) {
                emptied.add(
                        new Emptied(
                                network.sibling(gateway.name()).toString(),
                                new NATGatewayAddressEmptied(
                                        gateway.uid(), address.name(), since)));
            }
        }
    }
}
