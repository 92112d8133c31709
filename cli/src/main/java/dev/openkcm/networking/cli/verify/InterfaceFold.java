package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;

/** What a NetworkInterface holds and how it stands, by its events. */
final class InterfaceFold implements Fold {
    private final TreeSet<String> virtualIps = new TreeSet<>();
    private List<String> claims = List.of();
    private List<String> held = List.of();
    private String network = "";
    private String state = "Pending";

    /** The addresses and ranges that it says it holds. */
    List<String> held() {
        return held;
    }

    String network() {
        return network;
    }

    @Override
    public void happened(String event, GenericRecord data) {
        switch (event) {
            case "NetworkInterfaceCreated" -> {
                network = Values.text(data, "spec.networkRef.name");
                claims = claims(data, "spec.");
            }
            case "NetworkInterfaceUpdated" -> {
                List<String> now = claims(data, "spec.");
                if (!now.equals(claims)) {
                    state = "Pending";
                    held = held.stream().filter(now::contains).toList();
                }
                claims = now;
            }
            case "AddressesAnswered" -> answered(data);
            case "VirtualIPAttached" -> virtualIps.add(Values.text(data, "ip"));
            case "VirtualIPDetached" -> virtualIps.remove(Values.text(data, "ip"));
            case "NetworkInterfaceDeleted" -> held = List.of();
            default -> {}
        }
    }

    static List<String> claims(GenericRecord record, String prefix) {
        List<String> claims = new ArrayList<>();
        Values.records(record, prefix + "ips").forEach(ip -> claims.add(Values.text(ip, "value")));
        Values.records(record, prefix + "prefixes")
                .forEach(range -> claims.add(Values.text(range, "value")));
        return claims;
    }

    private void answered(GenericRecord data) {
        List<String> refused =
                Values.records(data, "conflicts").stream()
                        .map(conflict -> Values.text(conflict, "address"))
                        .toList();
        held = claims.stream().filter(claim -> !refused.contains(claim)).toList();
        if (!refused.isEmpty()) {
            state = "Error";
            return;
        }
        state =
                switch (Values.text(data, "network")) {
                    case "Available" -> "Available";
                    // Who works goes on working while a deletion waits for it.
                    case "Deleting" -> state.equals("Available") ? "Available" : "Pending";
                    default -> "Pending";
                };
    }

    @Override
    public List<String> differences(GenericRecord published) {
        List<String> found = new ArrayList<>();
        Life.same(found, "status.state", state, Values.text(published, "status.state"));
        List<String> shown = new ArrayList<>(Values.texts(published, "status.ips"));
        shown.addAll(Values.texts(published, "status.prefixes"));
        Life.same(found, "status.ips and prefixes", held.toString(), shown.toString());
        Life.same(
                found,
                "status.virtualIPs",
                virtualIps.toString(),
                Values.texts(published, "status.virtualIPs").toString());
        return found;
    }
}
