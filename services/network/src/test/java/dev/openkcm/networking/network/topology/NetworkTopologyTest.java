package dev.openkcm.networking.network.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.network.domain.NetworkCommand;
import dev.openkcm.networking.schemas.common.v1.CommandResult;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import dev.openkcm.networking.schemas.common.v1.Outcome;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.PeeringState;
import dev.openkcm.networking.schemas.network.v1.UserObserved;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wiring: what the decider's tests can't show. */
class NetworkTopologyTest {

    private static final Kind<
                    dev.openkcm.networking.network.domain.Network,
                    NetworkCommand,
                    dev.openkcm.networking.network.domain.NetworkEvent>
            KIND = NetworkTopology.kind("OpenKCM-net-system");

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var wire = new DecideTopology.Wire(cluster.serdes(), 1, 1 << 18);
        var range = new IdRange(200, 202, Duration.ofMinutes(10));
        cluster.with(
                        "decide",
                        DecideTopology.of(KIND, NetworkSurroundings.recipe(range), wire),
                        KIND.commands(),
                        KIND.rerouted(),
                        KIND.observations())
                .with(
                        "observe",
                        NetworkTopology.observe(cluster.serdes(), LocalSerdes.generic()),
                        NetworkTopology.PEERING_INTENTS,
                        KIND.state(),
                        Kind.topicOf("network-interface", "state"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void apply(String key, String spec) {
        cluster.publish(KIND.commands(), key, manifest(spec));
    }

    private static String manifest(String spec) {
        return """
        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network", "spec": %s}
        """
                .formatted(spec);
    }

    private static String peering(String name, String target) {
        return """
        {"peerings": [{"name": "%s", "networkRef": {"name": "%s"}}]}\
        """
                .formatted(name, target);
    }

    private Network network(String key) {
        return cluster.last(KIND.state(), key, Network.class);
    }

    private List<CommandResult> results(String key) {
        return cluster.values(KIND.results(), key, CommandResult.class);
    }

    @Test
    void aManifestBecomesAnAvailableNetwork() {
        apply("default/a", "{}");

        var network = network("default/a");
        assertThat(network.getStatus().getState()).isEqualTo(NetworkState.Available);
        assertThat(network.getSpec().getProviderID())
                .startsWith(
                        "OpenKCM-net://OpenKCM-net-system/"
                                + network.getMetadata().getUid()
                                + "/200/");
        assertThat(results("default/a"))
                .extracting(CommandResult::getOutcome)
                .containsExactly(Outcome.Accepted);
    }

    @Test
    void eventsAreNumberedWithoutGapsAndNameTheirCause() {
        apply("default/a", "{}");
        apply("default/a", peering("p", "b"));

        var events = cluster.values(KIND.events(), "default/a", NetworkEvent.class);
        assertThat(events).extracting(NetworkEvent::getSequence).startsWith(1L, 2L, 3L);
        assertThat(events.getFirst().getCausedBy()).isEqualTo(KIND.commands() + "-0-0");
    }

    @Test
    void aRetryIsAnsweredAgainButHappensOnce() {
        var id = Map.of("ce_id", "my-command");
        byte[] command = manifest("{}").getBytes(StandardCharsets.UTF_8);
        cluster.publish(KIND.commands(), "default/a", command, id);
        cluster.publish(KIND.commands(), "default/a", null);
        cluster.publish(KIND.commands(), "default/a", command, id);

        assertThat(results("default/a"))
                .extracting(CommandResult::getOutcome, CommandResult::getCreated)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Outcome.Accepted, true),
                        org.assertj.core.groups.Tuple.tuple(Outcome.Accepted, false),
                        org.assertj.core.groups.Tuple.tuple(Outcome.Accepted, true));
        assertThat(network("default/a")).isNull();
    }

    /** An instance whose clock is ahead would decide a retry once more. */
    @Test
    void whatIsGoneIsForgottenOnceTheClockAndTheLogHaveMovedOn() {
        var id = Map.of("ce_id", "my-command");
        byte[] command = manifest("{}").getBytes(StandardCharsets.UTF_8);
        cluster.publish(KIND.commands(), "default/a", command, id);
        cluster.publish(KIND.commands(), "default/a", null);

        cluster.advance(Duration.ofHours(25));
        cluster.publish(KIND.commands(), "default/a", command, id);
        assertThat(network("default/a")).isNull();

        cluster.advanceLog(Duration.ofHours(25));
        apply("default/b", "{}");
        cluster.advance(Duration.ofSeconds(1));
        cluster.publish(KIND.commands(), "default/a", command, id);
        assertThat(network("default/a")).isNotNull();
    }

    @Test
    void networksPeerInWhateverOrderTheyAppear() {
        apply("default/a", peering("to-b", "b"));
        assertThat(network("default/a").getStatus().getPeerings().getFirst().getReason())
                .isEqualTo("PeerMissing");

        apply("default/b", "{}");
        assertThat(network("default/a").getStatus().getPeerings().getFirst().getReason())
                .isEqualTo("PeerDoesNotReference");

        apply("default/b", peering("back", "a"));
        for (String key : List.of("default/a", "default/b")) {
            var status = network(key).getStatus().getPeerings().getFirst();
            assertThat(status.getState()).isEqualTo(PeeringState.Ready);
            assertThat(network(key).getSpec().getIncomingPeerings()).hasSize(1);
        }
    }

    @Test
    void aPeeringEndsOnBothSidesWhenOneWithdraws() {
        apply("default/a", peering("to-b", "b"));
        apply("default/b", peering("to-a", "a"));

        apply("default/b", "{}");

        assertThat(network("default/b").getSpec().getIncomingPeerings()).isEmpty();
        assertThat(network("default/a").getSpec().getIncomingPeerings()).isEmpty();
        assertThat(network("default/a").getStatus().getPeerings().getFirst().getReason())
                .isEqualTo("PeerDoesNotReference");

        cluster.publish(KIND.commands(), "default/b", null);
        assertThat(network("default/a").getStatus().getPeerings().getFirst().getReason())
                .isEqualTo("PeerMissing");
    }

    @Test
    void idsAreSharedByNobodyRestAndGoToWhoeverWaitsLongest() {
        apply("default/a", "{}");
        apply("default/b", "{}");
        apply("default/c", "{}");
        apply("default/d", "{}");
        assertThat(network("default/d").getStatus().getState()).isEqualTo(NetworkState.Error);

        cluster.publish(KIND.commands(), "default/b", null);
        cluster.advance(Duration.ofMinutes(9));
        assertThat(network("default/d").getStatus().getState()).isEqualTo(NetworkState.Error);

        cluster.advance(Duration.ofMinutes(2));
        assertThat(network("default/d").getStatus().getState()).isEqualTo(NetworkState.Available);
        assertThat(network("default/d").getSpec().getProviderID()).contains("/201/");
    }

    /** Twenty thousand interfaces that go are not as many versions of their Network. */
    @Test
    void whoWaitsForUsersIsToldAtOnceThenOnceASecondAndThatTheLastIsGone() {
        apply("default/a", "{}");
        for (int i = 0; i < 9; i++) {
            uses("nic-" + i, true);
        }
        cluster.publish(KIND.commands(), "default/a", null);
        assertThat(blockers()).hasSize(9);

        uses("nic-0", false);
        assertThat(blockers()).startsWith("nic-1").hasSize(8);
        long version = network("default/a").getMetadata().getResourceVersion();
        for (int i = 1; i < 5; i++) {
            uses("nic-" + i, false);
        }
        assertThat(network("default/a").getMetadata().getResourceVersion()).isEqualTo(version);

        cluster.advance(Duration.ofSeconds(2));
        assertThat(blockers()).containsExactly("nic-5", "nic-6", "nic-7", "nic-8");
        assertThat(network("default/a").getMetadata().getResourceVersion()).isEqualTo(version + 1);
        cluster.advance(Duration.ofSeconds(2));
        assertThat(network("default/a").getMetadata().getResourceVersion()).isEqualTo(version + 1);

        for (int i = 5; i < 9; i++) {
            uses("nic-" + i, false);
        }
        assertThat(network("default/a")).isNull();
    }

    private void uses(String nic, boolean present) {
        cluster.publishRecord(
                KIND.observations(),
                "default/a",
                new NetworkObservation(
                        nic, new UserObserved("NetworkInterface", nic, "uid of " + nic, present)));
    }

    private List<String> blockers() {
        return network("default/a").getStatus().getBlockers().stream()
                .map(ObjectReference::getName)
                .toList();
    }

    @Test
    void poisonIsSetAsideAndAnswered() {
        cluster.publish(KIND.commands(), "default/a", "{not json");
        cluster.publish(
                KIND.commands(), "default/a", new byte[] {0, 1, 2, 3, 4, 5, 6, 7}, Map.of());
        cluster.publish(KIND.commands(), "no-slash", "{}");

        assertThat(cluster.records(KIND.deadLetters())).hasSize(3);
        assertThat(cluster.records(KIND.results())).hasSize(3);
        apply("default/a", "{}");
        assertThat(network("default/a")).isNotNull();
    }

    @Test
    void whatNoOwnerWritesStopsNothing() {
        cluster.publishNobodysRecords();

        apply("default/a", peering("p", "b"));
        apply("default/b", peering("p", "a"));
        assertThat(network("default/b").getStatus().getPeerings().getFirst().getState())
                .isEqualTo(PeeringState.Ready);
    }

    @Test
    void unknownFieldsWrongTypesAndBrokenRulesAreToldAllAtOnce() {
        apply("default/a", "{\"peerings\": [{\"nme\": 1, \"networkRef\": [7]}], \"x\": {}}");

        assertThat(results("default/a").getFirst().getCauses())
                .extracting(c -> c.getReason() + " " + c.getField())
                .containsExactlyInAnyOrder(
                        "FieldValueForbidden spec.peerings[0].nme",
                        "FieldValueRequired spec.peerings[0].name",
                        "FieldValueInvalid spec.peerings[0].networkRef",
                        "FieldValueForbidden spec.x");
        assertThat(cluster.records(KIND.deadLetters())).isEmpty();
    }
}
