package dev.openkcm.networking.network.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.test.CopiedRows;
import dev.openkcm.networking.kernel.test.Exploration;
import dev.openkcm.networking.kernel.test.Exploration.Step;
import dev.openkcm.networking.network.codec.NetworkCodec;
import dev.openkcm.networking.network.domain.Blocker;
import dev.openkcm.networking.network.domain.IdOffer;
import dev.openkcm.networking.network.domain.Network;
import dev.openkcm.networking.network.domain.Network.Absent;
import dev.openkcm.networking.network.domain.Network.Present;
import dev.openkcm.networking.network.domain.NetworkCommand;
import dev.openkcm.networking.network.domain.NetworkDecider;
import dev.openkcm.networking.network.domain.NetworkEvent;
import dev.openkcm.networking.network.domain.Peering;
import dev.openkcm.networking.network.domain.PeeringStatus.Phase;
import dev.openkcm.networking.network.domain.Users;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Networks that wish to peer, are deleted and have users: every order in which messages can arrive,
 * with the code's own decider, surroundings and joins.
 *
 * <p>Messages of one sender to one receiver keep their order, as on a partition, and may be late by
 * any time; an observation may arrive twice. A crash aborts a transaction: the step did not happen,
 * and happens later; so it adds no states.
 */
class PeeringModelTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NetworkCodec CODEC = new NetworkCodec();
    private static final CommandHandler<Network, NetworkCommand, NetworkEvent> HANDLER =
            new CommandHandler<>(new NetworkDecider("system"));
    private static final IdRange IDS = new IdRange(200, 231, Duration.ofMinutes(10));
    private static final Schema METADATA =
            SchemaBuilder.record("Metadata").fields().requiredString("uid").endRecord();
    private static final Schema REFERENCE =
            SchemaBuilder.record("Reference").fields().requiredString("name").endRecord();
    private static final Schema SPEC =
            SchemaBuilder.record("Spec")
                    .fields()
                    .name("networkRef")
                    .type(REFERENCE)
                    .noDefault()
                    .endRecord();
    private static final Schema USER =
            SchemaBuilder.record("User")
                    .fields()
                    .name("metadata")
                    .type(METADATA)
                    .noDefault()
                    .name("spec")
                    .type(SPEC)
                    .noDefault()
                    .endRecord();

    /**
     * What is asked of Networks, and which Network an interface uses, if any; each in order.
     *
     * @param repeats how often an observation arrives twice
     */
    private record Script(
            Map<String, List<NetworkCommand>> commands,
            Map<String, List<String>> users,
            int repeats) {}

    private record Message(String key, @Nullable IndexedRecord value) {}

    private static final class World {
        final Map<String, CopiedRows> ids = new TreeMap<>();
        final Map<String, CopiedRows> users = new TreeMap<>();
        final Map<String, Network> networks = new TreeMap<>();
        final Map<String, Integer> done = new TreeMap<>();
        final Map<String, Deque<Message>> queues = new TreeMap<>();
        CopiedRows peers = new CopiedRows(NetworkTopology.OBSERVED);
        CopiedRows byUser = new CopiedRows(NetworkTopology.OBSERVED);
        int repeats;

        World copy() {
            var copy = new World();
            ids.forEach((key, rows) -> copy.ids.put(key, rows.copy()));
            users.forEach((key, rows) -> copy.users.put(key, rows.copy()));
            copy.networks.putAll(networks);
            copy.done.putAll(done);
            queues.forEach((name, queue) -> copy.queues.put(name, new ArrayDeque<>(queue)));
            copy.peers = peers.copy();
            copy.byUser = byUser.copy();
            copy.repeats = repeats;
            return copy;
        }

        void send(String queue, Message message) {
            queues.computeIfAbsent(queue, _ -> new ArrayDeque<>()).add(message);
        }

        Message take(String queue) {
            var waiting = queues.get(queue);
            var message = waiting.remove();
            if (waiting.isEmpty()) {
                queues.remove(queue);
            }
            return message;
        }

        Present present(String key) {
            return networks.get(key) instanceof Present present ? present : null;
        }
    }

    private record PeeringModel(Script script) implements Exploration.Model<World> {

        @Override
        public List<Step<World>> steps(World world) {
            var steps = new ArrayList<Step<World>>();
            script.commands.forEach((network, commands) -> {
                int next = world.done.getOrDefault(network, 0);
                if (next < commands.size()) {
                    var after = world.copy();
                    after.done.put(network, next + 1);
                    decide(after, network, commands.get(next), uid(network, next), false);
                    steps.add(
                            new Step<>(
                                    network + " " + commands.get(next).getClass().getSimpleName(),
                                    after));
                }
            });
            script.users.forEach((user, uses) -> {
                int next = world.done.getOrDefault(user, 0);
                if (next < uses.size()) {
                    var after = world.copy();
                    after.done.put(user, next + 1);
                    after.send("user " + user, new Message(user, user(user, next, uses.get(next))));
                    steps.add(new Step<>(user + " uses " + uses.get(next), after));
                }
            });
            for (String queue : world.queues.keySet()) {
                var after = world.copy();
                var message = after.take(queue);
                deliver(after, queue, message);
                steps.add(new Step<>("arrives on " + queue + ": " + message.value(), after));
                if (queue.startsWith("observations") && world.repeats > 0) {
                    var again = after.copy();
                    again.repeats--;
                    deliver(again, queue, message);
                    steps.add(new Step<>("arrives twice on " + queue, again));
                }
            }
            return steps;
        }

        private static void deliver(World world, String queue, Message message) {
            if (queue.startsWith("observations")) {
                var observation = (NetworkObservation) message.value();
                decide(
                        world,
                        message.key(),
                        CODEC.observation((SpecificRecord) observation.getObservation()),
                        new UUID(0, 0),
                        true);
                return;
            }
            var context = new MockProcessorContext<String, NetworkObservation>();
            if (queue.startsWith("user ")) {
                context.setRecordMetadata("openkcm.network-interface.state.v1", 0, 0);
                context.addStateStore(world.byUser);
                var join = new UserJoin();
                join.init(context);
                join.process(
                        new Record<>(
                                message.key(),
                                (GenericRecord) message.value(),
                                NOW.toEpochMilli()));
            } else {
                context.addStateStore(world.peers);
                var join = new PeerJoin();
                join.init(context);
                join.process(
                        new Record<>(
                                message.key(),
                                (SpecificRecord) message.value(),
                                NOW.toEpochMilli()));
            }
            for (var forwarded : context.forwarded()) {
                var told = forwarded.record();
                world.send(
                        "observations from %s to %s".formatted(message.key(), told.key()),
                        new Message(told.key(), told.value()));
            }
        }

        private static void decide(
                World world, String network, NetworkCommand payload, UUID uid, boolean observed) {
            var before = world.networks.getOrDefault(network, new Absent());
            var key = ResourceKey.parse(network);
            var surroundings = NetworkSurroundings.recipe(IDS).create();
            int partition = network.charAt(network.length() - 1) - 'a';
            var ids = world.ids.computeIfAbsent(network, _ -> new CopiedRows("ids"));
            var users = world.users.computeIfAbsent(network, _ -> new CopiedRows("users"));
            surroundings.open(part -> part.equals("ids") ? ids : users, partition, 4);
            var command =
                    new Command<>(
                            "c",
                            key,
                            null,
                            false,
                            NOW,
                            uid,
                            null,
                            surroundings.complete(key, before, payload, NOW));
            var snapshot = new Snapshot<>(before, NOW);
            var handled =
                    observed
                            ? HANDLER.observe(snapshot, command)
                            : HANDLER.handle(snapshot, command);
            if (handled.events().isEmpty()) {
                return;
            }
            var after = handled.snapshot().state();
            world.networks.put(network, after);
            world.send(
                    "state " + network,
                    new Message(network, after instanceof Present ? CODEC.state(after) : null));
            surroundings.happened(
                    before,
                    after,
                    handled.events(),
                    (_, target, intent, _) ->
                            world.send(
                                    "intents of %s for %s".formatted(network, target),
                                    new Message(target, intent)));
        }

        @Override
        public String fingerprint(World world) {
            var text = new StringBuilder();
            world.ids.forEach((key, rows) -> text.append(key).append(rows.fingerprint()));
            world.users.forEach((key, rows) -> text.append(key).append(rows.fingerprint()));
            return text.append(world.peers.fingerprint())
                    .append(world.byUser.fingerprint())
                    .append(world.networks)
                    .append(world.done)
                    .append(world.queues)
                    .append(world.repeats)
                    .toString();
        }

        /** No id is with two Networks; nobody is bound to a Network that nobody ever created. */
        @Override
        public void always(World world) {
            var ids = new HashSet<Integer>();
            for (String key : world.networks.keySet()) {
                var network = world.present(key);
                if (network != null && network.id().isPresent()) {
                    assertThat(ids.add(network.id().getAsInt())).as("id of " + key).isTrue();
                }
            }
        }

        @Override
        public void atRest(World world) {
            for (String key : world.networks.keySet()) {
                var network = world.present(key);
                if (network == null) {
                    continue;
                }
                for (var peering : network.peerings()) {
                    var peer = world.present(network.target(peering).toString());
                    boolean bound =
                            peer != null
                                    && network.available()
                                    && peer.available()
                                    && peer.peerings().stream()
                                            .anyMatch(p -> peer.target(p).toString().equals(key));
                    var status =
                            network.statuses().stream()
                                    .filter(s -> s.name().equals(peering.name()))
                                    .findFirst()
                                    .orElseThrow();
                    assertThat(status.phase())
                            .as("%s with %s", key, peering)
                            .isEqualTo(bound ? Phase.Bound : Phase.Pending);
                    assertThat(network.incoming()).as("incoming of %s", key).hasSize(bound ? 1 : 0);
                    if (bound) {
                        assertThat(network.incoming().getFirst().uid())
                                .isEqualTo(peer.meta().uid().toString());
                    }
                }
                var users = usersAtRest(key);
                if (network.meta().deleting()) {
                    assertThat(users).as("what the deletion of %s waits for", key).isNotEmpty();
                    assertThat(network.blockers())
                            .extracting(Blocker::uid)
                            .containsExactlyInAnyOrderElementsOf(users);
                }
            }
        }

        private List<String> usersAtRest(String network) {
            var users = new ArrayList<String>();
            script.users.forEach((user, uses) -> {
                if (network.equals("ns/" + uses.getLast())) {
                    users.add(uid(user, uses.size() - 1).toString());
                }
            });
            return users;
        }
    }

    private static UUID uid(String key, int incarnation) {
        return UUID.nameUUIDFromBytes(
                (key + incarnation).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static @Nullable GenericRecord user(String user, int incarnation, String network) {
        if (network.isEmpty()) {
            return null;
        }
        var metadata = new GenericData.Record(METADATA);
        metadata.put("uid", uid(user, incarnation).toString());
        var reference = new GenericData.Record(REFERENCE);
        reference.put("name", network);
        var spec = new GenericData.Record(SPEC);
        spec.put("networkRef", reference);
        var record = new GenericData.Record(USER);
        record.put("metadata", metadata);
        record.put("spec", spec);
        return record;
    }

    private static NetworkCommand apply(String... peers) {
        var peerings = new ArrayList<Peering>();
        for (String peer : peers) {
            peerings.add(new Peering("to-" + peer, null, peer, List.of()));
        }
        return new NetworkCommand.Apply(
                Meta.sorted(Map.of()),
                Meta.sorted(Map.of()),
                peerings,
                List.of(),
                null,
                new IdOffer.Unknown());
    }

    private static final NetworkCommand DELETE = new NetworkCommand.Delete(Users.NONE);

    private static Exploration.Visited explore(Script script) {
        var world = new World();
        world.repeats = script.repeats;
        return Exploration.of(world, new PeeringModel(script), 2_000_000);
    }

    @Test
    void bothWish() {
        var visited =
                explore(
                        new Script(
                                Map.of("ns/a", List.of(apply("b")), "ns/b", List.of(apply("a"))),
                                Map.of(),
                                1));
        assertThat(visited.states()).isGreaterThan(50);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void oneIsDeletedAndCreatedAgain() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/a", List.of(apply("b"), DELETE, apply("b")),
                                        "ns/b", List.of(apply("a"))),
                                Map.of(),
                                0));
        assertThat(visited.states()).isGreaterThan(100);
    }

    @Test
    void oneWithdrawsItsWish() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/a", List.of(apply("b"), apply()),
                                        "ns/b", List.of(apply("a"))),
                                Map.of(),
                                0));
        assertThat(visited.states()).isGreaterThan(100);
    }

    @Test
    void deletionsWaitForUsersThatComeAndGo() {
        var visited =
                explore(
                        new Script(
                                Map.of("ns/a", List.of(apply(), DELETE, apply())),
                                Map.of(
                                        "ns/x", List.of("a", "", "a"),
                                        "ns/y", List.of("a", "")),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
    }

    @Test
    void deletionOfAPeerThatIsUsed() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/a", List.of(apply("b"), DELETE),
                                        "ns/b", List.of(apply("a"))),
                                Map.of("ns/x", List.of("a")),
                                0));
        assertThat(visited.states()).isGreaterThan(100);
    }
}
