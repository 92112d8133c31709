package dev.openkcm.networking.kernel.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a Streams application, of which the main consumer never waits long while there may
 * be something to commit.
 *
 * <p>A record that comes within the commit interval is committed when the thread looks at the clock
 * again, and it does so when a poll ends. A poll that finds nothing takes {@code poll.ms}, so that
 * an answer to an answer was committed 100 ms late. Short polls all the time would be felt in a
 * service that has nothing to do.
 */
public final class PromptClients implements KafkaClientSupplier {

    /** The main consumer of a thread of Streams. */
    private static final ThreadLocal<@Nullable PromptConsumer> OF_THREAD = new ThreadLocal<>();

    private final boolean headers;

    /**
     * @param headers whether processors are shown the headers of records. Streams decodes the name
     *     of each to count bytes for a metric: 29 % of the CPU time that fills a view, which has no
     *     use for them.
     */
    public PromptClients(boolean headers) {
        this.headers = headers;
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return new PromptConsumer(config, headers);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return getRestoreConsumer(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return config.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG) == null
                ? new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())
                : new PacedProducer(config);
    }

    /**
     * An offset that is committed already, for a transaction without any: brokers ask whether who
     * commits is still a member of the group only when there are offsets. Streams sends none for a
     * task that has read nothing since it was assigned, so what its punctuations write would be
     * committed by one that has long been replaced, as well as by whoever replaced it.
     */
    private static Map<TopicPartition, OffsetAndMetadata> anchor() {
        var consumer = OF_THREAD.get();
        var partition =
                consumer == null ? null : consumer.assignment().stream().findAny().orElse(null);
        if (partition == null) {
            return Map.of();
        }
        var committed = consumer.committed(Set.of(partition)).get(partition);
        // From the beginning, as without any.
        return Map.of(partition, committed == null ? new OffsetAndMetadata(0) : committed);
    }

    /** Has transactions, and tells the {@link PromptCommits.Pace} of its thread what it does. */
    private static final class PacedProducer extends KafkaProducer<byte[], byte[]> {

        private final UncommittedOffsets uncommitted = new UncommittedOffsets();

        PacedProducer(Map<String, Object> config) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            PromptCommits.Pace.ofThread().sent();
            return super.send(record, callback);
        }

        @Override
        public void flush() {
            long began = System.nanoTime();
            super.flush();
            PromptCommits.Pace.ofThread().waited(System.nanoTime() - began);
        }

        @Override
        public void sendOffsetsToTransaction(
                Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
            long began = System.nanoTime();
            var pace = PromptCommits.Pace.ofThread();
            boolean unfenced = offsets.isEmpty() && pace.uncommitted();
            super.sendOffsetsToTransaction(unfenced ? anchor() : uncommitted.of(offsets), group);
            pace.waited(System.nanoTime() - began);
        }

        @Override
        public void commitTransaction() {
            long began = System.nanoTime();
            super.commitTransaction();
            uncommitted.committed();
            PromptCommits.Pace.ofThread().committed(began, System.nanoTime());
        }

        @Override
        public void abortTransaction() {
            uncommitted.aborted();
            super.abortTransaction();
        }
    }

    /** Waits for a commit interval at most until a little after the last record. */
    private static final class PromptConsumer extends KafkaConsumer<byte[], byte[]> {

        private static final Duration SHORT = Duration.ofMillis(StreamsSettings.COMMIT_INTERVAL_MS);

        /** The poll after a record, and one more, since the clock counts in whole milliseconds. */
        private static final int SHORT_POLLS = 2;

        /** By partition, of the last records that were read. */
        private final Map<TopicPartition, Passed> passed = new HashMap<>();

        private final boolean headers;
        private int shortPolls;

        /**
         * Where the last record ended, and where reading goes on.
         *
         * @param next behind the marker of its transaction, if that was read with it
         */
        private record Passed(long end, long next) {}

        PromptConsumer(Map<String, Object> config, boolean headers) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            this.headers = headers;
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            OF_THREAD.set(this);
            var pace = PromptCommits.Pace.ofThread();
            boolean prompt = shortPolls > 0 || pace.uncommitted() || restoring();
            var records = super.poll(prompt && timeout.compareTo(SHORT) > 0 ? SHORT : timeout);
            pace.polled(records.count());
            shortPolls = records.isEmpty() ? Math.max(0, shortPolls - 1) : SHORT_POLLS;
            for (var partition : records.partitions()) {
                long end = records.records(partition).getLast().offset() + 1;
                var next = records.nextOffsets().get(partition);
                if (next != null) {
                    passed.put(partition, new Passed(end, next.offset()));
                }
            }
            return headers ? records : withoutHeaders(records);
        }

        private static ConsumerRecords<byte[], byte[]> withoutHeaders(
                ConsumerRecords<byte[], byte[]> records) {
            var bare = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
            for (var partition : records.partitions()) {
                var list = new ArrayList<ConsumerRecord<byte[], byte[]>>();
                records.records(partition).forEach(record -> list.add(withoutHeaders(record)));
                bare.put(partition, list);
            }
            return new ConsumerRecords<>(bare, records.nextOffsets());
        }

        private static ConsumerRecord<byte[], byte[]> withoutHeaders(
                ConsumerRecord<byte[], byte[]> record) {
            return new ConsumerRecord<>(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    record.timestampType(),
                    record.serializedKeySize(),
                    record.serializedValueSize(),
                    record.key(),
                    record.value(),
                    new RecordHeaders(),
                    record.leaderEpoch());
        }

        /** Streams reads on in what it paused once its stores are restored, which a poll ends. */
        private boolean restoring() {
            return !paused().isEmpty();
        }

        /**
         * Not behind a marker that was read with the records before it. Streams commits the offset
         * behind the marker with those records, and takes a position there for something new: each
         * record of a transactional topic, if it came alone, cost two transactions.
         */
        @Override
        public long position(TopicPartition partition) {
            long position = super.position(partition);
            var last = passed.get(partition);
            return last != null && last.next == position ? last.end : position;
        }
    }
}
