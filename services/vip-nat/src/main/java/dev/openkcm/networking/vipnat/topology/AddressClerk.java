package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolObservation;
import dev.openkcm.networking.schemas.addresspool.v1.PoolSetup;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.vipnat.allocation.AddressAllocator;
import dev.openkcm.networking.vipnat.allocation.AddressClaim;
import dev.openkcm.networking.vipnat.allocation.AddressEntry;
import dev.openkcm.networking.vipnat.allocation.AddressJournal;
import dev.openkcm.networking.vipnat.allocation.AddressPoolRow;
import dev.openkcm.networking.vipnat.allocation.AddressPoolSetup;
import dev.openkcm.networking.vipnat.codec.AddressPoolCodec;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the public addresses of the families of one partition. The one writer of them: for
 * VirtualIPs, NATGateways and LoadBalancers alike.
 *
 * <p>The allocators work in memory; what they decide is in rows of the task's store, from which
 * they are rebuilt.
 */
final class AddressClerk
        extends ContextualProcessor<
                String, @Nullable SpecificRecord, String, @Nullable SpecificRecord> {

    static final String STORE = "address-pool-allocations";
    static final String TO_GRANTS = "to-grants";
    static final String TO_POOLS = "to-pool-observations";

    /** How a pool is used is told this often at most. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(AddressClerk.class);

    private final Duration quarantine;
    private final Map<IpFamily, AddressAllocator> allocators = new EnumMap<>(IpFamily.class);
    private Headers cause = new RecordHeaders();
    private String causedBy = "";

    @SuppressWarnings("NullAway.Init") // Set by init(), which Streams calls before process().
    private KeyValueStore<String, byte[]> rows;

    AddressClerk(Duration quarantine) {
        this.quarantine = quarantine;
    }

    /** The claimant of a grant, as {@code <namespace>/<name>}. */
    static String claimant(String grant) {
        return grant.substring(grant.indexOf('/') + 1, grant.lastIndexOf('/'));
    }

    /** Also called when a task starts anew on the same processor, so nothing may be left over. */
    @Override
    public void init(ProcessorContext<String, @Nullable SpecificRecord> context) {
        super.init(context);
        rows = context.getStateStore(STORE);
        allocators.clear();
        for (IpFamily family : IpFamily.values()) {
            allocators.put(family, restore(family));
        }
        context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::everyPause);
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        cause = record.headers();
        causedBy = CloudEventHeaders.text(cause, CloudEventHeaders.ID).orElse("unknown");
        var family = IpFamily.of(record.key() == null ? "" : record.key());
        if (family.isEmpty()) {
            LOG.error("A record under the key {} is neither IPv4 nor IPv6", record.key());
            return;
        }
        var allocator = allocator(family.get());
        switch (record.value()) {
            case PublicAddressClaim claim -> claim(allocator, family.get(), claim);
            case PoolSetup pool -> pool(allocator, pool);
            case null -> LOG.error("A claim without a value is passed over");
            default -> throw new IllegalStateException("unknown: " + record.value());
        }
    }

    private void claim(AddressAllocator allocator, IpFamily family, PublicAddressClaim avro) {
        var parts = List.of(avro.getKind(), avro.getNamespace(), avro.getName(), avro.getSlot());
        if (!avro.getIpFamily().equals(family.name())
                || !parts.stream().allMatch(part -> part.matches("[A-Za-z0-9.-]+"))) {
            LOG.error("A claim that makes no sense is passed over: {}", Texts.quoted("" + avro));
            return;
        }
        String asked = avro.getAddress();
        var claim =
                new AddressClaim(
                        String.join("/", parts),
                        avro.getUid(),
                        avro.getSequence(),
                        asked == null ? null : canonical(asked));
        if (avro.getWanted()) {
            allocator.claim(claim, now());
        } else {
            allocator.release(claim, now());
        }
    }

    /** What is no address is in no pool. */
    private static String canonical(String asked) {
        return Cidr.parseAddress(asked).map(Cidr::text).orElse("none");
    }

    private void pool(AddressAllocator allocator, PoolSetup pool) {
        if (pool.getPresent()) {
            allocator.pool(
                    new AddressPoolSetup(
                            pool.getName(),
                            pool.getUid(),
                            pool.getDeleting(),
                            cidrs(pool.getCidrs())),
                    now());
        } else {
            allocator.poolGone(pool.getName(), now());
        }
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(Cidr::parse).flatMap(Optional::stream).toList();
    }

    private Instant now() {
        return Instant.ofEpochMilli(context().currentSystemTimeMs());
    }

    private AddressAllocator allocator(IpFamily family) {
        var allocator = allocators.get(family);
        if (allocator == null) {
            throw new IllegalStateException("not initialized");
        }
        return allocator;
    }

    private void everyPause(long nowMillis) {
        cause = new RecordHeaders();
        causedBy = "quarantine-over";
        var now = Instant.ofEpochMilli(nowMillis);
        for (IpFamily family : IpFamily.values()) {
            var allocator = allocator(family);
            allocator.tick(now);
            for (String pool : allocator.changedPools()) {
                allocator.setup(pool).ifPresent(setup -> report(allocator, setup, nowMillis));
            }
        }
    }

    private void report(AddressAllocator allocator, AddressPoolSetup pool, long nowMillis) {
        var observed =
                AddressPoolCodec.observed(
                        pool.uid(), pool.deleting(), allocator.utilisation(pool.name()));
        context()
                .forward(
                        new Record<>(
                                pool.name(),
                                new AddressPoolObservation("utilisation/" + nowMillis, observed),
                                nowMillis),
                        TO_POOLS);
    }

    private void tell(IpFamily family, AddressEntry entry) {
        String[] parts = entry.claim().id().split("/", -1);
        var reason = entry.reason();
        var grant =
                new PublicAddressGrant(
                        parts[0],
                        parts[1],
                        parts[2],
                        entry.claim().uid(),
                        parts[3],
                        family.name(),
                        entry.address(),
                        entry.pool(),
                        reason == null ? null : reason.name(),
                        message(family, entry),
                        entry.claim().sequence());
        send(entry, grant, "PublicAddressGrant");
    }

    private static @Nullable String message(IpFamily family, AddressEntry entry) {
        return switch (entry.reason()) {
            case AddressesExhausted -> "no %s address is free in any AddressPool".formatted(family);
            case AddressInUse -> entry.claim().asked() + " is in use or in quarantine";
            case AddressNotInPool -> entry.claim().asked() + " is in no AddressPool";
            case null -> null;
        };
    }

    private void send(AddressEntry entry, @Nullable PublicAddressGrant grant, String type) {
        var claim = entry.claim();
        long time = context().currentSystemTimeMs();
        String id = claim.uid() + "/" + claim.id() + "/" + claim.sequence() + "/" + time;
        var headers =
                CloudEventHeaders.of(
                        "address-pool",
                        type,
                        id,
                        claim.id(),
                        Instant.ofEpochMilli(time),
                        causedBy,
                        cause);
        context().forward(new Record<>(claim.id(), grant, time, headers), TO_GRANTS);
    }

    private AddressAllocator restore(IpFamily family) {
        var allocator = new AddressAllocator(family, quarantine, new Rows(family));
        each("pool", family, (_, value) -> allocator.restore(AllocationRows.pool(value)));
        each("claim", family, (id, value) -> allocator.restore(AllocationRows.entry(id, value)));
        each(
                "rest",
                family,
                (address, value) ->
                        allocator.restore(
                                AllocationRows.number(address),
                                AllocationRows.restingPool(value),
                                AllocationRows.restingUntil(value)));
        each(
                "cursor",
                family,
                (cidr, value) ->
                        allocator.restoreCursor(
                                Cidr.parse(cidr).orElseThrow(),
                                AllocationRows.number(AllocationRows.text(value))));
        allocator.restored();
        return allocator;
    }

    private interface Row {
        void read(String name, byte[] value);
    }

    private void each(String what, IpFamily family, Row row) {
        String prefix = what + " " + family + " ";
        try (var found = rows.range(prefix, what + " " + family + "!")) {
            found.forEachRemaining(r -> row.read(r.key.substring(prefix.length()), r.value));
        }
    }

    /** Keeps what an allocator decides, and tells the claimants. */
    private final class Rows implements AddressJournal {

        private final IpFamily family;

        Rows(IpFamily family) {
            this.family = family;
        }

        private String row(String what, Object name) {
            return what + " " + family + " " + name;
        }

        @Override
        public void claim(AddressEntry entry) {
            rows.put(row("claim", entry.claim().id()), AllocationRows.toBytes(entry));
            tell(family, entry);
        }

        @Override
        public void ended(AddressEntry entry) {
            rows.delete(row("claim", entry.claim().id()));
            send(entry, null, "Tombstone");
        }

        @Override
        public void rests(BigInteger address, String pool, Instant until) {
            rows.put(row("rest", address), AllocationRows.resting(pool, until));
        }

        @Override
        public void rested(BigInteger address) {
            rows.delete(row("rest", address));
        }

        @Override
        public void cursor(Cidr range, BigInteger next) {
            rows.put(row("cursor", cidr(range)), AllocationRows.bytes(next.toString()));
        }

        @Override
        public void pool(AddressPoolRow pool) {
            rows.put(row("pool", pool.setup().name()), AllocationRows.toBytes(pool));
        }

        @Override
        public void poolGone(String name) {
            rows.delete(row("pool", name));
        }
    }

    /** A range of one address too, with its length. */
    static String cidr(Cidr range) {
        return range.addressText() + "/" + range.length();
    }
}
