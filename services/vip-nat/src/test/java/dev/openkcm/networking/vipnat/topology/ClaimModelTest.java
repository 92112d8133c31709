package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.kernel.test.CopiedRows;
import dev.openkcm.networking.kernel.test.Exploration;
import dev.openkcm.networking.kernel.test.Exploration.Step;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolObservation;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.vipnat.allocation.AddressEntry;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolSpec;
import dev.openkcm.networking.vipnat.domain.virtualip.Queue;
import dev.openkcm.networking.vipnat.domain.virtualip.Target;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/**
 * VirtualIPs, those who name them, the pools, and the one who gives addresses: every order in which
 * messages can arrive, with the code's own deciders, surroundings and clerk.
 *
 * <p>Messages of one sender to one receiver keep their order, as on a partition, and may be late by
 * any time. Each may arrive twice. The clerk is built anew from its rows for every message, as
 * after a crash; a transaction that a crash aborts did not happen, and happens later.
 */
class ClaimModelTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration QUARANTINE = Duration.ofMinutes(1);

    /** What is told, each sender in order, and how many messages arrive twice. */
    private record Script(Map<String, List<Told>> told, int repeats) {}

    /** Something that a sender tells one receiver. */
    private sealed interface Told {
        record ToVirtualIp(String name, VirtualIpCommand payload) implements Told {}

        record ToPool(String name, AddressPoolCommand payload) implements Told {}

        record ToClerk(SpecificRecord record) implements Told {}
    }

    private static final class World {
        final CopiedRows addresses;
        final CopiedRows claimants;
        final Map<String, VirtualIp> virtualIps = new TreeMap<>();
        final Map<String, AddressPool> pools = new TreeMap<>();
        final Map<String, Integer> done = new TreeMap<>();
        final Map<String, Deque<Told>> queues = new TreeMap<>();
        Instant now = START;
        int repeats;

        World(CopiedRows addresses, CopiedRows claimants, int repeats) {
            this.addresses = addresses;
            this.claimants = claimants;
            this.repeats = repeats;
        }

        World copy() {
            var copy = new World(addresses.copy(), claimants.copy(), repeats);
            copy.virtualIps.putAll(virtualIps);
            copy.pools.putAll(pools);
            copy.done.putAll(done);
            copy.now = now;
            queues.forEach((name, queue) -> copy.queues.put(name, new ArrayDeque<>(queue)));
            return copy;
        }

        void send(String queue, Told told) {
            queues.computeIfAbsent(queue, _ -> new ArrayDeque<>()).add(told);
        }

        Told take(String queue) {
            var waiting = queues.get(queue);
            var told = waiting.remove();
            if (waiting.isEmpty()) {
                queues.remove(queue);
            }
            return told;
        }

        List<AddressEntry> entries() {
            var entries = new ArrayList<AddressEntry>();
            String prefix = "claim IPv4 ";
            addresses
                    .startingWith(prefix)
                    .forEach((row, text) ->
                            entries.add(
                                    AllocationRows.entry(
                                            row.substring(prefix.length()),
                                            text.getBytes(StandardCharsets.UTF_8))));
            return entries;
        }
    }

    private record ClaimModel(Script script) implements Exploration.Model<World> {

        @Override
        public List<Step<World>> steps(World world) {
            var steps = new ArrayList<Step<World>>();
            script.told.forEach((sender, all) -> {
                int next = world.done.getOrDefault(sender, 0);
                if (next < all.size()) {
                    var after = world.copy();
                    after.done.put(sender, next + 1);
                    deliver(after, all.get(next), uid(sender + next));
                    steps.add(new Step<>(sender + " tells " + all.get(next), after));
                }
            });
            for (String queue : world.queues.keySet()) {
                var after = world.copy();
                var told = after.take(queue);
                deliver(after, told, uid("none"));
                steps.add(new Step<>("arrives on " + queue + ": " + told, after));
                if (world.repeats > 0) {
                    var again = after.copy();
                    again.repeats--;
                    deliver(again, told, uid("none"));
                    steps.add(new Step<>("arrives twice on " + queue + ": " + told, again));
                }
            }
            if (!world.addresses.startingWith("rest ").isEmpty()) {
                var after = world.copy();
                after.now = world.now.plus(QUARANTINE);
                clerk(after, List.of());
                steps.add(new Step<>("quarantines are over", after));
            }
            return steps;
        }

        private static void deliver(World world, Told told, UUID uid) {
            switch (told) {
                case Told.ToClerk(var record) -> clerk(world, List.of(record));
                case Told.ToVirtualIp(var name, var payload) ->
                        world.virtualIps.compute(
                                name, (_, before) -> decide(world, name, before, payload, uid));
                case Told.ToPool(var name, var payload) ->
                        world.pools.compute(
                                name, (_, before) -> decide(world, name, before, payload, uid));
            }
        }

        /** The clerk takes in records, and says how the pools are used. */
        private static void clerk(World world, List<SpecificRecord> records) {
            var context = new MockProcessorContext<String, SpecificRecord>();
            context.addStateStore(world.addresses);
            context.setCurrentSystemTimeMs(world.now.toEpochMilli());
            var clerk = new AddressClerk(QUARANTINE);
            clerk.init(context);
            records.forEach(r -> clerk.process(new Record<>("IPv4", r, world.now.toEpochMilli())));
            context.scheduledPunctuators()
                    .getFirst()
                    .getPunctuator()
                    .punctuate(world.now.toEpochMilli());
            for (var forwarded : context.forwarded()) {
                var record = forwarded.record();
                switch (record.value()) {
                    case PublicAddressGrant _ ->
                            VirtualIpSurroundings.recipe()
                                    .inputs()
                                    .getFirst()
                                    .reader()
                                    .read(record.key(), record.value())
                                    .ifPresent(told ->
                                            world.send(
                                                    "grants to " + told.key(),
                                                    new Told.ToVirtualIp(
                                                            told.key().toString(),
                                                            told.payload())));
                    case AddressPoolObservation observation ->
                            world.send(
                                    "use of " + record.key(),
                                    new Told.ToPool(
                                            record.key(),
                                            VipNatTopology.addressPools()
                                                    .codec()
                                                    .observation(
                                                            (SpecificRecord)
                                                                    observation.getObservation())));
                    case null -> {} // A claim that ended: nobody listens.
                    default -> throw new IllegalStateException("unknown: " + record.value());
                }
            }
        }

        private static VirtualIp decide(
                World world, String name, VirtualIp before, VirtualIpCommand payload, UUID uid) {
            boolean observed =
                    payload instanceof VirtualIpCommand.Granted
                            || payload instanceof VirtualIpCommand.Named;
            return decide(
                    world,
                    VipNatTopology.virtualIps(),
                    VirtualIpSurroundings.recipe(),
                    name,
                    before,
                    payload,
                    uid,
                    observed);
        }

        private static AddressPool decide(
                World world,
                String name,
                AddressPool before,
                AddressPoolCommand payload,
                UUID uid) {
            return decide(
                    world,
                    VipNatTopology.addressPools(),
                    AddressPoolSurroundings.recipe(),
                    name,
                    before,
                    payload,
                    uid,
                    payload instanceof AddressPoolCommand.UtilisationObserved);
        }

        private static <S, C, E> S decide(
                World world,
                Kind<S, C, E> kind,
                Surroundings.Recipe<S, C, E> recipe,
                String name,
                S known,
                C payload,
                UUID uid,
                boolean observed) {
            S before = known == null ? kind.decider().absent() : known;
            var key = ResourceKey.parse(name);
            var surroundings = recipe.create();
            surroundings.open(_ -> world.claimants, 0, 1);
            var complete = surroundings.complete(key, before, payload, START);
            var command = new Command<>("c", key, null, false, START, uid, null, complete);
            var handler = new CommandHandler<>(kind.decider());
            var snapshot = new Snapshot<>(before, START);
            var handled =
                    observed
                            ? handler.observe(snapshot, command)
                            : handler.handle(snapshot, command);
            if (handled.events().isEmpty()) {
                return before;
            }
            S after = handled.snapshot().state();
            surroundings.happened(
                    before,
                    after,
                    handled.events(),
                    (_, _, record, _) -> world.send("from " + name, new Told.ToClerk(record)));
            return after;
        }

        @Override
        public String fingerprint(World world) {
            return world.addresses.fingerprint()
                    + world.claimants.fingerprint()
                    + world.virtualIps
                    + world.pools
                    + world.done
                    + world.queues
                    + world.repeats;
        }

        /** What is shown is given, to this one, and to nobody else. */
        @Override
        public void always(World world) {
            var shown = new HashSet<String>();
            var given = new HashMap<String, String>();
            world.entries().stream()
                    .filter(entry -> entry.address() != null)
                    .forEach(entry -> {
                        assertThat(given.put(entry.address(), entry.claim().uid()))
                                .as("%s is given once", entry.address())
                                .isNull();
                    });
            world.virtualIps.forEach((name, virtualIp) -> {
                if (virtualIp instanceof VirtualIp.Present present && present.ip() != null) {
                    assertThat(shown.add(present.ip())).as("%s is shown once", name).isTrue();
                    assertThat(given.get(present.ip()))
                            .as("%s of %s is given to it", present.ip(), name)
                            .isEqualTo(present.meta().uid().toString());
                }
            });
        }

        @Override
        public void atRest(World world) {
            var held = new HashMap<String, String>();
            for (var entry : world.entries()) {
                assertThat(held.put(entry.claim().uid(), String.valueOf(entry.address())))
                        .as("claims of " + entry.claim().uid())
                        .isNull();
            }
            world.virtualIps.forEach((name, virtualIp) -> {
                if (virtualIp instanceof VirtualIp.Present present) {
                    assertThat(held.remove(present.meta().uid().toString()))
                            .as("what %s holds is what it shows", name)
                            .isEqualTo(String.valueOf(present.ip()));
                    targets(world, name, present);
                }
            });
            assertThat(held).as("nothing is held by what is gone").isEmpty();
            pools(world);
        }

        /** Whoever names it has it, or waits. */
        private static void targets(World world, String name, VirtualIp.Present present) {
            int naming = world.claimants.startingWith("queue " + name + " ").size();
            assertThat(present.target() == null)
                    .as("%s has a target if somebody names it", name)
                    .isEqualTo(naming == 0);
            assertThat(present.waiting().total())
                    .as("%s is waited for by the others", name)
                    .isEqualTo(Math.max(0, naming - 1));
        }

        /** Nobody waits while an address is free, and a pool that is deleted goes in the end. */
        private static void pools(World world) {
            var entries = world.entries();
            boolean waits = entries.stream().anyMatch(entry -> entry.address() == null);
            world.pools.forEach((name, pool) -> {
                if (pool instanceof AddressPool.Present present) {
                    long used = entries.stream().filter(entry -> name.equals(entry.pool())).count();
                    if (present.meta().deleting()) {
                        assertThat(used).as("what %s waits for", name).isPositive();
                    } else if (waits) {
                        assertThat(used).as("addresses of %s in use", name).isEqualTo(1);
                    }
                    assertThat(present.utilisation().allocated())
                            .as("%s shows how it is used", name)
                            .isEqualTo(used);
                }
            });
        }
    }

    private static UUID uid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Told apply(String name) {
        return new Told.ToVirtualIp(
                name,
                new VirtualIpCommand.Apply(
                        Meta.sorted(Map.of()),
                        Meta.sorted(Map.of()),
                        new VirtualIpSpec("Public", "IPv4"),
                        Queue.EMPTY));
    }

    private static Told delete(String name) {
        return new Told.ToVirtualIp(name, new VirtualIpCommand.Delete());
    }

    private static Told named(String name, String nic, boolean named) {
        return new Told.ToVirtualIp(
                name,
                new VirtualIpCommand.Named(
                        new Target("NetworkInterface", nic, uid(nic).toString()),
                        List.of("IPv4"),
                        named));
    }

    /** A pool of one address. */
    private static Told pool(String name, String address) {
        return new Told.ToPool(
                name,
                new AddressPoolCommand.Apply(
                        Meta.sorted(Map.of()),
                        Meta.sorted(Map.of()),
                        new AddressPoolSpec(List.of(address + "/32"), "IPv4")));
    }

    private static Told poolDeleted(String name) {
        return new Told.ToPool(name, new AddressPoolCommand.Delete());
    }

    private static Exploration.Visited explore(Script script) {
        return Exploration.of(
                new World(
                        new CopiedRows(AddressClerk.STORE),
                        new CopiedRows("virtual-ip-claimants"),
                        script.repeats),
                new ClaimModel(script),
                500_000);
    }

    @Test
    void twoWantTheOneAddressAndOneGivesItUp() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "pool", List.of(pool("p", "203.0.113.1")),
                                        "x", List.of(apply("ns/x"), delete("ns/x")),
                                        "y", List.of(apply("ns/y"))),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void aVirtualIpIsCreatedAgainUnderItsName() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "pool", List.of(pool("p", "203.0.113.1")),
                                        "x", List.of(apply("ns/x"), delete("ns/x"), apply("ns/x"))),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void aPoolIsDeletedWhileItsAddressIsWantedAndGivenUp() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "pool", List.of(pool("p", "203.0.113.1"), poolDeleted("p")),
                                        "x", List.of(apply("ns/x"), delete("ns/x"))),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void twoInterfacesNameAVirtualIpThatIsDeletedAndCreatedAgain() {
        var visited =
                explore(
                        new Script(
                                Map.of(
                                        "a",
                                                List.of(
                                                        named("ns/x", "a", true),
                                                        named("ns/x", "a", false)),
                                        "b", List.of(named("ns/x", "b", true)),
                                        "x", List.of(apply("ns/x"), delete("ns/x"), apply("ns/x"))),
                                1));
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }
}
