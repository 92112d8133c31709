package dev.openkcm.networking.kernel.streams;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Commits when it is worth it, instead of whenever an interval ends.
 *
 * <p>What few records led to is committed as soon as they are worked off: half an interval less for
 * every transaction on the way from a command to what follows from it. With more to do, many
 * records share a commit, and the longer commits take, the more: a thread that waits for the broker
 * does not work meanwhile, and with an interval of 10 ms a busy machine would be left with a few
 * records to each commit. A backlog has waited already: there, most of the time is to be work.
 *
 * <p>The clients of a thread ({@link PromptClients}) tell what it read, wrote and committed, and
 * how long it waited for that; a processor beside the others asks for the commit, which only a
 * processor can.
 */
public final class PromptCommits {

    /** How soon what is not committed yet is looked at again when no further record comes. */
    private static final Duration GLANCE = Duration.ofMillis(StreamsSettings.COMMIT_INTERVAL_MS);

    private PromptCommits() {}

    /** Adds to each part of a topology the processor that asks for commits. */
    public static Topology in(Topology topology) {
        for (var part : topology.describe().subtopologies()) {
            String[] sources =
                    part.nodes().stream()
                            .filter(TopologyDescription.Source.class::isInstance)
                            .map(TopologyDescription.Node::name)
                            .sorted()
                            .toArray(String[]::new);
            topology.addProcessor("commit-promptly-" + part.id(), Asking::new, sources);
        }
        return topology;
    }

    /** Comes after all who work on a record, counts it, and passes nothing on. */
    private static final class Asking extends ContextualProcessor<Object, Object, Void, Void> {

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            context.schedule(GLANCE, PunctuationType.WALL_CLOCK_TIME, _ -> ask(Pace.ofThread()));
        }

        @Override
        public void process(Record<Object, Object> record) {
            var pace = Pace.ofThread();
            pace.worked();
            ask(pace);
        }

        private void ask(Pace pace) {
            if (pace.due(System.nanoTime())) {
                context().commit();
            }
        }
    }

    /** What a thread has lately done. */
    static final class Pace {

        /** More than these in one poll are a load, under which commits should be few. */
        private static final int FEW = 16;

        /** At most a few hundred commits a second. */
        private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

        /** So many times as long as the last commit took, work goes on before the next. */
        private static final int SHARE = 2;

        private static final long SHORTEST_NANOS =
                TimeUnit.MILLISECONDS.toNanos(StreamsSettings.COMMIT_INTERVAL_MS);

        /** More than these in one poll are a backlog: half of what a poll can have. */
        private static final int BACKLOG = StreamsSettings.MAX_POLL_RECORDS / 2;

        /** So many times as long as it waits for a commit, a thread works off a backlog. */
        private static final int BACKLOG_SHARE = 4;

        /** A longer one tells of a busy machine. */
        private static final long LONG_WAIT_NANOS = 2 * SHORTEST_NANOS;

        /** Far below the timeout of a transaction. */
        private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

        private static final ThreadLocal<Pace> OF_THREAD = ThreadLocal.withInitial(Pace::new);

        private int polled;
        private int worked;
        private boolean uncommitted;
        private long waited;
        private long committedAt = System.nanoTime() - GAP_NANOS;
        private long lastCommit;
        private long lastWait;

        static Pace ofThread() {
            return OF_THREAD.get();
        }

        void polled(int records) {
            polled = records;
            worked = 0;
        }

        void worked() {
            worked++;
        }

        void sent() {
            uncommitted = true;
        }

        /** For what is sent to arrive. */
        void waited(long nanos) {
            waited += nanos;
        }

        void committed(long began, long now) {
            lastCommit = now - began;
            lastWait = waited + lastCommit;
            uncommitted = false;
            waited = 0;
            committedAt = now;
        }

        boolean uncommitted() {
            return uncommitted;
        }

        /** Whether a commit should not wait. */
        boolean due(long now) {
            return uncommitted && now - committedAt >= spacing();
        }

        /** On a busy machine commits take long, and more of them would make it busier. */
        private long spacing() {
            if (polled <= FEW && worked >= polled) {
                return Math.max(GAP_NANOS, SHARE * lastCommit);
            }
            if (polled > BACKLOG) {
                return Math.clamp(BACKLOG_SHARE * lastWait, SHORTEST_NANOS, LONGEST_NANOS);
            }
            return lastWait > LONG_WAIT_NANOS ? Math.min(lastWait, LONGEST_NANOS) : SHORTEST_NANOS;
        }
    }
}
