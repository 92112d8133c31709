package dev.openkcm.networking.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.common.v1.Outcome;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.NetworkDeleted;
import dev.openkcm.networking.schemas.network.v1.NetworkDeletionRequested;
import dev.openkcm.networking.schemas.network.v1.PeeringPhase;
import dev.openkcm.networking.schemas.network.v1.PeeringState;
import dev.openkcm.networking.schemas.network.v1.PeeringStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/**
 * A sound log passes; each known way of being unsound is found by the check that is there for it.
 */
class VerificationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO = Map.of();

    private static WrittenLog sound() {
        var log = new WrittenLog();
        log.network("ns/a", "ua", 200, "ns/b", "ub");
        log.network("ns/b", "ub", 201, "ns/a", "ua");
        log.nic("ns/one", "u1", "a", "10.0.0.1", null);
        log.nic("ns/two", "u2", "a", "10.0.0.1", "NetworkInterface one");
        log.nic("ns/elsewhere", "u3", "b", "10.0.0.1", null);
        return log;
    }

    private static List<Tally> verify(List<LogRecord> records, Verification.Shown... shown) {
        var verification = new Verification(Verification.IdRange.STANDARD);
        records.forEach(verification::take);
        return verification.report(List.of(shown));
    }

    private static List<String> failing(List<Tally> report) {
        return report.stream()
                .filter(tally -> !tally.differences().isEmpty())
                .map(Tally::check)
                .toList();
    }

    /** The checks that fail after the sound log was spoilt. */
    private static List<String> found(UnaryOperator<List<LogRecord>> spoiling) {
        return failing(verify(spoiling.apply(new ArrayList<>(sound().records()))));
    }

    private static List<String> foundAfter(Consumer<WrittenLog> more) {
        var log = sound();
        more.accept(log);
        return failing(verify(log.records()));
    }

    private static UnaryOperator<List<LogRecord>> without(String topic, long offset) {
        return records -> {
            assertThat(records.removeIf(r -> r.topic().equals(topic) && r.offset() == offset))
                    .isTrue();
            return records;
        };
    }

    private static UnaryOperator<List<LogRecord>> doubled(String topic, long offset) {
        return records -> {
            var record =
                    records.stream()
                            .filter(r -> r.topic().equals(topic) && r.offset() == offset)
                            .findFirst()
                            .orElseThrow();
            records.add(record);
            return records;
        };
    }

    @Test
    void aSoundLogHasNoDifferences() {
        var report = verify(sound().records());
        assertThat(report.stream().flatMap(t -> t.differences().stream())).isEmpty();
        assertThat(report).extracting(Tally::check).hasSizeGreaterThanOrEqualTo(11);
    }

    @Test
    void aLostEventIsAGap() {
        assertThat(found(without("openkcm.network.events.v1", 1)))
                .contains("events 1, 2, 3 … without gaps", "state of Network = fold of its events");
    }

    @Test
    void anEventThatHappenedTwiceIsFound() {
        assertThat(found(doubled("openkcm.network.events.v1", 1)))
                .contains("events 1, 2, 3 … without gaps");
    }

    @Test
    void eventsAfterTheEndAreFound() {
        assertThat(
                        foundAfter(log -> {
                            log.networkEvent("ns/a", "ua", 4, "x", new NetworkDeletionRequested());
                            log.networkEvent("ns/a", "ua", 5, "x", new NetworkDeleted());
                            log.networkEvent("ns/a", "ua", 6, "y", new NetworkDeletionRequested());
                        }))
                .contains("events 1, 2, 3 … without gaps");
    }

    @Test
    void whatNoOwnerWritesIsNamedAndHidesNothingElse() {
        var log = sound();
        var forged = new ArrayList<String>();
        for (String topic : new Verification(Verification.IdRange.STANDARD).topics()) {
            for (String key :
                    Arrays.asList(null, "", "/", "a", "a/b/c/d/e", "ns/\0", "load/poison")) {
                for (String unreadable : Arrays.asList(null, "no magic byte")) {
                    forged.add(log.forge(topic, key, unreadable).place());
                }
            }
        }
        var found = verify(log.records());
        assertThat(found).extracting(Tally::check).contains("addresses held once, at every moment");
        assertThat(found)
                .filteredOn(tally -> !tally.check().contains("every command answered"))
                .flatExtracting(Tally::differences)
                .isNotEmpty()
                .allSatisfy(one -> assertThat(forged).containsAll(one.places()));
    }

    @Test
    void anAnswerUnderAKeyThatNothingCanHaveIsFine() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "ns/not a name", "c");
                            log.result(
                                    "network",
                                    "Network",
                                    "ns/not a name",
                                    "c",
                                    Outcome.Rejected,
                                    null,
                                    null);
                        }))
                .isEmpty();
    }

    @Test
    void aChangeByACommandForAnotherIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "other/c", "theirs");
                            log.result(
                                    "network",
                                    "Network",
                                    "other/c",
                                    "theirs",
                                    Outcome.Rejected,
                                    "uc",
                                    null);
                            log.networkEvent(
                                    "ns/a", "ua", 4, "theirs", new NetworkDeletionRequested());
                        }))
                .contains("a command changes its own resource, no other");
    }

    @Test
    void aDeadLetterThatIsThereTwiceIsFound() {
        var origin =
                Map.of(
                        "openkcm-dead-letter-topic", "openkcm.network.commands.v1",
                        "openkcm-dead-letter-partition", "0",
                        "openkcm-dead-letter-offset", "17");
        String topic = "openkcm.network.dead-letters.v1";
        assertThat(foundAfter(log -> log.add(topic, "ns/a", null, origin))).isEmpty();
        assertThat(
                        foundAfter(log -> {
                            log.add(topic, "ns/a", null, origin);
                            log.add(topic, "ns/a", null, origin);
                        }))
                .containsExactly("what was set aside is a dead letter once");
    }

    @Test
    void aLostAnswerIsFound() {
        assertThat(found(without("openkcm.network.results.v1", 0)))
                .contains(
                        "every command answered, and answered once",
                        "events follow from answers, answers from events");
    }

    @Test
    void aSecondAnswerIsFound() {
        assertThat(found(doubled("openkcm.network.results.v1", 0)))
                .containsExactly("every command answered, and answered once");
    }

    @Test
    void aRetryThatIsAnsweredOtherwiseIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "ns/a", "create-ua");
                            log.result(
                                    "network",
                                    "Network",
                                    "ns/a",
                                    "create-ua",
                                    Outcome.Rejected,
                                    null,
                                    null);
                        }))
                .containsExactly("a retry gets the same answer");
    }

    @Test
    void aRetryThatIsAnsweredAlikeIsSound() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "ns/a", "create-ua");
                            log.result(
                                    "network",
                                    "Network",
                                    "ns/a",
                                    "create-ua",
                                    Outcome.Accepted,
                                    "ua",
                                    2L);
                        }))
                .isEmpty();
    }

    @Test
    void anAcceptedCommandWithoutEffectIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "ns/a", "later");
                            log.result(
                                    "network",
                                    "Network",
                                    "ns/a",
                                    "later",
                                    Outcome.Accepted,
                                    "ua",
                                    9L);
                        }))
                .containsExactly("events follow from answers, answers from events");
    }

    @Test
    void aRejectedCommandWithAnEffectIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.command("network", "ns/a", "later");
                            log.result(
                                    "network",
                                    "Network",
                                    "ns/a",
                                    "later",
                                    Outcome.Rejected,
                                    null,
                                    null);
                            log.networkEvent(
                                    "ns/a", "ua", 4, "later", new NetworkDeletionRequested());
                        }))
                .contains("events follow from answers, answers from events");
    }

    @Test
    void aLostCommandWithoutKeyIsFound() {
        assertThat(
                        foundAfter(log ->
                                log.add(
                                        "openkcm.network.commands.v1",
                                        null,
                                        null,
                                        Map.of("ce_id", "x"))))
                .containsExactly("every command answered, and answered once");
    }

    @Test
    void anIdGivenTwiceIsFound() {
        assertThat(foundAfter(log -> log.network("ns/c", "uc", 200, "ns/a", "ua")))
                .contains("network ids unique, at every moment", "network ids unique");
    }

    @Test
    void anIdOutsideTheRangeIsFound() {
        assertThat(foundAfter(log -> log.network("ns/c", "uc", 7, "ns/a", "ua")))
                .contains("network ids unique, at every moment");
    }

    @Test
    void anAddressHeldTwiceIsFound() {
        assertThat(foundAfter(log -> log.nic("ns/three", "u9", "a", "10.0.0.1", null)))
                .containsExactly(
                        "addresses held once, at every moment",
                        "addresses held once, waited for with reason");
    }

    @Test
    void waitingForNothingIsFound() {
        assertThat(
                        foundAfter(log ->
                                log.nic("ns/three", "u9", "a", "10.0.0.9", "NetworkInterface one")))
                .containsExactly("addresses held once, waited for with reason");
    }

    @Test
    void anInterfaceThatMissedItsNetworkIsFound() {
        assertThat(foundAfter(log -> log.nic("ns/three", "u9", "missing", "10.0.0.9", null)))
                .containsExactly("interface states follow from networks");
    }

    @Test
    void aPeeringBoundOnOneSideIsFound() {
        var pending =
                new PeeringStatus(
                        "p",
                        PeeringPhase.Pending,
                        PeeringState.Pending,
                        null,
                        null,
                        List.of(),
                        null);
        assertThat(foundAfter(log -> log.networkState("ns/b", "ub", 201, 3, pending, "ns/a", "ua")))
                .containsExactly(
                        "state of Network = fold of its events",
                        "peerings bound on both sides or on neither");
    }

    @Test
    void aLostTombstoneIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.networkEvent("ns/b", "ub", 4, "x", new NetworkDeletionRequested());
                            log.networkEvent("ns/b", "ub", 5, "x", new NetworkDeleted());
                        }))
                .contains("state of Network = fold of its events");
    }

    @Test
    void aTombstoneOfWhatExistsIsFound() {
        assertThat(foundAfter(log -> log.add("openkcm.network.state.v1", "ns/a", null, Map.of())))
                .contains("state of Network = fold of its events");
    }

    @Test
    void aStateThatNothingLedToIsFound() {
        assertThat(
                        foundAfter(log ->
                                log.nicState(
                                        "ns/ghost",
                                        "u7",
                                        "a",
                                        "10.0.0.7",
                                        NetworkInterfaceState.Available,
                                        List.of("10.0.0.7"))))
                .containsExactly("state of NetworkInterface = fold of its events");
    }

    @Test
    void aWrongStateIsFound() {
        assertThat(
                        foundAfter(log ->
                                log.nicState(
                                        "ns/one",
                                        "u1",
                                        "a",
                                        "10.0.0.1",
                                        NetworkInterfaceState.Pending,
                                        List.of("10.0.0.1"))))
                .containsExactly(
                        "state of NetworkInterface = fold of its events",
                        "interface states follow from networks");
    }

    @Test
    void aPublicAddressGrantedTwiceIsFound() {
        assertThat(
                        foundAfter(log -> {
                            log.add(
                                    "openkcm.address-pool.grants.v1",
                                    "VirtualIP/ns/one/ip",
                                    grant("one"),
                                    Map.of());
                            log.add(
                                    "openkcm.address-pool.grants.v1",
                                    "VirtualIP/ns/two/ip",
                                    grant("two"),
                                    Map.of());
                        }))
                .containsExactly("public addresses: one holder, and it shows them");
    }

    @Test
    void portsThatOverlapAreFound() {
        assertThat(
                        foundAfter(log -> {
                            ports(log, "a", 1024, 2047);
                            ports(log, "b", 2048, 3071);
                        }))
                .isEmpty();
        assertThat(
                        foundAfter(log -> {
                            ports(log, "a", 1024, 2047);
                            ports(log, "b", 2000, 3023);
                        }))
                .containsExactly("port ranges disjoint, within 1024..65535");
    }

    @Test
    void portsThatDoNotFollowFromTheirEventsAreFound() {
        assertThat(foundAfter(log -> row(log, "a", ports("a", 1024, 2047))))
                .containsExactly("ports = fold of their events");
        assertThat(foundAfter(log -> event(log, "a", 1024, 2047, true)))
                .containsExactly("ports = fold of their events");
        assertThat(
                        foundAfter(log -> {
                            ports(log, "a", 1024, 2047);
                            event(log, "a", 1024, 2047, false);
                        }))
                .containsExactly("ports = fold of their events");
        assertThat(
                        foundAfter(log -> {
                            ports(log, "a", 1024, 2047);
                            row(log, "a", null);
                            event(log, "a", 1024, 2047, false);
                        }))
                .isEmpty();
    }

    private static void ports(WrittenLog log, String name, int first, int last) {
        row(log, name, ports(name, first, last));
        event(log, name, first, last, true);
    }

    private static void row(WrittenLog log, String name, NatPortRange row) {
        log.add("openkcm.nat-gateway.ports.v1", "ns/g/" + name, row, NO);
    }

    private static void event(WrittenLog log, String name, int first, int last, boolean assigned) {
        log.add(
                "openkcm.nat-gateway.port-events.v1",
                "ns/g/" + name,
                NatPortEvent.newBuilder()
                        .setNamespace("ns")
                        .setGateway("g")
                        .setGatewayUid("ug")
                        .setName(name)
                        .setUid("u" + name)
                        .setNetwork("a")
                        .setIpFamily("IPv4")
                        .setIp("10.0.0.1")
                        .setPublicIP("203.0.113.9")
                        .setPort(first)
                        .setEndPort(last)
                        .setAssigned(assigned)
                        .setSince(java.time.Instant.EPOCH)
                        .setTime(java.time.Instant.EPOCH)
                        .setCausedBy("c")
                        .build(),
                NO);
    }

    private static NatPortRange ports(String name, int first, int last) {
        return NatPortRange.newBuilder()
                .setNamespace("ns")
                .setGateway("g")
                .setGatewayUid("ug")
                .setName(name)
                .setUid("u" + name)
                .setNetwork("a")
                .setIpFamily("IPv4")
                .setIp("10.0.0.1")
                .setPublicIP("203.0.113.9")
                .setPort(first)
                .setEndPort(last)
                .setSince(java.time.Instant.EPOCH)
                .setOwnerVersion(1)
                .setSetHash("0".repeat(32))
                .build();
    }

    @Test
    void aDestinationThatNoBalancerHasIsFound() {
        assertThat(
                        foundAfter(log ->
                                log.add(
                                        "openkcm.load-balancer.routing.v1",
                                        "ns/gone/one",
                                        LoadBalancerDestination.newBuilder()
                                                .setNetworkRef(
                                                        new dev.openkcm.networking.schemas.common.v1
                                                                .LocalReference("a"))
                                                .setOwnerUid("ul")
                                                .setOwnerVersion(1)
                                                .setCount(1)
                                                .setSetHash("0".repeat(32))
                                                .setDestination(
                                                        new Destination(
                                                                "one", "u1", List.of("10.0.0.1")))
                                                .build(),
                                        NO)))
                .containsExactly("destinations = selectors evaluated over all");
    }

    private static PublicAddressGrant grant(String name) {
        return new PublicAddressGrant(
                "VirtualIP", "ns", name, "u", "ip", "IPv4", "203.0.113.7", "pool", null, null, 1L);
    }

    @Test
    void anUnreadableRecordOfAnOwnerIsFound() {
        var log = sound();
        log.records()
                .add(
                        new LogRecord(
                                "openkcm.network.events.v1",
                                0,
                                99,
                                java.time.Instant.EPOCH,
                                "ns/a",
                                null,
                                "no magic byte",
                                3,
                                Map.of()));
        assertThat(failing(verify(log.records())))
                .containsExactly("records are what their owner writes");
    }

    @Test
    void restThatShowsSomethingElseIsFound() throws Exception {
        var log = sound();
        var verification = new Verification(Verification.IdRange.STANDARD);
        log.records().forEach(verification::take);
        var documents = networks(log);
        assertThat(shown(verification, documents)).isEmpty();
        assertThat(shown(verification, documents.subList(0, 1))).hasSize(1);
        ((ObjectNode) documents.get(1).get("status")).put("state", "Pending");
        assertThat(shown(verification, documents)).hasSize(1);
    }

    @Test
    void restOfAReleaseThatKnowsLessIsNoDifference() throws Exception {
        var log = sound();
        var documents = networks(log);
        for (int i = 0; i < log.records().size(); i++) {
            var record = log.records().get(i);
            if (record.topic().equals("openkcm.network.state.v1")
                    && "ns/a".equals(record.key())
                    && record.value() != null) {
                log.records().set(i, written(record, later(record.value())));
            }
        }
        var verification = new Verification(Verification.IdRange.STANDARD);
        log.records().forEach(verification::take);
        assertThat(shown(verification, documents)).isEmpty();
        var newer = networks(log);
        assertThat(newer).isNotEqualTo(documents);
        assertThat(shown(verification, newer)).isEmpty();
        ((ObjectNode) documents.getFirst().get("status")).put("state", "Pending");
        assertThat(shown(verification, documents)).hasSize(1);
    }

    private static LogRecord written(LogRecord record, GenericRecord value) {
        return new LogRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                record.time(),
                record.key(),
                value,
                null,
                record.bytes(),
                record.headers());
    }

    /** As the next release writes it, with a field more. */
    private static GenericRecord later(GenericRecord state) throws Exception {
        var json = (ObjectNode) JSON.readTree(state.getSchema().toString());
        ((ArrayNode) json.get("fields"))
                .add(JSON.readTree("{\"name\": \"release\", \"type\": \"string\"}"));
        var written = new GenericData.Record(new Schema.Parser().parse(json.toString()));
        for (var field : state.getSchema().getFields()) {
            written.put(field.name(), state.get(field.pos()));
        }
        written.put("release", "next");
        return written;
    }

    /** The documents that an instance shows of the Networks in a log. */
    private static List<JsonNode> networks(WrittenLog log) throws Exception {
        var documents = new ArrayList<JsonNode>();
        for (var record : log.records()) {
            if (record.topic().equals("openkcm.network.state.v1") && record.value() != null) {
                ObjectNode document = JSON.createObjectNode();
                document.put("apiVersion", "networking.OpenKCM.dev/v1alpha1")
                        .put("kind", "Network");
                document.setAll(Json.document(record.value()));
                documents.add(JSON.readTree(document.toString()));
            }
        }
        return documents;
    }

    private static List<String> shown(Verification verification, List<JsonNode> documents) {
        var shown =
                new Verification.Shown(Kinds.find("network").orElseThrow(), "http://x", documents);
        return failing(verification.report(List.of(shown)));
    }
}
