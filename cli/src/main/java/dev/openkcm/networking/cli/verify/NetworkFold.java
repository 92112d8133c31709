package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** How a Network stands, by its events. */
final class NetworkFold implements Fold {
    private final Map<String, String> targets = new LinkedHashMap<>();
    private final Map<String, String> phases = new LinkedHashMap<>();
    private List<String> blockers = List.of();
    private String providerId = "";
    private String state = "Pending";

    @Override
    public void happened(String event, GenericRecord data) {
        switch (event) {
            case "NetworkCreated", "NetworkUpdated" -> peerings(data);
            case "NetworkIdAssigned" -> {
                providerId = Values.text(data, "providerID");
                state = state.equals("Deleting") ? state : "Available";
            }
            case "NetworkIdsExhausted" -> state = "Error";
            case "PeeringChanged" ->
                    phases.put(
                            Values.text(data, "status.name"),
                            phase(Values.text(data, "status.phase"), data, "status.state"));
            case "NetworkDeletionRequested" -> {
                state = "Deleting";
                blockers = List.of();
            }
            case "NetworkDeletionBlocked" -> blockers = blockers(Values.records(data, "blockers"));
            default -> {}
        }
    }

    private static String phase(String phase, GenericRecord data, String state) {
        return phase + "/" + Values.text(data, state);
    }

    /** A peering keeps how it stands as long as it means the same Network. */
    private void peerings(GenericRecord data) {
        Map<String, String> before = new LinkedHashMap<>();
        targets.forEach((name, target) -> before.put(target, phases.getOrDefault(name, "")));
        targets.clear();
        phases.clear();
        for (GenericRecord peering : Values.records(data, "peerings")) {
            String name = Values.text(peering, "name");
            String target =
                    Values.text(peering, "networkRef.namespace")
                            + "/"
                            + Values.text(peering, "networkRef.name");
            targets.put(name, target);
            phases.put(name, Values.orElse(before.get(target), "Pending/Pending"));
        }
    }

    private static List<String> blockers(List<GenericRecord> references) {
        return references.stream()
                .map(r ->
                        Values.text(r, "kind")
                                + " "
                                + Values.text(r, "name")
                                + " "
                                + Values.text(r, "uid"))
                .toList();
    }

    @Override
    public List<String> differences(GenericRecord published) {
        List<String> found = new ArrayList<>();
        Life.same(found, "spec.providerID", providerId, Values.text(published, "spec.providerID"));
        Life.same(found, "status.state", state, Values.text(published, "status.state"));
        Map<String, String> shown = new LinkedHashMap<>();
        for (GenericRecord peering : Values.records(published, "status.peerings")) {
            shown.put(
                    Values.text(peering, "name"),
                    phase(Values.text(peering, "phase"), peering, "state"));
        }
        // Which ranges are exported is not told by an update, so a bound peering may go on either
        // way.
        Life.same(found, "status.peerings", phasesOf(phases), phasesOf(shown));
        Life.same(
                found,
                "status.blockers",
                blockers.toString(),
                blockers(Values.records(published, "status.blockers")).toString());
        return found;
    }

    private static String phasesOf(Map<String, String> peerings) {
        Map<String, String> phases = new LinkedHashMap<>();
        peerings.forEach((name, phase) -> phases.put(name, phase.substring(0, phase.indexOf('/'))));
        return phases.toString();
    }
}
