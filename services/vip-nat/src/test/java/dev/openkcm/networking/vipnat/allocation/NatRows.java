package dev.openkcm.networking.vipnat.allocation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A journal that a port table can be restored from, kept in maps. */
final class NatRows implements NatJournal {

    record Numbered<T>(T value, long number) {}

    record Resting(String gateway, NatRest rest) {}

    final Map<String, Map<String, NatRange>> ranges = new TreeMap<>();
    final Map<String, String> hashes = new TreeMap<>();
    final List<String> emptied = new ArrayList<>();
    private final Map<String, Numbered<NatMember>> members = new TreeMap<>();
    private final Map<String, Numbered<NatGatewaySetup>> gateways = new TreeMap<>();
    private final Map<String, Resting> rests = new TreeMap<>();

    /** Who has which ports, and which rest. */
    record Allocation(Map<String, Map<String, NatRange>> ranges, Map<String, Resting> rests) {}

    Allocation allocation() {
        var held = new TreeMap<String, Map<String, NatRange>>();
        ranges.forEach((gateway, all) -> {
            if (!all.isEmpty()) {
                held.put(gateway, Map.copyOf(all));
            }
        });
        return new Allocation(held, Map.copyOf(rests));
    }

    /** What a consumer that applies rows one by one must never see. */
    private Runnable afterEach = () -> {};

    void afterEach(Runnable check) {
        afterEach = check;
    }

    @Override
    public void member(NatMember member, long order) {
        members.put(member.name(), new Numbered<>(member, order));
    }

    @Override
    public void memberGone(NatMember member) {
        members.remove(member.name());
    }

    @Override
    public void gateway(NatGatewaySetup gateway, long arrival) {
        gateways.put(gateway.name(), new Numbered<>(gateway, arrival));
    }

    @Override
    public void gatewayGone(NatGatewaySetup gateway) {
        gateways.remove(gateway.name());
    }

    @Override
    public void assigned(NatGatewaySetup gateway, NatRange range, String setHash) {
        ranges.computeIfAbsent(gateway.name(), _ -> new TreeMap<>()).put(range.nic(), range);
        hashes.put(gateway.name(), setHash);
        afterEach.run();
    }

    @Override
    public void refreshed(NatGatewaySetup gateway, NatRange range, String setHash) {
        assigned(gateway, range, setHash);
    }

    @Override
    public void released(NatGatewaySetup gateway, NatRange range) {
        ranges.get(gateway.name()).remove(range.nic());
        afterEach.run();
    }

    @Override
    public void rests(NatGatewaySetup gateway, NatRest rest) {
        rests.put(key(gateway, rest), new Resting(gateway.name(), rest));
    }

    @Override
    public void rested(NatGatewaySetup gateway, NatRest rest) {
        rests.remove(key(gateway, rest));
    }

    private static String key(NatGatewaySetup gateway, NatRest rest) {
        return "%s %s %05d".formatted(gateway.name(), rest.publicIp(), rest.port());
    }

    @Override
    public void emptied(NatGatewaySetup gateway, NatGatewaySetup.Address address) {
        emptied.add(gateway.name() + "/" + address.name() + "/" + address.releasingSince());
    }

    NatTable restore(Duration quarantine) {
        var table = new NatTable(quarantine, this);
        members.values().forEach(m -> table.restore(m.value(), m.number()));
        gateways.values().forEach(g -> table.restore(g.value(), g.number()));
        ranges.forEach((gateway, all) -> all.values().forEach(r -> table.restore(gateway, r)));
        rests.values().forEach(r -> table.restore(r.gateway(), r.rest()));
        table.restored();
        return table;
    }
}
