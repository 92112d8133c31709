package dev.openkcm.networking.loadbalancer.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.CommandResult.Outcome;
import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.kernel.test.CopiedRows;
import dev.openkcm.networking.kernel.test.Exploration;
import dev.openkcm.networking.kernel.test.Exploration.Step;
import dev.openkcm.networking.loadbalancer.codec.LoadBalancerCodec;
import dev.openkcm.networking.loadbalancer.domain.InterfaceSelector;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Absent;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Present;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.State;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerDecider;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerSpec;
import dev.openkcm.networking.loadbalancer.domain.Port;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Balancers, the interfaces they distribute among, and those who give them addresses: every order
 * in which messages can arrive, with the code's own decider, surroundings and routing.
 *
 * <p>The address books of Networks and the public pools are other services' and are played here, by
 * their published rules; all pools together have one address. Messages of one sender to one
 * receiver keep their order, as on a partition, and may be late by any time. Each may arrive twice,
 * and compaction takes rows from under a late reader. The routing is built anew from its rows for
 * every message, as after a crash; a transaction that a crash aborts did not happen, and happens
 * later.
 */
class BalancerModelTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String PUBLIC_IP = "203.0.113.1";
    private static final String INTERNAL_IP = "10.0.0.9";
    private static final String KIND = "LoadBalancer";

    private static final CommandHandler<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent>
            HANDLER = new CommandHandler<>(new LoadBalancerDecider());
    private static final Surroundings.Recipe<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent>
            RECIPE = LoadBalancerSurroundings.recipe();

    /**
     * What is told, each sender in order, and how many messages arrive twice.
     *
     * @param before what was told and has arrived before anything else
     */
    private record Script(List<Told> before, Map<String, List<Told>> told, int repeats) {}

    /** Something that a sender tells one receiver. */
    private sealed interface Told {
        record ToBalancer(String name, LoadBalancerCommand payload) implements Told {}

        record ToRouting(String topic, String key, @Nullable SpecificRecord row) implements Told {}

        record ToBook(String network, AddressClaim claim) implements Told {}

        record NetworkIs(String network, NetworkFact fact) implements Told {}

        record ToPools(PublicAddressClaim claim) implements Told {}
    }

    private static final class World {
        final Map<String, LoadBalancer> balancers = new TreeMap<>();

        /** The rows of the routing, by Network: each may lie on a partition of its own. */
        final Map<String, CopiedRows> tasks = new TreeMap<>();

        /** The interfaces that the routing was told of. */
        final Map<String, NetworkMember> members = new TreeMap<>();

        /** What the routing has published, and of each balancer the row it wrote last. */
        final NavigableMap<String, LoadBalancerDestination> published = new TreeMap<>();

        final Map<String, LoadBalancerDestination> last = new TreeMap<>();

        /** Who wants the public address, and what is wanted in Networks; who came first has it. */
        final LinkedHashMap<String, PublicAddressClaim> pools = new LinkedHashMap<>();

        final LinkedHashMap<String, AddressClaim> book = new LinkedHashMap<>();
        final Map<String, NetworkFact> networks = new TreeMap<>();

        /** Every address with the uid of each that has, or had, it. */
        final TreeSet<String> had = new TreeSet<>();

        final Map<String, Integer> done = new TreeMap<>();
        final Map<String, Deque<Told>> queues = new TreeMap<>();
        int repeats;

        World copy() {
            var copy = new World();
            copy.balancers.putAll(balancers);
            tasks.forEach((network, rows) -> copy.tasks.put(network, rows.copy()));
            copy.members.putAll(members);
            copy.published.putAll(published);
            copy.last.putAll(last);
            copy.pools.putAll(pools);
            copy.book.putAll(book);
            copy.networks.putAll(networks);
            copy.had.addAll(had);
            copy.done.putAll(done);
            queues.forEach((name, queue) -> copy.queues.put(name, new ArrayDeque<>(queue)));
            copy.repeats = repeats;
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

        /** The uid of whoever has an address, by address. */
        Map<String, String> holders() {
            var holders = new HashMap<String, String>();
            if (!pools.isEmpty()) {
                holders.put(PUBLIC_IP, pools.firstEntry().getValue().getUid());
            }
            book.forEach((id, claim) -> {
                for (String address : claim.getAddresses()) {
                    holders.putIfAbsent(network(id) + " " + address, claim.getUid());
                }
            });
            return holders;
        }
    }

    private record BalancerModel(Script script) implements Exploration.Model<World> {

        @Override
        public List<Step<World>> steps(World world) {
            var steps = new ArrayList<Step<World>>();
            script.told.forEach((sender, all) -> {
                int next = world.done.getOrDefault(sender, 0);
                if (next < all.size()) {
                    var after = world.copy();
                    after.done.put(sender, next + 1);
                    // Who is refused asks again later.
                    if (deliver(after, all.get(next), uid(sender + next))) {
                        steps.add(new Step<>(sender + " tells " + all.get(next), after));
                    }
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
                if (mayVanish(world, queue)) {
                    var without = world.copy();
                    without.take(queue);
                    steps.add(new Step<>("vanishes from " + queue + ": " + told, without));
                }
            }
            return steps;
        }

        /**
         * Compaction takes from under a late reader what another row replaces, and tombstones. All
         * rows of such a queue have one key.
         */
        private static boolean mayVanish(World world, String queue) {
            var waiting = world.queues.get(queue);
            boolean compacted = queue.startsWith("rows ") || queue.startsWith("grants ");
            boolean tombstone =
                    switch (waiting.element()) {
                        case Told.ToRouting(_, _, var row) -> row == null;
                        case Told.ToBalancer(_, var payload) ->
                                payload instanceof LoadBalancerCommand.GrantEnded;
                        default -> false;
                    };
            return compacted && (tombstone || waiting.size() > 1);
        }

        /** False if it was refused. */
        private static boolean deliver(World world, Told told, UUID uid) {
            boolean taken = true;
            switch (told) {
                case Told.ToBalancer(var name, var payload) ->
                        taken = decide(world, name, payload, uid);
                case Told.ToRouting(var topic, var key, var row) -> route(world, topic, key, row);
                case Told.ToBook(var network, var claim) -> claim(world, network, claim);
                case Told.NetworkIs(var network, var fact) -> networkIs(world, network, fact);
                case Told.ToPools(var claim) -> claim(world, claim);
            }
            world.holders().forEach((address, holder) -> world.had.add(address + " " + holder));
            return taken;
        }

        private static boolean decide(
                World world, String name, LoadBalancerCommand payload, UUID uid) {
            var before = world.balancers.getOrDefault(name, new Absent());
            var key = ResourceKey.parse(name);
            var command = new Command<>("c", key, null, false, NOW, uid, null, payload);
            var snapshot = new Snapshot<>(before, NOW);
            boolean asked =
                    payload instanceof LoadBalancerCommand.Apply
                            || payload instanceof LoadBalancerCommand.Delete;
            var handled =
                    asked ? HANDLER.handle(snapshot, command) : HANDLER.observe(snapshot, command);
            if (asked && handled.result().outcome() == Outcome.Rejected) {
                return false;
            }
            if (!handled.events().isEmpty()) {
                var after = handled.snapshot().state();
                world.balancers.put(name, after);
                RECIPE.create()
                        .happened(
                                before,
                                after,
                                handled.events(),
                                (topic, to, row, _) -> send(world, name, topic, to, row));
            }
            return true;
        }

        private static void send(
                World world, String name, String topic, String key, @Nullable SpecificRecord row) {
            switch (row) {
                case AddressClaim claim ->
                        world.send("claims of " + name + " to " + key, new Told.ToBook(key, claim));
                case PublicAddressClaim claim ->
                        world.send("claims of " + name + " to pools", new Told.ToPools(claim));
                case null, default ->
                        world.send(
                                "rows of " + name + " to " + network(key),
                                new Told.ToRouting(topic, key, row));
            }
        }

        private static void route(
                World world, String topic, String key, @Nullable SpecificRecord row) {
            if (row instanceof NetworkMember member) {
                world.members.put(key, member);
            } else if (topic.equals(LoadBalancerTopology.MEMBERS)) {
                world.members.remove(key);
            }
            var context = new MockProcessorContext<String, SpecificRecord>();
            context.addStateStore(
                    world.tasks.computeIfAbsent(
                            network(key), _ -> new CopiedRows(RoutingProcessor.STORE)));
            context.setRecordMetadata(topic, 0, 0);
            var routing = new RoutingProcessor();
            routing.init(context);
            routing.process(new Record<>(key, row, NOW.toEpochMilli(), new RecordHeaders()));
            for (var forwarded : context.forwarded()) {
                var record = forwarded.record();
                switch (record.value()) {
                    case LoadBalancerObservation told ->
                            world.send(
                                    "observations of %s by %s"
                                            .formatted(record.key(), network(key)),
                                    new Told.ToBalancer(
                                            record.key(),
                                            new LoadBalancerCodec()
                                                    .observation(
                                                            (SpecificRecord)
                                                                    told.getObservation())));
                    case LoadBalancerDestination destination -> {
                        world.published.put(record.key(), destination);
                        world.last.put(owner(record.key()), destination);
                    }
                    case null -> {
                        world.published.remove(record.key());
                        if (record.key().endsWith("/")) {
                            world.last.remove(owner(record.key()));
                        }
                    }
                    default -> throw new IllegalStateException("unknown: " + record.value());
                }
            }
        }

        /** The address book of a Network: whoever comes first holds, the others wait. */
        private static void claim(World world, String network, AddressClaim claim) {
            String id =
                    "%s %s/%s/%s/%s"
                            .formatted(
                                    network,
                                    claim.getKind(),
                                    claim.getNamespace(),
                                    claim.getName(),
                                    claim.getUid());
            if (!claim.getWanted() || !claim.equals(world.book.get(id))) {
                var before = world.book.remove(id);
                if (claim.getWanted()) {
                    world.book.put(id, claim);
                }
                if (before != null) {
                    world.book.forEach((other, wanted) -> {
                        if (!other.equals(id)
                                && before.getAddresses().stream()
                                        .anyMatch(wanted.getAddresses()::contains)) {
                            answer(world, other, wanted);
                        }
                    });
                }
            }
            if (claim.getWanted()) {
                answer(world, id, claim);
            }
        }

        private static void networkIs(World world, String network, NetworkFact fact) {
            world.networks.put(network, fact);
            world.book.forEach((id, claim) -> {
                if (network(id).equals(network)) {
                    answer(world, id, claim);
                }
            });
        }

        private static void answer(World world, String id, AddressClaim claim) {
            String network = network(id);
            var conflicts = new ArrayList<AddressInUse>();
            for (String address : claim.getAddresses()) {
                var holder =
                        world.book.entrySet().stream()
                                .filter(entry ->
                                        network(entry.getKey()).equals(network)
                                                && entry.getValue()
                                                        .getAddresses()
                                                        .contains(address))
                                .findFirst()
                                .orElseThrow()
                                .getValue();
                if (!holder.equals(claim)) {
                    conflicts.add(
                            new AddressInUse(
                                    address, holder.getKind() + " " + holder.getName(), address));
                }
            }
            tell(
                    world,
                    "answers of " + network,
                    LoadBalancerTopology.NETWORK_ANSWERS,
                    claim.getNamespace() + "/" + claim.getName(),
                    new AddressAnswer(
                            claim.getKind(),
                            claim.getNamespace(),
                            claim.getName(),
                            claim.getUid(),
                            world.networks.getOrDefault(network, NetworkFact.Missing),
                            claim.getClaim(),
                            conflicts));
        }

        /** The pools: another uid is another claim, a later sequence of the same one is not. */
        private static void claim(World world, PublicAddressClaim claim) {
            String id =
                    "%s/%s/%s/%s"
                            .formatted(
                                    claim.getKind(),
                                    claim.getNamespace(),
                                    claim.getName(),
                                    claim.getSlot());
            var before = world.pools.get(id);
            boolean known = before != null && before.getUid().equals(claim.getUid());
            if (known && claim.getSequence() < before.getSequence()) {
                return;
            }
            if (claim.getWanted()) {
                if (before != null && !known) {
                    end(world, id);
                }
                world.pools.put(id, claim);
                grant(world, id, claim);
            } else if (known) {
                end(world, id);
            }
        }

        private static void end(World world, String id) {
            boolean held = world.pools.firstEntry().getKey().equals(id);
            world.pools.remove(id);
            tell(world, "grants", LoadBalancerTopology.POOL_GRANTS, id, null);
            if (held && !world.pools.isEmpty()) {
                var next = world.pools.firstEntry();
                grant(world, next.getKey(), next.getValue());
            }
        }

        private static void grant(World world, String id, PublicAddressClaim claim) {
            boolean held = world.pools.firstEntry().getKey().equals(id);
            tell(
                    world,
                    "grants",
                    LoadBalancerTopology.POOL_GRANTS,
                    id,
                    new PublicAddressGrant(
                            claim.getKind(),
                            claim.getNamespace(),
                            claim.getName(),
                            claim.getUid(),
                            claim.getSlot(),
                            claim.getIpFamily(),
                            held ? PUBLIC_IP : null,
                            held ? "p" : null,
                            held ? null : "AddressesExhausted",
                            held ? null : "no address is free",
                            claim.getSequence()));
        }

        /** What others write, as balancers read it; they pass over what concerns other kinds. */
        private static void tell(
                World world, String queue, String topic, String key, @Nullable SpecificRecord row) {
            RECIPE.inputs().stream()
                    .filter(input -> input.topic().equals(topic))
                    .flatMap(input -> input.reader().read(key, row).stream())
                    .forEach(told ->
                            world.send(
                                    queue + " to " + told.key(),
                                    new Told.ToBalancer(told.key().toString(), told.payload())));
        }

        @Override
        public String fingerprint(World world) {
            var rows = new StringBuilder();
            world.tasks.forEach((network, task) -> rows.append(network).append(task.fingerprint()));
            // There are many, so they are kept short.
            return uid(rows.toString()
                            + world.balancers
                            + world.members
                            + world.published
                            + world.last
                            + world.pools
                            + world.book
                            + world.networks
                            + world.had
                            + world.done
                            + world.queues
                            + world.repeats)
                    .toString();
        }

        @Override
        public void always(World world) {
            var holders = world.holders();
            world.balancers.forEach((name, balancer) -> {
                if (balancer instanceof Present present) {
                    for (String ip : present.ips()) {
                        assertThat(holders.get(place(present, ip)))
                                .as("%s of %s is held by it", ip, name)
                                .isEqualTo(uidOf(present));
                    }
                }
            });
            leadsNowhere(world, holders);
            world.published.forEach((key, row) ->
                    assertThat(world.balancers.get(owner(key)))
                            .as("%s is a row of a balancer that is there", key)
                            .isInstanceOfSatisfying(
                                    Present.class,
                                    present ->
                                            assertThat(row.getOwnerUid())
                                                    .isEqualTo(uidOf(present))));
            world.last.forEach((name, row) ->
                    assertThat(row.getCount())
                            .as("the last row of %s carries the sum of all", name)
                            .isEqualTo(
                                    (int)
                                            rows(world, name).keySet().stream()
                                                    .filter(key -> !key.endsWith("/"))
                                                    .count()));
            world.balancers.forEach((name, balancer) -> {
                boolean read =
                        world.queues.keySet().stream()
                                .noneMatch(queue -> queue.startsWith("rows of " + name + " "));
                if (read) {
                    assertThat(rows(world, name))
                            .as("rows of %s, of which the routing knows everything", name)
                            .isEqualTo(meant(world, name, balancer));
                }
            });
        }

        /** An address that somebody else has now leads no longer to interfaces. */
        private static void leadsNowhere(World world, Map<String, String> holders) {
            holders.forEach((address, holder) ->
                    world.published.forEach((key, row) -> {
                        if (!row.getOwnerUid().equals(holder)) {
                            assertThat(world.had)
                                    .as(
                                            "%s, which is another's now, leads nowhere by %s",
                                            address, key)
                                    .doesNotContain(address + " " + row.getOwnerUid());
                        }
                    }));
        }

        @Override
        public void atRest(World world) {
            var holders = world.holders();
            var claims = new HashMap<String, String>();
            var publicClaims = new HashMap<String, String>();
            world.book.forEach((id, claim) -> {
                if (claim.getKind().equals(KIND)) {
                    assertThat(claims.put(claim.getUid(), network(id))).as(id).isNull();
                }
            });
            world.pools.forEach((id, claim) -> {
                if (claim.getKind().equals(KIND)) {
                    assertThat(publicClaims.put(claim.getUid(), id)).as(id).isNull();
                }
            });
            wished().forEach((name, wished) -> {
                var balancer = world.balancers.get(name);
                if (wished instanceof LoadBalancerCommand.Apply apply) {
                    assertThat(balancer).as(name).isInstanceOf(Present.class);
                    var present = (Present) balancer;
                    assertThat(present.spec()).as(name).isEqualTo(apply.spec());
                    assertThat(claims.remove(uidOf(present)))
                            .as("where %s claims", name)
                            .isEqualTo(networkOf(present));
                    assertThat(publicClaims.remove(uidOf(present)) != null)
                            .as("%s claims from the pools if it is public", name)
                            .isEqualTo(isPublic(present));
                    settled(world, name, present, holders);
                } else {
                    assertThat(balancer).as("%s is gone", name).isEqualTo(new Absent());
                }
            });
            assertThat(claims).as("nothing is claimed by what is gone").isEmpty();
            assertThat(publicClaims).as("nothing is claimed by what is gone").isEmpty();
            known(world);
        }

        /** What was asked last of each balancer. */
        private Map<String, LoadBalancerCommand> wished() {
            var wished = new TreeMap<String, LoadBalancerCommand>();
            for (var all : script.told.values()) {
                for (var told : all) {
                    if (told instanceof Told.ToBalancer(var name, var payload)) {
                        wished.put(name, payload);
                    }
                }
            }
            return wished;
        }

        /** It shows what it holds, and says so. */
        private static void settled(
                World world, String name, Present present, Map<String, String> holders) {
            String wanted = isPublic(present) ? PUBLIC_IP : INTERNAL_IP;
            boolean held = uidOf(present).equals(holders.get(place(present, wanted)));
            assertThat(present.ips()).as(name).isEqualTo(held ? List.of(wanted) : List.of());
            assertThat(world.networks.get(networkOf(present))).isEqualTo(NetworkFact.Available);
            assertThat(present.state()).as(name).isEqualTo(held ? State.Available : State.Error);
            var reasons = present.conditions().stream().map(Condition::reason).toList();
            String expected =
                    isPublic(present)
                            ? held ? "AddressesAllocated" : "AddressesExhausted"
                            : held ? "AddressesHeld" : "AddressInUse";
            assertThat(reasons)
                    .as("reasons of " + name)
                    .containsExactlyInAnyOrder(expected, "NetworkAvailable");
        }

        /** The routing has forgotten what is gone. */
        private static void known(World world) {
            var known = new TreeSet<String>();
            world.tasks
                    .values()
                    .forEach(rows ->
                            rows.startingWith("balancer ")
                                    .keySet()
                                    .forEach(
                                            row -> known.add(row.substring("balancer ".length()))));
            var present = new TreeSet<String>();
            world.balancers.forEach((name, balancer) -> {
                if (balancer instanceof Present there) {
                    present.add(networkOf(there) + "/" + ResourceKey.parse(name).name());
                }
            });
            assertThat(known).as("balancers that the routing knows").isEqualTo(present);
        }

        /** The rows of a balancer: whose they are, and where they lead. */
        private static Map<String, String> rows(World world, String name) {
            var rows = new TreeMap<String, String>();
            world.published
                    .subMap(name + "/", name + "0")
                    .forEach((key, row) ->
                            rows.put(key, row.getOwnerUid() + " " + row.getDestination()));
            return rows;
        }

        /** The rows that a balancer means, with the interfaces that there are. */
        private static Map<String, String> meant(World world, String name, LoadBalancer balancer) {
            var rows = new TreeMap<String, String>();
            if (balancer instanceof Present present && !present.meta().deleting()) {
                rows.put(name + "/", uidOf(present) + " null");
                world.members.forEach((key, member) -> {
                    if (network(key).equals(networkOf(present))
                            && present.spec()
                                    .selector()
                                    .requirements()
                                    .matches(member.getLabels())) {
                        var destination =
                                new Destination(member.getName(), member.getUid(), member.getIps());
                        rows.put(name + "/" + member.getName(), uidOf(present) + " " + destination);
                    }
                });
            }
            return rows;
        }

        /** Addresses are unique in a Network; the public one is everywhere. */
        private static String place(Present present, String ip) {
            return isPublic(present) ? ip : networkOf(present) + " " + ip;
        }

        private static boolean isPublic(Present present) {
            return present.spec().type().equals("Public");
        }

        private static String uidOf(Present present) {
            return present.meta().uid().toString();
        }

        private static String networkOf(Present present) {
            return present.meta().key().sibling(present.spec().network()).toString();
        }
    }

    private static UUID uid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of {@code <namespace>/<network>/<name>}, or of a claim in the book. */
    private static String network(String key) {
        int blank = key.indexOf(' ');
        return key.substring(0, blank < 0 ? key.lastIndexOf('/') : blank);
    }

    /** The balancer of a row. */
    private static String owner(String row) {
        return row.substring(0, row.lastIndexOf('/'));
    }

    private static Told apply(String name, String network, String app) {
        return apply(name, "Public", network, app);
    }

    private static Told applyInternal(String name, String network, String app) {
        return apply(name, "Internal", network, app, INTERNAL_IP);
    }

    private static Told apply(String name, String type, String network, String app, String... ips) {
        return new Told.ToBalancer(
                name,
                new LoadBalancerCommand.Apply(
                        Meta.sorted(Map.of()),
                        Meta.sorted(Map.of()),
                        new LoadBalancerSpec(
                                type,
                                List.of("IPv4"),
                                List.of(ips),
                                network,
                                new InterfaceSelector(Meta.sorted(Map.of("app", app)), List.of()),
                                List.of(),
                                List.of(new Port("TCP", 80, null)))));
    }

    private static Told delete(String name) {
        return new Told.ToBalancer(name, new LoadBalancerCommand.Delete());
    }

    /** An interface with this label is Available. */
    private static Told is(String network, String nic, String uid, String app) {
        return new Told.ToRouting(
                LoadBalancerTopology.MEMBERS,
                network + "/" + nic,
                new NetworkMember(
                        nic,
                        uid,
                        1L,
                        Map.of("app", app),
                        NetworkInterfaceState.Available,
                        List.of("10.0.0.1"),
                        List.of()));
    }

    private static Told gone(String network, String nic) {
        return new Told.ToRouting(LoadBalancerTopology.MEMBERS, network + "/" + nic, null);
    }

    private static Told available(String network) {
        return new Told.NetworkIs(network, NetworkFact.Available);
    }

    /** Somebody of another kind wants the public address. */
    private static Told virtualIp(boolean wanted) {
        return new Told.ToPools(
                new PublicAddressClaim(
                        "VirtualIP",
                        "ns",
                        "v",
                        "uid-v",
                        "address",
                        "IPv4",
                        wanted,
                        null,
                        wanted ? 1L : 2L));
    }

    /** An interface wants the address of an Internal balancer. */
    private static Told nic(String network, boolean wanted) {
        return new Told.ToBook(
                network,
                new AddressClaim(
                        "NetworkInterface",
                        "ns",
                        "other",
                        "uid-other",
                        wanted,
                        1L,
                        wanted ? List.of(INTERNAL_IP) : List.of()));
    }

    private static void explore(Script script) {
        var world = new World();
        world.repeats = script.repeats;
        script.before.forEach(told -> BalancerModel.deliver(world, told, uid("none")));
        var visited = Exploration.of(world, new BalancerModel(script), 500_000);
        assertThat(visited.states()).isGreaterThan(100);
        assertThat(visited.atRest()).isPositive();
    }

    @Test
    void aBalancerAndAnInterfaceThatItSelectsComeAndGo() {
        explore(
                new Script(
                        List.of(available("ns/n")),
                        Map.of(
                                "x", List.of(apply("ns/x", "n", "web"), delete("ns/x")),
                                "a", List.of(is("ns/n", "a", "uid-a", "web"), gone("ns/n", "a")),
                                "v", List.of(virtualIp(true))),
                        1));
    }

    @Test
    void aBalancerIsCreatedAgainUnderItsName() {
        explore(
                new Script(
                        List.of(available("ns/n"), is("ns/n", "a", "uid-a", "web")),
                        Map.of(
                                "x",
                                        List.of(
                                                apply("ns/x", "n", "web"),
                                                delete("ns/x"),
                                                apply("ns/x", "n", "web")),
                                "v", List.of(virtualIp(true), virtualIp(false))),
                        1));
    }

    @Test
    void aBalancerIsCreatedAndDeletedTwice() {
        explore(
                new Script(
                        List.of(available("ns/n"), is("ns/n", "a", "uid-a", "web")),
                        Map.of(
                                "x",
                                List.of(
                                        apply("ns/x", "n", "web"),
                                        delete("ns/x"),
                                        apply("ns/x", "n", "web"),
                                        delete("ns/x"))),
                        1));
    }

    @Test
    void aBalancerIsCreatedAgainInAnotherNetwork() {
        explore(
                new Script(
                        List.of(
                                available("ns/n"),
                                available("ns/m"),
                                is("ns/n", "a", "uid-a", "web"),
                                is("ns/m", "b", "uid-b", "web")),
                        Map.of(
                                "x",
                                List.of(
                                        apply("ns/x", "n", "web"),
                                        delete("ns/x"),
                                        apply("ns/x", "m", "web"))),
                        1));
    }

    @Test
    void twoWantTheOneAddressAndOneIsDeleted() {
        explore(
                new Script(
                        List.of(available("ns/n"), is("ns/n", "a", "uid-a", "web")),
                        Map.of(
                                "x", List.of(apply("ns/x", "n", "web"), delete("ns/x")),
                                "y", List.of(apply("ns/y", "n", "web"))),
                        0));
    }

    @Test
    void aSelectorIsChangedFromOneInterfaceToAnother() {
        var first = apply("ns/x", "n", "web");
        var then = apply("ns/x", "n", "db");
        for (var all : List.of(List.of(first, then), List.of(first, then, delete("ns/x")))) {
            explore(
                    new Script(
                            List.of(available("ns/n"), is("ns/n", "a", "uid-a", "web")),
                            Map.of("x", all, "b", List.of(is("ns/n", "b", "uid-b", "db"))),
                            1));
        }
    }

    @Test
    void theAnswerOfTheNetworkComesLate() {
        explore(
                new Script(
                        List.of(is("ns/n", "a", "uid-a", "web")),
                        Map.of(
                                "x",
                                        List.of(
                                                applyInternal("ns/x", "n", "web"),
                                                delete("ns/x"),
                                                applyInternal("ns/x", "n", "web")),
                                "network", List.of(available("ns/n")),
                                "other", List.of(nic("ns/n", true), nic("ns/n", false))),
                        1));
    }
}
