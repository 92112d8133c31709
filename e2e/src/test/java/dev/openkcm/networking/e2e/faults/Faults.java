package dev.openkcm.networking.e2e.faults;

import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.Ports;
import dev.openkcm.networking.deploy.Trees;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Every fault, by its name in the report. */
final class Faults {

    /** Longer than the session timeout of 8 s: others take over meanwhile. */
    private static final Duration PAST_SESSION = Duration.ofSeconds(11);

    /** For what has to happen in the course of a fault. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    static final Map<String, Fault> ALL = new LinkedHashMap<>();

    static {
        ALL.put("kill -9 of a service", Faults::kill);
        ALL.put("kill -9 between records and their commit, five times", Faults::killedBeforeCommit);
        ALL.put(
                "kill -9 at a commit that the broker still gets, five times",
                Faults::killedAtCommit);
        ALL.put("service stopped for 1 to 4 s (SIGSTOP)", Faults::pause);
        ALL.put("zombie: service stopped past its session, then resumed", Faults::zombie);
        ALL.put("two programs under the name of one instance for 30 s", Faults::twin);
        ALL.put("kill -9 of all services at once", Faults::killAll);
        ALL.put("instance removed and added again", Faults::rebalance);
        ALL.put("storm of rebalances for 60 s", Faults::storm);
        ALL.put("rolling restart of all services", Faults::rollingRestart);
        ALL.put("state folder deleted", Faults::stateDeleted);
        ALL.put("state files truncated", Faults::stateTruncated);
        ALL.put("state files with flipped bits", Faults::stateFlipped);
        ALL.put("state files with flipped bits after an orderly stop", Faults::stateRotten);
        ALL.put("state files gone after an orderly stop", Faults::stateGone);
        ALL.put("checkpoints far ahead after an orderly stop", Faults::checkpointsAhead);
        ALL.put("state folder copied from another instance", Faults::stateOfAnother);
        ALL.put("kill -9 of the broker that leads commands", Faults::leaderKilled);
        ALL.put("kill -9 of the transaction coordinator", Faults::coordinatorKilled);
        ALL.put("kill -9 of the controller", Faults::controllerKilled);
        ALL.put("broker stopped for 5 s (SIGSTOP)", Faults::brokerPaused);
        ALL.put("two of three brokers killed for 10 s", Faults::twoBrokersKilled);
        ALL.put("kill -9 of everything", Faults::powerCut);
        ALL.put("link to a broker cut for 5 s", Faults::linkCut);
        ALL.put("link to a broker slow for 5 s", Faults::linkSlow);
        ALL.put("answers of a broker held back for 8 s", Faults::answersHeld);
        ALL.put("requests to a broker held back for 8 s", Faults::requestsHeld);
        ALL.put("link to a broker stutters for 15 s", Faults::linkLossy);
        ALL.put("no packet reaches or leaves a broker for 8 s", Faults::packetsDropped);
        ALL.put("one packet in five to or from a broker lost for 15 s", Faults::packetsLost);
        ALL.put("registry away while a service restarts", Faults::registryAway);
        ALL.put("registry answers 500 while a service restarts", Faults::registryErrors);
        ALL.put("registry slow while a service restarts", Faults::registrySlow);
        ALL.put("poison of every sort on the commands topics", Faults::poison);
        ALL.put("poison of every sort on all other topics", Faults::poisonElsewhere);
        ALL.put("watcher that never reads", Faults::sleepingWatcher);
        ALL.put("mass deletion", Faults::massDeletion);
        ALL.put("clock of a service a day ahead", Faults::clockAhead);
        ALL.put("clock of a service a day behind", Faults::clockBehind);
        ALL.put("state folder full", Faults::stateFull);
        ALL.put("disk of a broker full", Faults::brokerFull);
        ALL.put("heap of a service too small", Faults::tinyHeap);
        ALL.put("state topic no longer compacted while a service restarts", Faults::topicDamaged);
        ALL.put("right to write events taken away for 8 s", Faults::eventsForbidden);
        ALL.put("right to read commands taken away for 8 s", Faults::commandsForbidden);
        ALL.put("right to read states taken away for 8 s", Faults::statesForbidden);
        ALL.put("right to transactions taken away for 8 s", Faults::transactionsForbidden);
        ALL.put("four busy programs on every core for 20 s", Faults::starved);
        ALL.put("disk busy with others for 20 s", Faults::diskBusy);
        ALL.put("whole log restored from a copy, state folders lost", Faults::restored);
        ALL.put("rolling upgrade to the next build and back", Faults::upgradedAndBack);
    }

    private Faults() {}

    private static Instance any(World world, Random random) {
        return world.instances().get(random.nextInt(world.instances().size()));
    }

    private static void sleep(Duration time) throws InterruptedException {
        Thread.sleep(time);
    }

    private static String kill(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        instance.kill();
        sleep(Duration.ofMillis(random.nextInt(1_000)));
        instance.start();
        return instance.name();
    }

    private static String killedBeforeCommit(World world, Load load, Random random)
            throws Exception {
        return killedCommitting(world, random, false);
    }

    private static String killedAtCommit(World world, Load load, Random random) throws Exception {
        return killedCommitting(world, random, true);
    }

    /** Kills whoever asks for the n-th commit from now on; the broker hears of it, or never. */
    private static String killedCommitting(World world, Random random, boolean heard)
            throws Exception {
        var victims = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            var left = new AtomicInteger(1 + random.nextInt(50));
            var killed = new CompletableFuture<Instance>();
            world.watchCommits(transactionalId -> {
                if (left.decrementAndGet() != 0) {
                    return true;
                }
                var victim =
                        world.instances().stream()
                                .filter(instance -> instance.owns(transactionalId))
                                .findFirst()
                                .orElseThrow();
                victim.kill();
                killed.complete(victim);
                return heard;
            });
            try {
                var victim = killed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                victims.add(victim.name());
                victim.start();
            } finally {
                world.watchCommits(TcpProxy.CommitWatcher.PASSING);
            }
        }
        return String.join(", ", victims);
    }

    private static String pause(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        standStill(instance, Duration.ofMillis(1_000 + random.nextInt(3_000)));
        return instance.name();
    }

    private static String zombie(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        standStill(instance, PAST_SESSION);
        return instance.name();
    }

    private static void standStill(Instance instance, Duration time) throws Exception {
        Signals.stop(instance.process());
        try {
            sleep(time);
        } finally {
            Signals.resume(instance.process());
        }
    }

    /** As when somebody starts a copy of a container by hand. */
    private static String twin(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        var twin = instance.twin(Ports.free(1).getFirst(), world.folder("twin"));
        twin.start();
        try {
            sleep(Duration.ofSeconds(30));
        } finally {
            twin.kill();
            twin.wipeState();
        }
        return instance.name();
    }

    private static String killAll(World world, Load load, Random random) {
        world.instances().forEach(Instance::kill);
        world.instances().forEach(Instance::start);
        return "all";
    }

    private static String rebalance(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        for (int i = 0; i < 3; i++) {
            instance.stop();
            sleep(Duration.ofMillis(500 + random.nextInt(1_500)));
            instance.start();
            sleep(Duration.ofMillis(2_000 + random.nextInt(2_000)));
        }
        return instance.name() + " three times";
    }

    /**
     * One comes and goes before it is ready, while others stand still for shorter than a session.
     */
    private static String storm(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        var others = world.instances().stream().filter(other -> !other.equals(instance)).toList();
        double before = answersASecond(load, () -> sleep(Duration.ofSeconds(20)));
        double meanwhile =
                answersASecond(
                        load,
                        () -> {
                            for (int i = 0; i < 15; i++) {
                                instance.stop();
                                standStill(
                                        others.get(random.nextInt(others.size())),
                                        Duration.ofMillis(1_000 + random.nextInt(2_000)));
                                instance.start();
                                sleep(Duration.ofSeconds(2));
                            }
                        });
        long ended = System.nanoTime();
        await().atMost(PATIENCE).until(() -> load.open() == 0);
        return "%s 15 times: %.1f answers a second, %.1f before; none is open after %.1f s"
                .formatted(instance.name(), meanwhile, before, (System.nanoTime() - ended) / 1e9);
    }

    /** Something that takes its time. */
    private interface Course {
        void take() throws Exception;
    }

    private static double answersASecond(Load load, Course course) throws Exception {
        long answered = load.answered();
        long began = System.nanoTime();
        course.take();
        return (load.answered() - answered) / ((System.nanoTime() - began) / 1e9);
    }

    private static String rollingRestart(World world, Load load, Random random) {
        for (var instance : world.instances()) {
            restart(instance);
        }
        return "all, one after the other";
    }

    private static String stateDeleted(World world, Load load, Random random) {
        var instance = any(world, random);
        instance.kill();
        instance.wipeState();
        instance.start();
        return instance.name();
    }

    private static String stateTruncated(World world, Load load, Random random) throws Exception {
        return spoil(
                world,
                random,
                Instance::kill,
                path -> {
                    byte[] bytes = Files.readAllBytes(path);
                    Files.write(path, Arrays.copyOf(bytes, bytes.length / 2));
                });
    }

    private static String stateFlipped(World world, Load load, Random random) throws Exception {
        return spoil(world, random, Instance::kill, flipping(random));
    }

    /** After an orderly stop the stores are taken up as they are. */
    private static String stateRotten(World world, Load load, Random random) throws Exception {
        return spoil(world, random, Instance::stop, flipping(random));
    }

    private static String stateGone(World world, Load load, Random random) throws Exception {
        return spoil(world, random, Instance::stop, Files::delete);
    }

    /** Further than the log goes: whoever believes them misses what is written next. */
    private static String checkpointsAhead(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        instance.stop();
        int ahead = 0;
        for (var path : instance.stateFiles(".checkpoint")) {
            Files.write(
                    path,
                    Files.readAllLines(path).stream()
                            .map(line -> line.replaceAll("(?<= )\\d+$", "9000000$0"))
                            .toList());
            ahead++;
        }
        othersTakeOver(random);
        instance.start();
        return "%d checkpoints of %s".formatted(ahead, instance.name());
    }

    /** As when a second instance is made from the disk of the first. */
    private static String stateOfAnother(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        var another =
                world.instances().stream()
                        .filter(other -> other.service().equals(instance.service()))
                        .filter(other -> !other.equals(instance))
                        .findFirst()
                        .orElseThrow();
        instance.stop();
        another.stop();
        instance.wipeState();
        copy(another.state(), instance.state());
        another.start();
        instance.start();
        return "%s has that of %s".formatted(instance.name(), another.name());
    }

    /**
     * Half of the time the instance is away for longer than its session: what it has on disk is
     * then older than what others have decided since.
     */
    private static void othersTakeOver(Random random) throws InterruptedException {
        if (random.nextBoolean()) {
            sleep(Duration.ofSeconds(15));
        }
    }

    private static Spoiling flipping(Random random) {
        return path -> {
            byte[] bytes = Files.readAllBytes(path);
            for (int i = 0; i < 1 + bytes.length / 200; i++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(path, bytes);
        };
    }

    /** What happens to a file that is not empty. */
    private interface Spoiling {
        void happenTo(Path path) throws IOException;
    }

    /** Half of the files of all local stores: tables, logs, manifests, checkpoints. */
    private static String spoil(
            World world, Random random, Consumer<Instance> ending, Spoiling spoiling)
            throws Exception {
        var instance = any(world, random);
        ending.accept(instance);
        int spoilt = 0;
        for (var path : instance.stateFiles("")) {
            boolean store = path.toString().contains("rocksdb") || path.endsWith(".checkpoint");
            if (store && random.nextBoolean() && Files.size(path) > 0) {
                spoiling.happenTo(path);
                spoilt++;
            }
        }
        othersTakeOver(random);
        instance.start();
        return "%d files of %s".formatted(spoilt, instance.name());
    }

    private static String leaderKilled(World world, Load load, Random random) throws Exception {
        return killBroker(world, world.leader("openkcm.network.commands.v1", random.nextInt(4)));
    }

    private static String coordinatorKilled(World world, Load load, Random random)
            throws Exception {
        return killBroker(world, world.transactionCoordinator());
    }

    private static String controllerKilled(World world, Load load, Random random) throws Exception {
        return killBroker(world, world.controller());
    }

    private static String killBroker(World world, int broker) throws InterruptedException {
        world.kafka().kill(broker);
        sleep(Duration.ofSeconds(4));
        world.kafka().start();
        return "broker " + broker;
    }

    private static String brokerPaused(World world, Load load, Random random) throws Exception {
        int broker = 1 + random.nextInt(3);
        Signals.stop(world.kafka().process(broker));
        sleep(Duration.ofSeconds(5));
        Signals.resume(world.kafka().process(broker));
        return "broker " + broker;
    }

    private static String twoBrokersKilled(World world, Load load, Random random) throws Exception {
        int spared = 1 + random.nextInt(3);
        for (int broker = 1; broker <= 3; broker++) {
            if (broker != spared) {
                world.kafka().kill(broker);
            }
        }
        sleep(Duration.ofSeconds(10));
        world.kafka().start();
        return "all but broker " + spared;
    }

    private static String powerCut(World world, Load load, Random random) {
        world.instances().forEach(Instance::kill);
        world.kafka().kill();
        world.kafka().start();
        world.instances().forEach(Instance::start);
        return "3 brokers, %d services".formatted(world.instances().size());
    }

    private static String linkCut(World world, Load load, Random random) throws Exception {
        return link(world, random, TcpProxy.Mode.CUT, Duration.ofSeconds(5));
    }

    private static String linkSlow(World world, Load load, Random random) throws Exception {
        return link(world, random, TcpProxy.Mode.SLOW, Duration.ofSeconds(5));
    }

    private static String answersHeld(World world, Load load, Random random) throws Exception {
        return link(world, random, TcpProxy.Mode.ANSWERS_HELD, Duration.ofSeconds(8));
    }

    private static String requestsHeld(World world, Load load, Random random) throws Exception {
        return link(world, random, TcpProxy.Mode.REQUESTS_HELD, Duration.ofSeconds(8));
    }

    private static String linkLossy(World world, Load load, Random random) throws Exception {
        return link(world, random, TcpProxy.Mode.LOSSY, Duration.ofSeconds(15));
    }

    private static String packetsDropped(World world, Load load, Random random) throws Exception {
        return packets(world, random, 100, Duration.ofSeconds(8));
    }

    private static String packetsLost(World world, Load load, Random random) throws Exception {
        return packets(world, random, 20, Duration.ofSeconds(15));
    }

    /** Of clients, of other brokers and of the other controllers, as they talk to a broker. */
    private static String packets(World world, Random random, int percent, Duration time)
            throws Exception {
        int broker = 1 + random.nextInt(3);
        try (var _ = PacketFilter.dropping(world.node(broker).ports(), percent)) {
            sleep(time);
        }
        return "broker " + broker;
    }

    private static String link(World world, Random random, TcpProxy.Mode mode, Duration time)
            throws InterruptedException {
        int broker = 1 + random.nextInt(3);
        world.link(broker).become(mode);
        sleep(time);
        world.link(broker).become(TcpProxy.Mode.OPEN);
        return "broker " + broker;
    }

    private static String registryAway(World world, Load load, Random random) throws Exception {
        return registry(world, random, HttpProxy.Mode.AWAY);
    }

    private static String registryErrors(World world, Load load, Random random) throws Exception {
        return registry(world, random, HttpProxy.Mode.ERRORS);
    }

    private static String registrySlow(World world, Load load, Random random) throws Exception {
        return registry(world, random, HttpProxy.Mode.SLOW);
    }

    /** The schemas that a service needs are kept in its state folder: it starts without. */
    private static String registry(World world, Random random, HttpProxy.Mode mode)
            throws InterruptedException {
        var instance = any(world, random);
        world.registryLink().become(mode);
        try {
            instance.kill();
            instance.start();
            boolean kept = Files.exists(instance.state().resolve("schemas.json"));
            if (kept) {
                await().atMost(PATIENCE).until(instance::ready);
            } else {
                sleep(Duration.ofSeconds(5));
            }
            return instance.name() + (kept ? ", which started meanwhile" : "");
        } finally {
            world.registryLink().become(HttpProxy.Mode.OPEN);
        }
    }

    private static String poison(World world, Load load, Random random) {
        int sent = 0;
        for (var service : World.services()) {
            for (String entity : Poison.entities(service)) {
                for (var record : Poison.commands(entity, random)) {
                    var _ = load.producer().send(record);
                    sent++;
                }
            }
        }
        load.producer().flush();
        return sent + " records";
    }

    /**
     * Of those who may not write there; a service that reads it again, from nothing, among them.
     */
    private static String poisonElsewhere(World world, Load load, Random random) throws Exception {
        var sent = new ArrayList<Future<RecordMetadata>>();
        var instance = any(world, random);
        String owned =
                World.services().stream()
                        .flatMap(service -> Poison.entities(service).stream())
                        .collect(Collectors.joining("|", "openkcm\\.(", ")\\..*\\.v1"));
        var withoutKey = new ArrayList<ProducerRecord<String, byte[]>>();
        for (String topic : world.topics()) {
            if (topic.matches(owned) && !topic.endsWith(".commands.v1")) {
                for (var record : Poison.records(topic, "load/poison", random)) {
                    if (record.key() == null) {
                        withoutKey.add(record);
                    } else {
                        sent.add(load.producer().send(record));
                    }
                }
            }
        }
        load.producer().flush();
        // Compacted topics refuse them, each with all of its batch.
        withoutKey.forEach(record -> sent.add(load.producer().send(record)));
        load.producer().flush();
        int taken = 0;
        for (var record : sent) {
            if (record.state() == Future.State.SUCCESS) {
                var place = record.resultNow();
                world.isForged(
                        "%s-%d@%d".formatted(place.topic(), place.partition(), place.offset()));
                taken++;
            }
        }
        instance.kill();
        instance.wipeState();
        instance.start();
        return "%d records; %s reads them again".formatted(taken, instance.name());
    }

    private static String sleepingWatcher(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        var uri = URI.create(instance.url());
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(1_024);
            socket.connect(new java.net.InetSocketAddress(uri.getHost(), uri.getPort()));
            String request =
                    """
                    GET /apis/networking.openkcm.dev/v1alpha1/%s?watch=true HTTP/1.1
                    Host: localhost
                    Accept: text/event-stream

                    """
                            .formatted(instance.service().plurals().getFirst())
                            .replace("\n", "\r\n");
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            sleep(Duration.ofMinutes(2));
            return "watcher of " + instance.name() + " asleep for 2 min";
        }
    }

    private static String massDeletion(World world, Load load, Random random) {
        if (World.services().stream().noneMatch(service -> service.name().equals("interface"))) {
            throw new Skipped("no interfaces");
        }
        int many = Integer.getInteger("faults.many", 500);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < many; i++) {
                byte[] value =
                        round == 1
                                ? null
                                : """
                                {"apiVersion": "networking.OpenKCM.dev/v1alpha1",
                                 "kind": "NetworkInterface",
                                 "spec": {"networkRef": {"name": "net-0"}, "ipFamilies": ["IPv4"],
                                 "ips": [{"value": "10.%d.%d.%d"}]}}\
                                """
                                        .formatted(1 + i / 62_500, i / 250 % 250, 1 + i % 250)
                                        .getBytes(StandardCharsets.UTF_8);
                var record =
                        new ProducerRecord<>(
                                "openkcm.network-interface.commands.v1", "load/mass-" + i, value);
                var _ = load.producer().send(record);
            }
        }
        load.producer().flush();
        return many + " interfaces created and deleted";
    }

    private static String clockAhead(World world, Load load, Random random) throws Exception {
        return clock(world, random, "+1d");
    }

    private static String clockBehind(World world, Load load, Random random) throws Exception {
        return clock(world, random, "-1d");
    }

    /** Decides under a wrong clock for a while, then under the right one again. */
    private static String clock(World world, Random random, String offset) throws Exception {
        var library = faketime().orElseThrow(() -> new Skipped("no libfaketime is installed"));
        var instance = any(world, random);
        instance.kill();
        instance.start(
                Map.of(
                        "LD_PRELOAD",
                        library.toString(),
                        "FAKETIME",
                        offset,
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1"));
        await().atMost(PATIENCE).until(instance::ready);
        sleep(Duration.ofSeconds(5));
        instance.kill();
        instance.start();
        return instance.name();
    }

    /** The library of the package {@code faketime}, where distributions have it. */
    private static Optional<Path> faketime() throws IOException {
        String given = System.getProperty("faults.faketime", "");
        if (!given.isEmpty()) {
            return Optional.of(Path.of(given));
        }
        for (String folder : List.of("/usr/lib", "/usr/lib64", "/usr/local/lib")) {
            var libraries = Path.of(folder);
            if (!Files.isDirectory(libraries)) {
                continue;
            }
            try (var found =
                    Files.find(
                            libraries,
                            3,
                            (path, _) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
                var library = found.findFirst();
                if (library.isPresent()) {
                    return library;
                }
            }
        }
        return Optional.empty();
    }

    private static String stateFull(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        instance.kill();
        try (var disk = SmallDisk.inPlaceOf(instance.state(), 48)) {
            instance.start();
            await().atMost(PATIENCE).until(instance::ready);
            disk.fill();
            sleep(Duration.ofSeconds(8));
            disk.makeRoom();
            instance.kill();
        } finally {
            instance.start();
        }
        return instance.name();
    }

    /** Not a byte more fits on the volume of one of three; then there is room again. */
    private static String brokerFull(World world, Load load, Random random) throws Exception {
        int broker = 1 + random.nextInt(3);
        world.kafka().kill(broker);
        boolean died;
        try (var disk = SmallDisk.inPlaceOf(world.broker(broker), 64)) {
            world.kafka().start();
            disk.fill();
            sleep(Duration.ofSeconds(10));
            died = !world.kafka().process(broker).isAlive();
            disk.makeRoom();
            world.kafka().kill(broker);
        } finally {
            world.kafka().start();
        }
        return "broker %d, which %s".formatted(broker, died ? "stopped" : "went on");
    }

    private static String tinyHeap(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        instance.kill();
        instance.startWithHeap("24m");
        sleep(Duration.ofSeconds(20));
        boolean died = !instance.alive();
        instance.kill();
        instance.start();
        return instance.name() + (died ? ", which stopped" : ", which went on");
    }

    /** The service refuses to start, says why, and starts once the topic is as it must be. */
    private static String topicDamaged(World world, Load load, Random random) throws Exception {
        var instance = any(world, random);
        String topic =
                "openkcm.%s.state.v1".formatted(Poison.entities(instance.service()).getFirst());
        instance.kill();
        try (var admin = world.admin()) {
            policy(admin, topic, "delete");
            try {
                int before = Files.readString(instance.log()).length();
                instance.start();
                String reason = "topic %s has cleanup.policy=delete".formatted(topic);
                await().atMost(PATIENCE)
                        .until(() -> Files.readString(instance.log()).indexOf(reason, before) > 0);
                if (instance.ready()) {
                    throw new IllegalStateException(instance.name() + " is ready all the same");
                }
            } finally {
                policy(admin, topic, "compact");
                instance.kill();
                instance.start();
            }
        }
        return instance.name() + ", which refused";
    }

    private static void policy(Admin admin, String topic, String policy) throws Exception {
        var change =
                new AlterConfigOp(
                        new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(
                        Map.of(
                                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                                List.of(change)))
                .all()
                .get();
    }

    private static String eventsForbidden(World world, Load load, Random random) throws Exception {
        return forbidden(world, random, "events", AclOperation.WRITE);
    }

    private static String commandsForbidden(World world, Load load, Random random)
            throws Exception {
        return forbidden(world, random, "commands", AclOperation.READ);
    }

    private static String statesForbidden(World world, Load load, Random random) throws Exception {
        return forbidden(world, random, "state", AclOperation.READ);
    }

    private static String forbidden(
            World world, Random random, String content, AclOperation operation) throws Exception {
        var service = any(world, random).service();
        String topic = "openkcm.%s.%s.v1".formatted(Poison.entities(service).getFirst(), content);
        return without(
                world,
                operation,
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL));
    }

    private static String transactionsForbidden(World world, Load load, Random random)
            throws Exception {
        return without(
                world,
                AclOperation.WRITE,
                new ResourcePattern(
                        ResourceType.TRANSACTIONAL_ID,
                        "openkcm." + Poison.entities(any(world, random).service()).getFirst(),
                        PatternType.PREFIXED));
    }

    /** Everybody may do everything else; a list that names nobody would forbid it all. */
    private static String without(World world, AclOperation operation, ResourcePattern resource)
            throws Exception {
        var lists =
                List.of(
                        new AclBinding(resource, entry(AclOperation.ALL, AclPermissionType.ALLOW)),
                        new AclBinding(resource, entry(operation, AclPermissionType.DENY)));
        try (var admin = world.admin()) {
            admin.createAcls(lists).all().get();
            try {
                sleep(Duration.ofSeconds(8));
            } finally {
                admin.deleteAcls(lists.stream().map(AclBinding::toFilter).toList()).all().get();
            }
        }
        return "%s of %s".formatted(operation, resource.name());
    }

    private static AccessControlEntry entry(AclOperation operation, AclPermissionType permission) {
        return new AccessControlEntry("User:*", "*", operation, permission);
    }

    private static String starved(World world, Load load, Random random) throws Exception {
        int many = 4 * Runtime.getRuntime().availableProcessors();
        beside(Collections.nCopies(many, "while :; do :; done"));
        return many + " programs";
    }

    /** Each waits for the disk at every block, as the brokers and the stores may have to. */
    private static String diskBusy(World world, Load load, Random random) throws Exception {
        var writers = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            writers.add(
                    "while :; do dd if=/dev/zero of=%s bs=256k count=400 oflag=dsync; done"
                            .formatted(world.folder("written-" + i)));
        }
        beside(writers);
        return writers.size() + " writers";
    }

    /** Programs of the shell, for 20 s. */
    private static void beside(List<String> programs) throws Exception {
        var running = new ArrayList<Process>();
        try {
            for (String program : programs) {
                running.add(
                        new ProcessBuilder("sh", "-c", program)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start());
            }
            sleep(Duration.ofSeconds(20));
        } finally {
            for (var process : running) {
                var below = process.descendants().toList();
                process.destroyForcibly();
                below.forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** What an operator has who keeps copies of the log alone. */
    private static String restored(World world, Load load, Random random) throws Exception {
        world.instances().forEach(Instance::stop);
        world.kafka().stop();
        for (int broker = 1; broker <= 3; broker++) {
            var log = world.broker(broker);
            var copy = log.resolveSibling(log.getFileName() + "-copy");
            copy(log, copy);
            Trees.delete(log);
            Files.move(copy, log);
        }
        world.instances().forEach(Instance::wipeState);
        world.kafka().start();
        world.instances().forEach(Instance::start);
        return "3 brokers, %d services".formatted(world.instances().size());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (var path : (Iterable<Path>) all::iterator) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    /** Instance by instance, so that for a while every service is of both builds. */
    private static String upgradedAndBack(World world, Load load, Random random) {
        String next = System.getProperty("faults.next", "");
        if (next.isEmpty()) {
            throw new Skipped("no -Dfaults.next=<repository of the next build>");
        }
        var repository = Path.of(next);
        var upgraded =
                world.instances().stream()
                        .filter(instance -> instance.service().built(repository))
                        .toList();
        for (var instance : upgraded) {
            instance.become(repository);
            restart(instance);
        }
        for (var instance : upgraded) {
            instance.becomeAsBefore();
            restart(instance);
        }
        return "%d instances, one after the other".formatted(upgraded.size());
    }

    private static void restart(Instance instance) {
        instance.stop();
        instance.start();
        await().atMost(PATIENCE).until(instance::ready);
    }

    /** The machine does not allow this fault; the report says why. */
    static final class Skipped extends RuntimeException {
        Skipped(String why) {
            super(why);
        }
    }
}
