package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * What one more claim costs when 1,000, 10,000 and 100,000 are held, and what each takes of memory.
 * Run by hand. Processor time is measured, and the sizes take turns, so that what else the machine
 * does falls on all of them.
 *
 * <p>The engines alone, whose journal keeps nothing: what they cost is not hidden by stores.
 */
final class AllocationBenchmark {

    private static final int[] HELD = {1_000, 10_000, 100_000};
    private static final int ROUNDS = 41;
    private static final int BATCH = 1_000;
    private static final Instant NOW = Instant.EPOCH;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private AllocationBenchmark() {}

    /** Something that holds a number of allocations and can take and give back further ones. */
    private interface Holder {
        void claim(int number);

        void release(int number);
    }

    public static void main(String[] args) {
        run("public address, IPv4 /8", held -> addresses(IpFamily.IPv4, "10.0.0.0/8", held));
        run("public address, IPv6 /64", held -> addresses(IpFamily.IPv6, "2001:db8::/64", held));
        run("ports, 100 interfaces a Network", held -> ports(held, 100));
        run("ports, all in one Network", held -> ports(held, held));
    }

    private static void run(String what, IntFunction<Holder> make) {
        var holders = new ArrayList<Holder>();
        var bytes = new long[HELD.length];
        for (int i = 0; i < HELD.length; i++) {
            long before = usedBytes();
            holders.add(make.apply(HELD[i]));
            bytes[i] = (usedBytes() - before) / HELD[i];
        }
        var times = new double[HELD.length][ROUNDS];
        for (int round = -10; round < ROUNDS; round++) { // The first ten warm up.
            for (int i = 0; i < HELD.length; i++) {
                long begin = THREADS.getCurrentThreadCpuTime();
                for (int n = 0; n < BATCH; n++) {
                    holders.get(i).claim(HELD[i] + n);
                }
                double took = (THREADS.getCurrentThreadCpuTime() - begin) / (double) BATCH;
                for (int n = 0; n < BATCH; n++) {
                    holders.get(i).release(HELD[i] + n);
                }
                if (round >= 0) {
                    times[i][round] = took;
                }
            }
        }
        System.out.println(what);
        Arrays.sort(times[0]);
        double base = times[0][ROUNDS / 2];
        for (int i = 0; i < HELD.length; i++) {
            Arrays.sort(times[i]);
            double median = times[i][ROUNDS / 2];
            System.out.printf(
                    Locale.ROOT,
                    "  %,8d held: %6.0f ns a claim, x %.2f; %,d bytes each%n",
                    HELD[i],
                    median,
                    median / base,
                    bytes[i]);
        }
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static Holder addresses(IpFamily family, String cidr, int held) {
        var allocator = new AddressAllocator(family, Duration.ZERO, new ForgetfulAddresses());
        allocator.pool(
                new AddressPoolSetup("pool", "uid", false, List.of(Cidr.parse(cidr).orElseThrow())),
                NOW);
        var holder =
                new Holder() {
                    @Override
                    public void claim(int number) {
                        allocator.claim(of(number), NOW);
                    }

                    @Override
                    public void release(int number) {
                        allocator.release(of(number), NOW);
                    }

                    private static AddressClaim of(int number) {
                        return new AddressClaim(
                                "VirtualIP/namespace/vip-" + number + "/address",
                                "uid-0123456789abcdef-" + number,
                                1,
                                null);
                    }
                };
        for (int i = 0; i < held; i++) {
            holder.claim(i);
        }
        return holder;
    }

    /** Gateways of one Network each, with addresses enough. */
    private static Holder ports(int held, int perNetwork) {
        var tables = new ArrayList<NatTable>();
        for (int i = 0; i < held / perNetwork; i++) {
            var table = new NatTable(Duration.ZERO, new ForgetfulPorts());
            var addresses = new ArrayList<NatGatewaySetup.Address>();
            for (int a = 0; a < perNetwork / 1_000 + 2; a++) {
                addresses.add(
                        new NatGatewaySetup.Address(
                                "ip" + a, "203.0.%d.%d".formatted(a >> 8, a & 255), null));
            }
            table.gateway(
                    new NatGatewaySetup("gw", "uid", 1, IpFamily.IPv4, 64, false, addresses), NOW);
            tables.add(table);
        }
        var holder =
                new Holder() {
                    @Override
                    public void claim(int number) {
                        tables.get(number % tables.size())
                                .member(
                                        new NatMember(
                                                "nic-" + number,
                                                "uid-0123456789abcdef-" + number,
                                                "10.0.0.1",
                                                null,
                                                Set.of()),
                                        NOW);
                    }

                    @Override
                    public void release(int number) {
                        tables.get(number % tables.size()).memberGone("nic-" + number, NOW);
                    }
                };
        for (int i = 0; i < held; i++) {
            holder.claim(i);
        }
        return holder;
    }

    private static final class ForgetfulAddresses implements AddressJournal {
        @Override
        public void claim(AddressEntry entry) {}

        @Override
        public void ended(AddressEntry entry) {}

        @Override
        public void rests(BigInteger address, String pool, Instant until) {}

        @Override
        public void rested(BigInteger address) {}

        @Override
        public void cursor(Cidr range, BigInteger next) {}

        @Override
        public void pool(AddressPoolRow pool) {}

        @Override
        public void poolGone(String name) {}
    }

    private static final class ForgetfulPorts implements NatJournal {
        @Override
        public void member(NatMember member, long order) {}

        @Override
        public void memberGone(NatMember member) {}

        @Override
        public void gateway(NatGatewaySetup gateway, long arrival) {}

        @Override
        public void gatewayGone(NatGatewaySetup gateway) {}

        @Override
        public void assigned(NatGatewaySetup gateway, NatRange range, String setHash) {}

        @Override
        public void refreshed(NatGatewaySetup gateway, NatRange range, String setHash) {}

        @Override
        public void released(NatGatewaySetup gateway, NatRange range) {}

        @Override
        public void rests(NatGatewaySetup gateway, NatRest rest) {}

        @Override
        public void rested(NatGatewaySetup gateway, NatRest rest) {}

        @Override
        public void emptied(NatGatewaySetup gateway, NatGatewaySetup.Address address) {}
    }
}
