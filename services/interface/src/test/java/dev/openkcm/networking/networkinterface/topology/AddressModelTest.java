package dev.openkcm.networking.networkinterface.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.test.CopiedRows;
import dev.openkcm.networking.kernel.test.Exploration;
import dev.openkcm.networking.kernel.test.Exploration.Step;
import dev.openkcm.networking.networkinterface.codec.NetworkInterfaceCodec;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent;
import dev.openkcm.networking.networkinterface.domain.InterfaceSpec;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Absent;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Present;
import dev.openkcm.networking.networkinterface.domain.NetworkInterfaceDecider;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Interfaces, their Networks and the address books between them: every order in which messages can
 * arrive, with the code's own decider and clerk.
 *
 * <p>Messages of one sender to one receiver keep their order, as on a partition, and may be late by
 * any time. An answer may arrive twice. A crash aborts a transaction: the step did not happen, and
 * happens later; so it adds no states.
 */
class AddressModelTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NetworkInterfaceDecider DECIDER = new NetworkInterfaceDecider();
    private static final CommandHandler<NetworkInterface, InterfaceCommand, InterfaceEvent>
            HANDLER = new CommandHandler<>(DECIDER);

    /** What the interfaces are told to do, and what happens to Networks; each in order. */
    private record Script(
            Map<String, List<InterfaceCommand>> commands,
            Map<String, List<NetworkState>> networks,
            int repeats) {}

    private record Message(String key, @Nullable SpecificRecord value) {}

    private static final class World {
        final CopiedRows rows;
        final Map<String, NetworkInterface> nics = new TreeMap<>();
        final Map<String, Integer> done = new TreeMap<>();
        final Map<String, Deque<Message>> queues = new TreeMap<>();
        int repeats;
        int offset;

        World(CopiedRows rows, int repeats) {
            this.rows = rows;
            this.repeats = repeats;
        }

        World copy() {
            var copy = new World(rows.copy(), repeats);
            copy.nics.putAll(nics);
            copy.done.putAll(done);
            copy.offset = offset;
            queues.forEach((name, queue) -> copy.queues.put(name, new ArrayDeque<>(queue)));
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

        Present present(String nic) {
            return nics.get(nic) instanceof Present present ? present : null;
        }
    }

    private record AddressModel(Script script) implements Exploration.Model<World> {

        @Override
        public List<Step<World>> steps(World world) {
            var steps = new ArrayList<Step<World>>();
            script.commands.forEach((nic, commands) -> {
                int next = world.done.getOrDefault(nic, 0);
                if (next < commands.size()) {
                    var after = world.copy();
                    after.done.put(nic, next + 1);
                    decide(after, nic, commands.get(next), uid(nic, next), false);
                    steps.add(new Step<>(nic + " " + commands.get(next), after));
                }
            });
            script.networks.forEach((network, states) -> {
                int next = world.done.getOrDefault(network, 0);
                if (next < states.size()) {
                    var after = world.copy();
                    after.done.put(network, next + 1);
                    after.send("state " + network, new Message(network, network(states.get(next))));
                    steps.add(new Step<>(network + " becomes " + states.get(next), after));
                }
            });
            for (String queue : world.queues.keySet()) {
                var after = world.copy();
                var message = after.take(queue);
                deliver(after, queue, message);
                steps.add(new Step<>("arrives on " + queue + ": " + message.value(), after));
                if (queue.startsWith("answers") && world.repeats > 0) {
                    var again = after.copy();
                    again.repeats--;
                    deliver(again, queue, message);
                    steps.add(
                            new Step<>(
                                    "arrives twice on " + queue + ": " + message.value(), again));
                }
            }
            return steps;
        }

        private static void deliver(World world, String queue, Message message) {
            if (queue.startsWith("answers")) {
                var observation = (NetworkInterfaceObservation) message.value();
                decide(
                        world,
                        message.key(),
                        new NetworkInterfaceCodec()
                                .observation((SpecificRecord) observation.getObservation()),
                        new UUID(0, 0),
                        true);
                return;
            }
            var context = new MockProcessorContext<String, SpecificRecord>();
            context.addStateStore(world.rows);
            context.setRecordMetadata("claims", 0, world.offset++);
            var clerk = new AddressClerk();
            clerk.init(context);
            clerk.process(new Record<>(message.key(), message.value(), NOW.toEpochMilli()));
            for (var forwarded : context.forwarded()) {
                var answer = forwarded.record();
                world.send(
                        "answers %s to %s".formatted(message.key(), answer.key()),
                        new Message(answer.key(), answer.value()));
            }
        }

        private static void decide(
                World world, String nic, InterfaceCommand payload, UUID uid, boolean observed) {
            var before = world.nics.getOrDefault(nic, new Absent());
            var key = ResourceKey.parse(nic);
            var command = new Command<>("c", key, null, false, NOW, uid, null, payload);
            var snapshot = new Snapshot<>(before, NOW);
            var handled =
                    observed
                            ? HANDLER.observe(snapshot, command)
                            : HANDLER.handle(snapshot, command);
            if (handled.events().isEmpty()) {
                return;
            }
            var after = handled.snapshot().state();
            world.nics.put(nic, after);
            InterfaceSurroundings.recipe()
                    .create()
                    .happened(
                            before,
                            after,
                            handled.events(),
                            (topic, network, claim, _) -> {
                                if (topic.equals(InterfaceTopology.CLAIMS)) {
                                    world.send(
                                            "claims %s to %s".formatted(nic, network),
                                            new Message(network, claim));
                                }
                            });
        }

        @Override
        public String fingerprint(World world) {
            return world.rows.fingerprint()
                    + world.nics
                    + world.done
                    + world.queues
                    + world.repeats;
        }

        /** No address is shown by two interfaces of a Network. */
        @Override
        public void always(World world) {
            var shown = new HashSet<String>();
            for (String nic : world.nics.keySet()) {
                var present = world.present(nic);
                if (present != null) {
                    for (String ip : present.ips()) {
                        assertThat(shown.add(present.spec().network() + " " + ip))
                                .as("%s of %s is shown once", ip, present.spec().network())
                                .isTrue();
                    }
                }
            }
        }

        @Override
        public void atRest(World world) {
            for (String nic : world.nics.keySet()) {
                var present = world.present(nic);
                if (present != null) {
                    settled(world, nic, present);
                }
            }
            // No leak: whatever is held is held by an interface that shows it.
            world.rows
                    .startingWith("held ")
                    .forEach((row, holder) -> {
                        var present = world.present(holder);
                        assertThat(present).as(row + " is held by " + holder).isNotNull();
                        assertThat(row).startsWith("held ns/" + present.spec().network() + " ");
                    });
        }

        private void settled(World world, String nic, Present present) {
            for (String claim : present.spec().claims()) {
                boolean heldByOther =
                        world.nics.keySet().stream()
                                .filter(other -> !other.equals(nic))
                                .map(world::present)
                                .anyMatch(other ->
                                        other != null
                                                && other.spec()
                                                        .network()
                                                        .equals(present.spec().network())
                                                && other.ips().contains(claim));
                assertThat(present.ips().contains(claim))
                        .as("%s holds %s unless another does", nic, claim)
                        .isNotEqualTo(heldByOther);
            }
            var states = script.networks.getOrDefault("ns/" + present.spec().network(), List.of());
            boolean available = !states.isEmpty() && states.getLast() == NetworkState.Available;
            boolean complete = present.ips().containsAll(present.spec().claims());
            assertThat(present.state())
                    .as(nic)
                    .isEqualTo(
                            !complete
                                    ? NetworkInterface.State.Error
                                    : available
                                            ? NetworkInterface.State.Available
                                            : NetworkInterface.State.Pending);
        }
    }

    private static UUID uid(String nic, int incarnation) {
        return UUID.nameUUIDFromBytes(
                (nic + incarnation).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Network network(NetworkState state) {
        if (state == null) {
            return null;
        }
        var meta =
                new Meta(
                        ResourceKey.parse("ns/n"),
                        new UUID(0, 1),
                        1,
                        1,
                        NOW,
                        null,
                        Meta.sorted(Map.of()),
                        Meta.sorted(Map.of()));
        return new Network(
                CommonCodec.toAvro(meta),
                new NetworkSpec(List.of(), List.of(), null),
                new NetworkStatus(state, List.of(), List.of(), List.of()));
    }

    private static InterfaceCommand apply(String network, String... ips) {
        return new InterfaceCommand.Apply(
                Meta.sorted(Map.of()),
                Meta.sorted(Map.of()),
                new InterfaceSpec(
                        network,
                        List.of("IPv4"),
                        List.of(ips),
                        List.of(),
                        null,
                        null,
                        null,
                        Meta.sorted(Map.of()),
                        null));
    }

    private static final InterfaceCommand DELETE = new InterfaceCommand.Delete();

    private static Exploration.Visited explore(Script script) {
        return Exploration.of(
                new World(new CopiedRows(InterfaceTopology.ADDRESSES_STORE), script.repeats),
                new AddressModel(script),
                2_000_000);
    }

    @Test
    void twoWantOneAddressAndOneGivesItUp() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/x", List.of(apply("n", "10.0.0.1"), DELETE),
                                        "ns/y", List.of(apply("n", "10.0.0.1"))),
                                Map.of("ns/n", List.of(NetworkState.Available)),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void anInterfaceMovesToAnotherAddressAndBack() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/x",
                                        List.of(
                                                apply("n", "10.0.0.1"),
                                                apply("n", "10.0.0.2"),
                                                apply("n", "10.0.0.1")),
                                        "ns/y",
                                        List.of(apply("n", "10.0.0.1"))),
                                Map.of("ns/n", List.of(NetworkState.Available)),
                                0));
        assertThat(visited.states()).isGreaterThan(100);
    }

    @Test
    void anInterfaceIsCreatedAgainUnderItsName() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/x",
                                        List.of(
                                                apply("n", "10.0.0.1"),
                                                DELETE,
                                                apply("n", "10.0.0.1")),
                                        "ns/y",
                                        List.of(apply("n", "10.0.0.1"))),
                                Map.of("ns/n", List.of(NetworkState.Available)),
                                0));
        assertThat(visited.states()).isGreaterThan(100);
    }

    @Test
    void anInterfaceIsCreatedAgainInAnotherNetwork() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "ns/x",
                                        List.of(
                                                apply("n", "10.0.0.1"),
                                                DELETE,
                                                apply("m", "10.0.0.1"))),
                                Map.of("ns/n", List.of(NetworkState.Available)),
                                1));
        assertThat(visited.states()).isGreaterThan(50);
    }
}
