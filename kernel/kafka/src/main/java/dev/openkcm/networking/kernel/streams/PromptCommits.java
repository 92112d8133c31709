package dev.openkcm.networking.kernel.streams;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Commits what few records led to as soon as they are worked off, instead of when the commit
 * interval ends: half an interval less for every transaction on the way from a command to what
 * follows from it. With more to do, the interval decides, and many records share a commit.
 *
 * <p>The clients of a thread ({@link PromptClients}) tell what it read, wrote and committed; a
 * processor beside the others asks for the commit, which only a processor can.
 */
public final class PromptCommits {

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
        public void process(Record<Object, Object> record) {
            var pace = Pace.ofThread();
            pace.worked();
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

        private static final ThreadLocal<Pace> OF_THREAD = ThreadLocal.withInitial(Pace::new);

        private int polled;
        private int worked;
        private boolean uncommitted;
        private long committedAt = System.nanoTime() - GAP_NANOS;
        private long gap = GAP_NANOS;

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

        /** On a busy machine commits take long, and more of them would make it busier. */
        void committed(long began, long now) {
            uncommitted = false;
            committedAt = now;
            gap = Math.max(GAP_NANOS, SHARE * (now - began));
        }

        /** Whether a commit should not wait. */
        boolean due(long now) {
            return uncommitted && polled <= FEW && worked >= polled && now - committedAt >= gap;
        }
    }
}
