package dev.openkcm.networking.bench.baseline;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * How a chain of resources is joined with the DSL alone: a row of one table refers to what comes
 * in, a row of another table to the first, each by foreign key. Exactly once, and whatever else is
 * not said is Kafka Streams' default.
 *
 * <p>The rows that refer are made when a key is first seen; a later record of the key passes both
 * joins.
 */
final class ForeignKeyJoins {

    private static final String SEEN = "seen";
    private static final String ID = "ce_id";
    private static final Serde<String> KEYS = Serdes.String();
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();

    private ForeignKeyJoins() {}

    /** The topics of the rows that refer, to be created beforehand. */
    static String referring(String from) {
        return from + ".referring";
    }

    static String referringToThose(String from) {
        return from + ".referring-to-those";
    }

    static void run(String servers, String from, String to, Path state) {
        var config = new Properties();
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench." + from);
        config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        var streams = new KafkaStreams(topology(from, to), config);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    static Topology topology(String from, String to) {
        var builder = new StreamsBuilder();
        builder.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(SEEN), KEYS, BYTES));
        var incoming = builder.stream(from, Consumed.with(KEYS, BYTES)).process(WithIdInValue::new);
        var fresh = incoming.process(FirstSeen::new, SEEN);
        fresh.map((key, _) -> KeyValue.pair("first " + key, key))
                .to(referring(from), Produced.with(KEYS, KEYS));
        fresh.map((key, _) -> KeyValue.pair("second " + key, "first " + key))
                .to(referringToThose(from), Produced.with(KEYS, KEYS));

        KTable<String, byte[]> referred = incoming.toTable(Materialized.with(KEYS, BYTES));
        KTable<String, byte[]> first =
                builder.table(referring(from), Consumed.with(KEYS, KEYS))
                        .join(
                                referred,
                                reference -> reference,
                                (_, value) -> value,
                                Materialized.with(KEYS, BYTES));
        KTable<String, byte[]> second =
                builder.table(referringToThose(from), Consumed.with(KEYS, KEYS))
                        .join(
                                first,
                                reference -> reference,
                                (_, value) -> value,
                                Materialized.with(KEYS, BYTES));
        second.toStream().process(WithIdInHeader::new).to(to, Produced.with(KEYS, BYTES));
        return builder.build();
    }

    /** Joins do not keep headers; so the id of the command goes before the value. */
    private static final class WithIdInValue
            extends ContextualProcessor<String, byte[], String, byte[]> {

        @Override
        public void process(Record<String, byte[]> record) {
            byte[] id = record.headers().lastHeader(ID).value();
            byte[] both = Arrays.copyOf(id, id.length + 1 + record.value().length);
            both[id.length] = ' ';
            System.arraycopy(record.value(), 0, both, id.length + 1, record.value().length);
            context().forward(record.withValue(both));
        }
    }

    private static final class WithIdInHeader
            extends ContextualProcessor<String, byte[], String, byte[]> {

        @Override
        public void process(Record<String, byte[]> record) {
            byte[] both = record.value();
            int end = 0;
            while (both[end] != ' ') {
                end++;
            }
            record.headers().remove(ID).add(ID, Arrays.copyOf(both, end));
            context().forward(record.withValue(Arrays.copyOfRange(both, end + 1, both.length)));
        }
    }

    private static final class FirstSeen
            extends ContextualProcessor<String, byte[], String, byte[]> {

        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> seen = context().getStateStore(SEEN);
            byte[] mark = "x".getBytes(StandardCharsets.UTF_8);
            if (seen.putIfAbsent(record.key(), mark) == null) {
                context().forward(record);
            }
        }
    }
}
