package dev.openkcm.networking.vipnat.topology;

import com.sun.management.ThreadMXBean;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.schemas.addresspool.v1.PoolSetup;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.natgateway.v1.NatAddress;
import dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPObservation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What one more claim costs when 1,000, 10,000 and 100,000 are held, through the processors that
 * know of more than one resource, with their stores on disk: the one that turns interfaces around,
 * the one that gives ports and the one that gives addresses. Deciders look at the row of their
 * resource alone. Run by hand.
 *
 * <p>A hundredth of what is held are gateways with a Network of their own, and a fifth as many
 * VirtualIPs as interfaces hold addresses, each named by an interface that has it. Measured are the
 * processor time and the memory allocated by the thread that works, so that it matters little what
 * else the machine does; the sizes take turns so that what is left of that falls on all of them.
 */
final class TopologyBenchmark {

    private static final int PER_NETWORK = 100;
    private static final int PER_VIRTUAL_IP = 5;
    private static final int ROUNDS = 41;
    private static final int WARM_UP = 20;
    private static final int BATCH = 500;
    private static final Duration QUARANTINE = Duration.ofSeconds(1);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private TopologyBenchmark() {}

    /** With other sizes than the usual ones when they are given. */
    public static void main(String[] args) throws IOException {
        int[] sizes =
                args.length == 0
                        ? new int[] {1_000, 10_000, 100_000}
                        : Stream.of(args).mapToInt(Integer::parseInt).toArray();
        var folder = Files.createTempDirectory("vip-nat-benchmark");
        var estates = new ArrayList<Estate>();
        try {
            for (int held : sizes) {
                long before = usedBytes();
                var estate = new Estate(folder.resolve("held-" + held), held);
                estates.add(estate);
                System.out.printf(
                        Locale.ROOT,
                        "%,8d interfaces behind %,d gateways, %,d VirtualIPs: %,d bytes of memory"
                                + " per allocation%n",
                        held,
                        held / PER_NETWORK,
                        held / PER_VIRTUAL_IP,
                        (usedBytes() - before) / (held + held / PER_VIRTUAL_IP));
            }
            for (String family : List.of("IPv4", "IPv6")) {
                measure(
                        "one more public address, " + family,
                        estates,
                        (estate, n) -> estate.claim("more" + n, family, true, n),
                        (estate, n) -> estate.claim("more" + n, family, false, n));
            }
            measure(
                    "one more VirtualIP that an interface names",
                    estates,
                    (estate, n) -> estate.user(n + estate.held, true),
                    (estate, n) -> estate.user(n + estate.held, false));
            measure(
                    "one more interface behind a gateway",
                    estates,
                    (estate, n) -> estate.nic(n + estate.held, true),
                    (estate, n) -> estate.nic(n + estate.held, false));
        } finally {
            estates.forEach(Estate::close);
            delete(folder);
        }
    }

    private interface Step {
        void accept(Estate estate, int number);
    }

    private static void measure(String what, List<Estate> estates, Step claim, Step release) {
        var nanos = new double[estates.size()][ROUNDS];
        var bytes = new double[estates.size()][ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (int i = 0; i < estates.size(); i++) {
                var estate = estates.get(i);
                long allocated = THREADS.getCurrentThreadAllocatedBytes();
                long begin = THREADS.getCurrentThreadCpuTime();
                each(n -> claim.accept(estate, n));
                double took = THREADS.getCurrentThreadCpuTime() - begin;
                double made = THREADS.getCurrentThreadAllocatedBytes() - allocated;
                each(n -> release.accept(estate, n));
                estate.rest();
                if (round >= 0) {
                    nanos[i][round] = took / BATCH;
                    bytes[i][round] = made / BATCH;
                }
            }
        }
        System.out.println(what);
        for (int i = 0; i < estates.size(); i++) {
            System.out.printf(
                    Locale.ROOT,
                    "  %,8d held: %6.2f us of processor time (quartiles %.2f to %.2f), x %.2f;"
                            + " %,.0f bytes allocated, x %.2f%n",
                    estates.get(i).held,
                    quantile(nanos[i], 0.5) / 1_000,
                    quantile(nanos[i], 0.25) / 1_000,
                    quantile(nanos[i], 0.75) / 1_000,
                    quantile(nanos[i], 0.5) / quantile(nanos[0], 0.5),
                    quantile(bytes[i], 0.5),
                    quantile(bytes[i], 0.5) / quantile(bytes[0], 0.5));
        }
    }

    private static void each(IntConsumer step) {
        for (int n = 0; n < BATCH; n++) {
            step.accept(n);
        }
    }

    private static double quantile(double[] values, double part) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) ((sorted.length - 1) * part)];
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A processor with its store, outside of any application. */
    private static final class Bench<I, O> implements AutoCloseable {

        final MockProcessorContext<String, O> context;
        private final Processor<String, I, String, O> processor;
        private final KeyValueStore<String, byte[]> store;

        @SuppressWarnings("unchecked") // The builder says of which types its store is.
        Bench(Path folder, String store, Processor<String, I, String, O> processor) {
            var config = new Properties();
            config.put(StreamsConfig.APPLICATION_ID_CONFIG, store);
            config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
            this.context = new MockProcessorContext<>(config, new TaskId(0, 0), folder.toFile());
            this.context.setCurrentSystemTimeMs(0);
            this.store =
                    (KeyValueStore<String, byte[]>)
                            DecideTopology.rows(store).withLoggingDisabled().build();
            this.store.init(context.getStateStoreContext(), this.store);
            this.context.addStateStore(this.store);
            this.processor = processor;
            processor.init(context);
        }

        List<Record<? extends String, ? extends O>> process(
                String topic, String key, @Nullable I value) {
            context.setRecordMetadata(topic, 0, 0);
            processor.process(new Record<>(key, value, 0, new RecordHeaders()));
            var forwarded =
                    context.forwarded().stream()
                            .<Record<? extends String, ? extends O>>map(
                                    MockProcessorContext.CapturedForward::record)
                            .toList();
            context.resetForwards();
            return forwarded;
        }

        /** Lets every quarantine pass. */
        void rest() {
            context.setCurrentSystemTimeMs(
                    context.currentSystemTimeMs() + 2 * QUARANTINE.toMillis());
            context.scheduledPunctuators()
                    .forEach(p -> p.getPunctuator().punctuate(context.currentSystemTimeMs()));
            context.resetForwards();
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** So many interfaces served by gateways, and so many public addresses held. */
    private static final class Estate implements AutoCloseable {

        private static final LocalSerdes SERDES = new LocalSerdes();

        final int held;
        private final Bench<@Nullable GenericRecord, SpecificRecord> users;
        private final Bench<@Nullable SpecificRecord, @Nullable SpecificRecord> ports;
        private final Bench<@Nullable SpecificRecord, @Nullable SpecificRecord> addresses;
        private long sequence;
        private int served;
        private int granted;
        private int named;

        Estate(Path folder, int held) {
            this.held = held;
            this.users = new Bench<>(folder.resolve("users"), UserJoin.STORE, new UserJoin());
            this.ports =
                    new Bench<>(
                            folder.resolve("ports"), PortClerk.STORE, new PortClerk(QUARANTINE));
            this.addresses =
                    new Bench<>(
                            folder.resolve("addresses"),
                            AddressClerk.STORE,
                            new AddressClerk(QUARANTINE));
            fill();
        }

        private void fill() {
            pool("four", "IPv4", "10.0.0.0/8");
            pool("six", "IPv6", "2001:db8::/64");
            for (int i = 0; i < held / PER_NETWORK; i++) {
                ports.process(VipNatTopology.GATEWAYS, network(i), gateway(i));
            }
            for (int i = 0; i < held; i++) {
                nic(i, true);
            }
            for (int i = 0; i < held / PER_VIRTUAL_IP; i++) {
                claim("vip" + i, i % 2 == 0 ? "IPv4" : "IPv6", true, i);
                user(i, true);
            }
            rest();
            // What is not served would cost less.
            int virtualIps = held / PER_VIRTUAL_IP;
            if (served != held || granted != virtualIps || named != virtualIps) {
                throw new IllegalStateException(
                        "%d served, %d granted, %d named of %d"
                                .formatted(served, granted, named, held));
            }
        }

        private void pool(String name, String family, String cidr) {
            addresses.process(
                    VipNatTopology.POOLS,
                    family,
                    new PoolSetup(name, "uid-" + name, true, false, List.of(cidr)));
        }

        private static String network(int number) {
            return "default/net" + number;
        }

        private static NatGatewaySetup gateway(int number) {
            return new NatGatewaySetup(
                    "default",
                    "gw" + number,
                    "uid-0123456789abcdef-gw" + number,
                    1L,
                    true,
                    "IPv4",
                    64,
                    false,
                    List.of(
                            new NatAddress(
                                    "ip1",
                                    "10.%d.%d.%d"
                                            .formatted(
                                                    number >> 16,
                                                    (number >> 8) & 255,
                                                    number & 255),
                                    null)));
        }

        void claim(String name, String family, boolean wanted, int number) {
            var answers =
                    addresses.process(
                            VipNatTopology.CLAIMS,
                            family,
                            new PublicAddressClaim(
                                    "VirtualIP",
                                    "default",
                                    name,
                                    "uid-0123456789abcdef-" + number,
                                    "address",
                                    family,
                                    wanted,
                                    null,
                                    ++sequence));
            for (var answer : answers) {
                if (answer.value() instanceof PublicAddressGrant grant
                        && grant.getAddress() != null) {
                    granted++;
                }
            }
        }

        /** An interface with an address of its own and a VirtualIP, whom no gateway serves. */
        void user(int number, boolean present) {
            told("user" + number, present, number, "vip" + number);
        }

        void nic(int number, boolean present) {
            told("nic" + number, present, number, null);
        }

        private void told(String name, boolean present, int number, @Nullable String vip) {
            var told =
                    users.process(
                            VipNatTopology.INTERFACES,
                            "default/" + name,
                            present ? state(name, number % (held / PER_NETWORK), vip) : null);
            for (var member : told) {
                if (member.value() instanceof VirtualIPObservation) {
                    named++;
                    continue;
                }
                for (var row :
                        ports.process(VipNatTopology.MEMBERS, member.key(), member.value())) {
                    if (row.value() instanceof NatPortRange) {
                        served++;
                    }
                }
            }
        }

        /** As it is read: without the classes of whoever wrote it. */
        private static GenericRecord state(String name, int network, @Nullable String vip) {
            var state =
                    new NetworkInterface(
                            new ObjectMeta(
                                    "default",
                                    name,
                                    "uid-0123456789abcdef-" + name,
                                    1L,
                                    1L,
                                    Instant.EPOCH,
                                    null,
                                    Map.of(),
                                    Map.of()),
                            NetworkInterfaceSpec.newBuilder()
                                    .setNetworkRef(new LocalReference("net" + network))
                                    .setIpFamilies(List.of("IPv4"))
                                    .setVirtualIP(
                                            vip == null
                                                    ? null
                                                    : new VirtualIPSource(new LocalReference(vip)))
                                    .build(),
                            NetworkInterfaceStatus.newBuilder()
                                    .setState(NetworkInterfaceState.Available)
                                    .setLastStateTransitionTime(Instant.EPOCH)
                                    .setIps(List.of("10.0.0.1"))
                                    .setVirtualIPs(vip == null ? List.of() : List.of("10.1.0.1"))
                                    .build());
            var serdes = SERDES.of(NetworkInterface.class);
            return LocalSerdes.generic()
                    .deserialize(
                            VipNatTopology.INTERFACES,
                            serdes.serializer().serialize(VipNatTopology.INTERFACES, state));
        }

        void rest() {
            ports.rest();
            addresses.rest();
        }

        @Override
        public void close() {
            users.close();
            ports.close();
            addresses.close();
        }
    }
}
