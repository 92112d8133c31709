package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.streams.StreamsApp;
import dev.openkcm.networking.kernel.streams.ViewTopology;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the views of this instance anew from the log, under a new generation of their
 * applications, while the old ones go on answering; then compares, switches, and drops the old.
 *
 * <p>Instances need not agree on the generation: one that is alone in its generation looks after
 * everything itself.
 */
@Singleton
class Rebuild {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofHours(6);
    private static final Duration RECHECK = Duration.ofSeconds(2);
    private static final int SHOWN = 20;

    /** Where a rebuild stands. */
    enum Phase {
        Idle,
        Building,
        Comparing,
        Switched,
        Failed
    }

    /**
     * How a rebuild stands.
     *
     * @param compared how many rows both the old and the new views of this instance have
     * @param different the first rows that the old views had wrong
     */
    private record Progress(
            Phase phase,
            int generation,
            long restored,
            long toRestore,
            long compared,
            long differences,
            List<String> different,
            @Nullable String failure) {}

    private final ServiceRuntime runtime;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile Progress progress = new Progress(Phase.Idle, 0, 0, 0, 0, 0, List.of(), null);

    Rebuild(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    /** Begins; false when one is under way. */
    boolean begin(int generation) {
        if (!running.compareAndSet(false, true)) {
            return false;
        }
        progress = new Progress(Phase.Building, generation, 0, 0, 0, 0, List.of(), null);
        Thread.ofPlatform().name("rebuild").daemon().start(() -> run(generation));
        return true;
    }

    private void run(int generation) {
        var built = new ArrayList<StreamsApp>();
        try {
            for (var kind : runtime.kinds()) {
                built.add(runtime.startView(kind, generation));
            }
            awaitReady(built, generation);
            compare(built, generation);
            for (int i = 0; i < built.size(); i++) {
                runtime.switchView(runtime.kinds().get(i), built.get(i), generation);
            }
            progress = with(Phase.Switched, null);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            abandon(built, "the service is stopping");
        } catch (RuntimeException failure) {
            LOG.error("The views could not be built anew", failure);
            abandon(built, failure.toString());
        } finally {
            running.set(false);
        }
    }

    private void abandon(List<StreamsApp> built, String failure) {
        built.forEach(StreamsApp::closeForGood);
        progress = with(Phase.Failed, failure);
    }

    private Progress with(Phase phase, @Nullable String failure) {
        var now = progress;
        return new Progress(
                phase,
                now.generation,
                now.restored,
                now.toRestore,
                now.compared,
                now.differences,
                now.different,
                failure);
    }

    /** Until every table is restored and every history is read to its present end. */
    private void awaitReady(List<StreamsApp> built, int generation) throws InterruptedException {
        try (var admin = Admin.create(new HashMap<String, Object>(runtime.client()))) {
            awaitReady(admin, built, generation);
        } catch (ExecutionException away) {
            throw new KafkaException("the ends of the log are not known", away);
        }
    }

    private void awaitReady(Admin admin, List<StreamsApp> built, int generation)
            throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            long restored = 0;
            long total = 0;
            boolean ready = true;
            for (var app : built) {
                var status = app.status();
                restored += status.restored();
                total += status.toRestore();
                long behind = status.ready() ? app.behind(admin) : 1;
                total += behind;
                ready &= status.ready() && behind == 0;
            }
            progress =
                    new Progress(
                            Phase.Building, generation, restored, total, 0, 0, List.of(), null);
            if (ready) {
                return;
            }
            Thread.sleep(POLL);
        }
        throw new KafkaException("the new views did not catch up within " + LIMIT);
    }

    private void compare(List<StreamsApp> built, int generation) throws InterruptedException {
        var comparison = new Comparison();
        progress = with(Phase.Comparing, null);
        for (int i = 0; i < built.size(); i++) {
            var kind = runtime.kinds().get(i);
            var old = runtime.view(kind).orElseThrow();
            var fresh = built.get(i).streams();
            comparison.compare(ViewTopology.resourcesStore(kind), old, fresh);
            comparison.compare(ViewTopology.historyStore(kind), old, fresh);
        }
        progress =
                new Progress(
                        Phase.Comparing,
                        generation,
                        progress.restored,
                        progress.toRestore,
                        comparison.compared,
                        comparison.differences,
                        List.copyOf(comparison.different),
                        null);
        if (comparison.differences > 0) {
            LOG.error(
                    "{} rows of the old views differ from the log, such as {}",
                    comparison.differences,
                    comparison.different);
        }
    }

    /** The rows that both have: partitions may be looked after by different instances. */
    private static final class Comparison {
        private long compared;
        private long differences;
        private final List<String> different = new ArrayList<>();

        void compare(String store, KafkaStreams old, KafkaStreams fresh)
                throws InterruptedException {
            var suspects = new TreeMap<String, byte[]>();
            try {
                each(
                        store,
                        fresh,
                        (key, value) -> {
                            byte[] before = get(store, old, key);
                            if (before != null) {
                                compared++;
                                if (!Arrays.equals(before, value)) {
                                    suspects.put(key, value);
                                }
                            }
                        });
                if (suspects.isEmpty()) {
                    return;
                }
                // Either may have been a moment ahead.
                Thread.sleep(RECHECK);
                for (String key : suspects.keySet()) {
                    byte[] before = get(store, old, key);
                    byte[] now = get(store, fresh, key);
                    if (before != null && !Arrays.equals(before, now)) {
                        differences++;
                        if (different.size() < SHOWN) {
                            different.add(store + " " + key);
                        }
                    }
                }
            } catch (InvalidStateStoreException moving) {
                LOG.warn("Partitions moved while {} was compared: {}", store, moving.getMessage());
            }
        }

        /** Takes a row. */
        private interface Taker {
            void row(String key, byte[] value);
        }

        private static void each(String store, KafkaStreams streams, Taker taker) {
            try (var rows =
                    streams.store(
                                    StoreQueryParameters.fromNameAndType(
                                            store,
                                            QueryableStoreTypes.<String, byte[]>keyValueStore()))
                            .all()) {
                rows.forEachRemaining(row -> taker.row(row.key, row.value));
            }
        }

        private static byte @Nullable [] get(String store, KafkaStreams streams, String key) {
            return streams.store(
                            StoreQueryParameters.fromNameAndType(
                                    store, QueryableStoreTypes.<String, byte[]>keyValueStore()))
                    .get(key);
        }
    }

    /** How it stands, as a document. */
    ObjectNode document() {
        var now = progress;
        var document = JsonNodeFactory.instance.objectNode();
        document.put("kind", "Rebuild");
        document.put("phase", now.phase.name());
        document.put("generation", now.generation);
        document.put("restored", now.restored);
        document.put("toRestore", now.toRestore);
        document.put("compared", now.compared);
        document.put("differences", now.differences);
        var different = document.putArray("different");
        now.different.forEach(different::add);
        if (now.failure != null) {
            document.put("failure", Objects.toString(now.failure));
        }
        return document;
    }
}
