package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.CommandHandler.Handled;
import dev.openkcm.networking.kernel.CommandResult;
import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.streams.CommandDecoder.Decoded.Refused;
import dev.openkcm.networking.kernel.streams.CommandDecoder.Decoded.Understood;
import dev.openkcm.networking.kernel.streams.CommandDecoder.Decoded.Unreadable;
import dev.openkcm.networking.kernel.streams.StoredResource.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides commands and takes in observations for the resources of one partition.
 *
 * <p>The row of a resource is read and written in the same call, so the next command for the same
 * key sees this one's effect; row, events, state, result and input offset commit in one
 * transaction. Everything that can fail on a record's account happens before the first write, and
 * ends as an answer and a dead letter.
 */
final class CommandProcessor<S, C, E> implements Processor<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(CommandProcessor.class);

    /** How long a retry is recognised of a command whose resource is gone. */
    private static final Duration FORGET_AFTER = Duration.ofHours(24);

    private static final int FORGOTTEN_AT_ONCE = 1_000;
    private static final int DUE_AT_ONCE = 1_000;

    static final String ORIGIN = "openkcm-origin";

    private final Kind<S, C, E> kind;
    private final CommandHandler<S, C, E> handler;
    private final CommandDecoder<S, C, E> decoder;
    private final @Nullable Surroundings<S, C, E> surroundings;
    private final DecideTopology.Wire wire;
    private final Supplier<UUID> uids;
    private final Map<String, Serializer<SpecificRecord>> outboxes = new HashMap<>();
    private final Map<String, Surroundings.Input<C>> inputs = new HashMap<>();
    private final RecordKeys keys;

    @SuppressWarnings("NullAway.Init") // Set by init(), which Streams calls before process().
    private ProcessorContext<byte[], byte[]> context;

    @SuppressWarnings("NullAway.Init")
    private KeyValueStore<String, byte[]> resources;

    @SuppressWarnings("NullAway.Init")
    private KeyValueStore<String, byte[]> departed;

    @SuppressWarnings("NullAway.Init")
    private DecideMetrics metrics;

    private Headers causeHeaders = new RecordHeaders();

    CommandProcessor(
            Kind<S, C, E> kind,
            Surroundings.@Nullable Recipe<S, C, E> recipe,
            DecideTopology.Wire wire,
            Supplier<UUID> uids) {
        this.kind = kind;
        this.keys = RecordKeys.of(kind);
        this.handler = new CommandHandler<>(kind.decider());
        this.decoder = new CommandDecoder<>(kind, wire.serdes(), wire.maxCommandBytes());
        this.surroundings = recipe == null ? null : recipe.create();
        this.wire = wire;
        this.uids = uids;
        if (recipe != null) {
            recipe.targets().forEach(t -> outboxes.put(t.topic(), wire.serializer(t.type())));
            recipe.inputs().forEach(i -> inputs.put(i.topic(), i));
        }
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.resources = context.getStateStore(DecideTopology.resourcesStore(kind));
        this.departed = Part.of(resources, "departed");
        this.metrics = new DecideMetrics(kind, context);
        if (surroundings != null) {
            surroundings.open(
                    word -> Part.of(resources, word),
                    context.taskId().partition(),
                    wire.partitions());
        }
        context.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, this::everySecond);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        var metadata = context.recordMetadata().orElseThrow();
        causeHeaders = record.headers();
        var input = inputs.get(metadata.topic());
        if (metadata.topic().equals(kind.observations())) {
            observe(record);
        } else if (input != null) {
            take(input, record);
        } else if (isMisplaced(record, metadata)) {
            reroute(record, metadata);
        } else {
            command(record, metadata);
        }
    }

    /**
     * Clients built on librdkafka hash keys with CRC32 where Java clients use murmur2; a resource
     * must be decided on one partition only.
     */
    private boolean isMisplaced(Record<byte[], byte[]> record, RecordMetadata metadata) {
        return record.key() != null
                && Utils.toPositive(Utils.murmur2(record.key())) % wire.partitions()
                        != metadata.partition();
    }

    private void reroute(Record<byte[], byte[]> record, RecordMetadata metadata) {
        record.headers()
                .remove(ORIGIN)
                .add(ORIGIN, origin(record, metadata).getBytes(StandardCharsets.UTF_8));
        context.forward(record, DecideTopology.TO_REROUTED);
    }

    /** Topic, partition and offset that the sender wrote the record to. */
    private String origin(Record<byte[], byte[]> record, RecordMetadata metadata) {
        String here = metadata.topic() + "-" + metadata.partition() + "-" + metadata.offset();
        return metadata.topic().equals(kind.rerouted())
                ? CloudEventHeaders.text(record.headers(), ORIGIN)
                        .filter(place -> place.matches(".+-[0-9]+-[0-9]+"))
                        .orElse(here)
                : here;
    }

    private void command(Record<byte[], byte[]> record, RecordMetadata metadata) {
        var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        String origin = origin(record, metadata);
        CommandDecoder.Decoded<C> decoded;
        try {
            decoded =
                    decoder.decode(
                            record.key(),
                            record.value(),
                            record.headers(),
                            origin,
                            now,
                            uids.get());
        } catch (RuntimeException bug) {
            if (SchemaRegistryException.isUnavailable(bug)) {
                throw bug; // The application starts anew, and tries again.
            }
            LOG.error("A command at {} can't be decoded because of a bug", origin, bug);
            decoded =
                    new Refused<>(
                            origin, Rejection.internalError("the command can't be decoded"), true);
        }
        switch (decoded) {
            case Understood<C>(var command) -> decide(command, record, origin);
            case Refused<C>(var id, var rejection, var poison) -> {
                if (poison) {
                    deadLetter(record, origin, rejection.message());
                }
                reply(record, CommandResult.rejected(id, rejection, now));
            }
            case Unreadable<C>(var reason) -> deadLetter(record, origin, reason);
        }
    }

    private void decide(Command<C> command, Record<byte[], byte[]> record, String origin) {
        String key = command.key().toString();
        var row = StoredResource.fromBytes(resources.get(key));
        var stored = row.answerTo(command.id());
        if (stored.isPresent()) {
            forwardResult(record.key(), stored.get(), command.id(), command.at());
            metrics.retried();
            return;
        }
        Handled<S, E> handled;
        try {
            var state = state(row);
            var completed = completed(command, state);
            handled = handler.handle(new Snapshot<>(state, row.lastEventAt()), completed);
        } catch (RuntimeException bug) {
            LOG.error("A command for {} can't be decided because of a bug", key, bug);
            deadLetter(record, origin, "the command can't be decided: " + bug);
            var rejection = Rejection.internalError("the command can't be decided; see the logs");
            reply(record, CommandResult.rejected(command.id(), rejection, command.at()));
            return;
        }
        var result = handled.result();
        if (result == null) {
            throw new IllegalStateException("a command was not answered");
        }
        byte[] resultBytes = serialize(kind.results(), wire.results(), answer(record, result));
        if (!command.dryRun()) {
            byte[] state = publish(key, row, handled);
            save(
                    key,
                    row.with(
                            state,
                            handled.snapshot().lastEventAt(),
                            command.at(),
                            new Answer(command.id(), resultBytes)));
        }
        forwardResult(record.key(), resultBytes, command.id(), command.at());
        metrics.answered(result.outcome());
    }

    private void observe(Record<byte[], byte[]> record) {
        var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        foreign(kind.observations(), keys, kind.codec().observationType(), record)
                .ifPresent(read -> {
                    SpecificRecord envelope = read.value();
                    if (envelope == null) {
                        return; // Nobody observes nothing.
                    }
                    var observation = (SpecificRecord) get(envelope, "observation");
                    String causedBy = (String) get(envelope, "causedBy");
                    apply(read.key(), causedBy, kind.codec().observation(observation), now);
                });
    }

    /** A record of another owner, which concerns a resource of this partition or none. */
    private void take(Surroundings.Input<C> input, Record<byte[], byte[]> record) {
        var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        foreign(input.topic(), input.keys(), input.type(), record)
                .ifPresent(read -> {
                    String causedBy =
                            CloudEventHeaders.text(record.headers(), CloudEventHeaders.ID)
                                    .orElse(input.topic() + "/" + read.key());
                    input.reader()
                            .read(read.key(), read.value())
                            .ifPresent(told ->
                                    apply(told.key().toString(), causedBy, told.payload(), now));
                });
    }

    /** What another application wrote. */
    private record Foreign(String key, @Nullable SpecificRecord value) {}

    /** Empty when nobody can ever read it; thrown when it only can't be read now. */
    private Optional<Foreign> foreign(
            String topic,
            RecordKeys itsKeys,
            Class<? extends SpecificRecord> type,
            Record<byte[], byte[]> record) {
        try {
            String key = itsKeys.deserialize(topic, record.key());
            return Optional.of(
                    new Foreign(
                            key,
                            record.value() == null
                                    ? null
                                    : wire.deserializer(type).deserialize(topic, record.value())));
        } catch (SerializationException unreadable) {
            if (SchemaRegistryException.isUnavailable(unreadable)) {
                throw unreadable;
            }
            LOG.error("A record on {} can't be read and is set aside", topic, unreadable);
            return Optional.empty();
        }
    }

    private void apply(String key, String causedBy, C payload, Instant now) {
        var row = StoredResource.fromBytes(resources.get(key));
        var state = state(row);
        var command =
                new Command<>(
                        causedBy,
                        ResourceKey.parse(key),
                        null,
                        false,
                        now,
                        uids.get(),
                        null,
                        payload);
        var handled =
                handler.observe(
                        new Snapshot<>(state, row.lastEventAt()), completed(command, state));
        if (!handled.events().isEmpty()) {
            byte[] newState = publish(key, row, handled);
            save(key, row.with(newState, handled.snapshot().lastEventAt(), now));
        }
    }

    private Command<C> completed(Command<C> command, S state) {
        if (surroundings == null) {
            return command;
        }
        return new Command<>(
                command.id(),
                command.key(),
                command.expectedResourceVersion(),
                command.dryRun(),
                command.at(),
                command.newUid(),
                command.actor(),
                surroundings.complete(command.key(), state, command.payload(), command.at()));
    }

    private S state(StoredResource row) {
        return row.state() == null
                ? kind.decider().absent()
                : kind.codec().state(wire.states(kind).deserialize(kind.state(), row.state()));
    }

    /** Sends events and state; returns the bytes of the state, null when the resource is gone. */
    private byte @Nullable [] publish(String key, StoredResource row, Handled<S, E> handled) {
        if (handled.events().isEmpty()) {
            return row.state();
        }
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        for (Event<E> event : handled.events()) {
            var avro = kind.codec().event(event);
            var type = ((SpecificRecord) get(avro, "event")).getSchema().getName();
            forward(
                    DecideTopology.TO_EVENTS,
                    keyBytes,
                    serialize(kind.events(), wire.serializer(kind.codec().eventType()), avro),
                    headers(type, event.id(), key, event.time(), event.causedBy()),
                    event.time());
        }
        var last = handled.events().getLast();
        var after = handled.snapshot().state();
        boolean gone = kind.decider().meta(after) == null;
        byte[] state =
                gone
                        ? null
                        : serialize(
                                kind.state(),
                                wire.serializer(kind.codec().stateType()),
                                kind.codec().state(after));
        forward(
                DecideTopology.TO_STATE,
                keyBytes,
                state,
                headers(kind.name(), last.id() + "/state", key, last.time(), last.causedBy()),
                last.time());
        if (surroundings != null) {
            surroundings.happened(handled.before(), after, handled.events(), this::sendOut);
        }
        metrics.happened(handled.events().size());
        return state;
    }

    private void sendOut(String topic, String key, @Nullable SpecificRecord value, Event<?> cause) {
        var serializer = outboxes.get(topic);
        if (serializer == null) {
            throw new IllegalStateException(topic + " is not among the targets");
        }
        String type = value == null ? "Tombstone" : value.getSchema().getName();
        forward(
                DecideTopology.to(topic),
                key.getBytes(StandardCharsets.UTF_8),
                value == null ? null : serialize(topic, serializer, value),
                headers(type, cause.id() + "/" + key, key, cause.time(), cause.id()),
                cause.time());
    }

    private void save(String key, StoredResource row) {
        resources.put(key, row.toBytes());
        if (row.state() == null) {
            departed.put(departure(row.touchedAt()) + key, new byte[0]);
        }
    }

    /** Sorts like the time. */
    private static String departure(Instant time) {
        return HexFormat.of().toHexDigits(time.toEpochMilli()) + " ";
    }

    private void everySecond(long nowMillis) {
        causeHeaders = new RecordHeaders();
        var now = Instant.ofEpochMilli(nowMillis);
        doDue(now);
        forgetDeparted(now);
    }

    /** A bounded number at once, so that commands are not held up. */
    private void doDue(Instant now) {
        for (int i = 0; surroundings != null && i < DUE_AT_ONCE; i++) {
            var due = surroundings.due(now);
            if (due.isEmpty()) {
                return;
            }
            apply(due.get().key().toString(), due.get().causedBy(), due.get().payload(), now);
        }
    }

    /** By the clock and by the log: an instance whose clock is ahead must not forget too early. */
    private void forgetDeparted(Instant now) {
        long logTime = context.currentStreamTimeMs();
        var before =
                Instant.ofEpochMilli(Math.min(now.toEpochMilli(), logTime)).minus(FORGET_AFTER);
        if (before.isBefore(Instant.EPOCH)) {
            return; // Nothing was read yet.
        }
        try (var oldest = departed.range(null, departure(before))) {
            for (int i = 0; oldest.hasNext() && i < FORGOTTEN_AT_ONCE; i++) {
                String entry = oldest.next().key;
                String key = entry.substring(departure(now).length());
                var row = StoredResource.fromBytes(resources.get(key));
                if (row.state() == null && !row.touchedAt().isAfter(before)) {
                    resources.delete(key);
                }
                departed.delete(entry);
            }
        }
    }

    private void deadLetter(Record<byte[], byte[]> record, String origin, String error) {
        var headers = new RecordHeaders(record.headers().toArray());
        int offset = origin.lastIndexOf('-');
        int partition = origin.lastIndexOf('-', offset - 1);
        CloudEventHeaders.put(headers, "openkcm-dead-letter-topic", origin.substring(0, partition));
        CloudEventHeaders.put(
                headers, "openkcm-dead-letter-partition", origin.substring(partition + 1, offset));
        CloudEventHeaders.put(headers, "openkcm-dead-letter-offset", origin.substring(offset + 1));
        CloudEventHeaders.put(headers, "openkcm-dead-letter-error", error);
        context.forward(
                new Record<>(record.key(), record.value(), record.timestamp(), headers),
                DecideTopology.TO_DEAD_LETTERS);
        metrics.deadLettered();
    }

    private dev.openkcm.networking.schemas.common.v1.CommandResult answer(
            Record<byte[], byte[]> record, CommandResult result) {
        String key = CommandDecoder.utf8(record.key());
        return ResultCodec.toAvro(kind, key == null ? "" : key, result);
    }

    private void reply(Record<byte[], byte[]> record, CommandResult result) {
        byte[] bytes = serialize(kind.results(), wire.results(), answer(record, result));
        forwardResult(record.key(), bytes, result.commandId(), result.time());
        metrics.answered(result.outcome());
    }

    private void forwardResult(byte[] key, byte[] result, String commandId, Instant now) {
        String subject = new String(key, StandardCharsets.UTF_8);
        var headers = headers("CommandResult", commandId + "/result", subject, now, commandId);
        var replyTo = causeHeaders.lastHeader(CloudEventHeaders.REPLY_TO);
        if (replyTo != null) {
            headers.add(replyTo);
            forward(DecideTopology.TO_REPLIES, key, result, headers, now);
        }
        forward(DecideTopology.TO_RESULTS, key, result, headers, now);
    }

    private Headers headers(String type, String id, String subject, Instant time, String causedBy) {
        return CloudEventHeaders.of(kind.entity(), type, id, subject, time, causedBy, causeHeaders);
    }

    private void forward(
            String child, byte[] key, byte @Nullable [] value, Headers headers, Instant time) {
        context.forward(new Record<>(key, value, time.toEpochMilli(), headers), child);
    }

    private static byte[] serialize(
            String topic, Serializer<SpecificRecord> serializer, SpecificRecord value) {
        return serializer.serialize(topic, value);
    }

    @SuppressWarnings("NullAway") // A field of every envelope; the schema test holds this.
    private static Object get(IndexedRecord record, String field) {
        return record.get(record.getSchema().getField(field).pos());
    }
}
