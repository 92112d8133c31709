package dev.openkcm.networking.e2e.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Commands of all kinds that are built, from a seed: creations, changes, deletions, of what exists
 * and of what does not, in any order, and one in ten sent again under its id.
 */
final class Load implements AutoCloseable {

    /** A kind of command. */
    private interface Writer {
        Sent write(Random random, int number);
    }

    /** A command; without a manifest it is a deletion. */
    private record Sent(String entity, String key, String manifest) {}

    /** The same names in both: what is done to one must not be seen in the other. */
    private static final List<String> NAMESPACES = List.of("load", "other");

    private static final int NETWORKS = 20;
    private static final int NAMES = 60;

    /** How many of the Networks of a namespace have anything in them. */
    private static final int USED = 5;

    private static final int MOST_OPEN = 300;

    private final Random random;
    private final List<Writer> writers = new ArrayList<>();
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> answers;
    private final Deque<ProducerRecord<String, byte[]>> earlier = new ArrayDeque<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acked = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final Map<String, Long> ackedAt = new ConcurrentHashMap<>();
    private final Set<String> results = ConcurrentHashMap.newKeySet();
    private final String run;
    private final Thread listener;
    private volatile boolean closing;
    private volatile Thread driver;
    private volatile int perSecond;

    Load(long seed, String bootstrapServers, List<Instance.Service> services, int perSecond) {
        this.random = new Random(seed);
        this.run = "load-" + Long.toHexString(seed) + "-";
        this.perSecond = perSecond;
        for (var service : services) {
            switch (service.name()) {
                case "network" -> writers.add(Load::network);
                case "interface" -> {
                    writers.add(Load::nic);
                    writers.add(Load::nic);
                }
                case "vip-nat" -> {
                    writers.add(Load::virtualIp);
                    writers.add(Load::gateway);
                }
                case "loadbalancer" -> writers.add(Load::loadBalancer);
                case "policy" -> writers.add(Load::policy);
                default -> throw new IllegalArgumentException(service.name());
            }
        }
        producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers", bootstrapServers,
                                "acks", "all",
                                "linger.ms", "1",
                                "delivery.timeout.ms", "120000",
                                "request.timeout.ms", "10000",
                                "max.block.ms", "120000"),
                        new StringSerializer(),
                        new ByteArraySerializer());
        answers =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", bootstrapServers,
                                "isolation.level", "read_committed",
                                "auto.offset.reset", "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        var partitions = new ArrayList<TopicPartition>();
        answers.listTopics()
                .forEach((topic, infos) -> {
                    if (topic.startsWith("openkcm.") && topic.endsWith(".results.v1")) {
                        infos.forEach(
                                i -> partitions.add(new TopicPartition(topic, i.partition())));
                    }
                });
        answers.assign(partitions);
        listener = Thread.ofPlatform().daemon().start(this::listen);
    }

    private static String namespace(Random random) {
        return NAMESPACES.get(random.nextInt(NAMESPACES.size()));
    }

    private static Sent network(Random random, int number) {
        String key = namespace(random) + "/net-" + random.nextInt(NETWORKS);
        if (random.nextInt(8) == 0) {
            return new Sent("network", key, null);
        }
        var peerings = new ArrayList<String>();
        for (int i = random.nextInt(3); i > 0; i--) {
            int peer = random.nextInt(NETWORKS);
            if (!key.endsWith("-" + peer)) {
                peerings.add(
                        """
                        {"name": "p%d", "networkRef": {"namespace": "%s", "name": "net-%d"}}\
                        """
                                .formatted(peer, namespace(random), peer));
            }
        }
        return new Sent(
                "network",
                key,
                manifest(
                        "Network",
                        number,
                        "\"peerings\": [" + String.join(",", Set.copyOf(peerings)) + "]"));
    }

    private static Sent nic(Random random, int number) {
        int name = random.nextInt(NAMES);
        String key = namespace(random) + "/nic-" + name;
        if (random.nextInt(5) == 0) {
            return new Sent("network-interface", key, null);
        }
        // Few addresses, so that many are wanted twice; the Network of a name is always the same.
        return new Sent(
                "network-interface",
                key,
                manifest(
                        "NetworkInterface",
                        number,
                        """
                        "networkRef": {"name": "net-%d"}, "ipFamilies": ["IPv4"],
                        "ips": [{"value": "10.0.0.%d"}]%s\
                        """
                                .formatted(
                                        name % USED,
                                        1 + random.nextInt(8),
                                        random.nextInt(4) == 0
                                                ? ", \"virtualIP\": {\"virtualIPRef\": {\"name\": \"vip-%d\"}}"
                                                        .formatted(random.nextInt(15))
                                                : "")));
    }

    private static Sent virtualIp(Random random, int number) {
        String key = namespace(random) + "/vip-" + random.nextInt(15);
        return random.nextInt(5) == 0
                ? new Sent("virtual-ip", key, null)
                : new Sent(
                        "virtual-ip",
                        key,
                        manifest(
                                "VirtualIP",
                                number,
                                "\"type\": \"Public\", \"ipFamily\": \"IPv4\""));
    }

    private static Sent gateway(Random random, int number) {
        int name = random.nextInt(USED);
        String key = namespace(random) + "/nat-" + name;
        return random.nextInt(6) == 0
                ? new Sent("nat-gateway", key, null)
                : new Sent(
                        "nat-gateway",
                        key,
                        manifest(
                                "NATGateway",
                                number,
                                """
                                "type": "Public", "ipFamily": "IPv4", "networkRef": {"name": "net-%d"},
                                "portsPerNetworkInterface": 1024\
                                """
                                        .formatted(name)));
    }

    private static Sent loadBalancer(Random random, int number) {
        int name = random.nextInt(10);
        String key = namespace(random) + "/lb-" + name;
        return random.nextInt(6) == 0
                ? new Sent("load-balancer", key, null)
                : new Sent(
                        "load-balancer",
                        key,
                        manifest(
                                "LoadBalancer",
                                number,
                                """
                                "type": "Public", "ipFamilies": ["IPv4"], "networkRef": {"name": "net-%d"},
                                "networkInterfaceSelector": {"matchLabels": {"tier": "t%d"}},
                                "ports": [{"protocol": "TCP", "port": 443}]\
                                """
                                        .formatted(name % USED, random.nextInt(3))));
    }

    private static Sent policy(Random random, int number) {
        int name = random.nextInt(10);
        String key = namespace(random) + "/np-" + name;
        return random.nextInt(6) == 0
                ? new Sent("network-policy", key, null)
                : new Sent(
                        "network-policy",
                        key,
                        manifest(
                                "NetworkPolicy",
                                number,
                                """
                                "networkRef": {"name": "net-%d"},
                                "networkInterfaceSelector": {"matchLabels": {"tier": "t%d"}},
                                "policyTypes": ["Ingress"],
                                "ingress": [{"from": [{"objectSelector": {"kind": "NetworkInterface",
                                  "matchLabels": {"tier": "t%d"}}}], "ports": [{"protocol": "TCP", "port": 80}]}]\
                                """
                                        .formatted(
                                                name % USED,
                                                random.nextInt(3),
                                                random.nextInt(3))));
    }

    private static String manifest(String kind, int number, String spec) {
        return """
        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "%s",
         "metadata": {"labels": {"tier": "t%d", "step": "%d"}}, "spec": {%s}}\
        """
                .formatted(kind, number % 3, number, spec);
    }

    /** Sends until it is told to pause. */
    void run() {
        var thread = Thread.ofPlatform().name("load").start(this::drive);
        driver = thread;
    }

    private void drive() {
        long due = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            if (ackedAt.size() - results.size() > MOST_OPEN) {
                // Faster than the machine is would only measure the machine.
                LockSupport.parkNanos(20_000_000);
                continue;
            }
            one();
            due = Math.max(due, System.nanoTime() - 1_000_000_000);
            due += Duration.ofSeconds(1).toNanos() / perSecond;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void one() {
        if (!earlier.isEmpty() && random.nextInt(10) == 0) {
            send(earlier.peekFirst()); // A retry: the same id, the same answer.
            return;
        }
        int number = (int) sent.get();
        Sent next = writers.get(random.nextInt(writers.size())).write(random, number);
        var record =
                new ProducerRecord<>(
                        "openkcm." + next.entity() + ".commands.v1",
                        next.key(),
                        next.manifest() == null
                                ? null
                                : next.manifest().getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_id", (run + number).getBytes(StandardCharsets.UTF_8));
        earlier.addLast(record);
        if (earlier.size() > 20) {
            earlier.removeFirst();
        }
        send(record);
    }

    private void send(ProducerRecord<String, byte[]> record) {
        sent.incrementAndGet();
        String id =
                new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
        var _ =
                producer.send(
                        record,
                        (_, failure) -> {
                            if (failure == null) {
                                acked.incrementAndGet();
                                ackedAt.putIfAbsent(id, System.nanoTime());
                            } else {
                                failed.incrementAndGet();
                            }
                        });
    }

    /** Stops sending, and waits until the brokers have all of it. */
    void pause() {
        var thread = driver;
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        producer.flush();
    }

    private void listen() {
        while (!closing) {
            try {
                for (var record : answers.poll(Duration.ofMillis(100))) {
                    var cause = record.headers().lastHeader("ce_causedby");
                    if (cause != null) {
                        answered(new String(cause.value(), StandardCharsets.UTF_8));
                    }
                }
            } catch (org.apache.kafka.common.KafkaException away) {
                LockSupport.parkNanos(100_000_000);
            }
        }
        answers.close();
    }

    private void answered(String id) {
        answered.incrementAndGet();
        if (results.add(id)) {
            Long at = ackedAt.get(id);
            if (at != null) {
                longest.accumulateAndGet(System.nanoTime() - at, Math::max);
            }
        }
    }

    long sent() {
        return sent.get();
    }

    long acked() {
        return acked.get();
    }

    long failed() {
        return failed.get();
    }

    long answered() {
        return answered.get();
    }

    /** How many commands were acknowledged and not answered yet. */
    long open() {
        return ackedAt.keySet().stream().filter(id -> !results.contains(id)).count();
    }

    /** The longest time from an acknowledged command to its answer since it was last asked. */
    Duration longestGap() {
        return Duration.ofNanos(longest.getAndSet(0));
    }

    KafkaProducer<String, byte[]> producer() {
        return producer;
    }

    @Override
    public void close() {
        pause();
        closing = true;
        try {
            listener.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
