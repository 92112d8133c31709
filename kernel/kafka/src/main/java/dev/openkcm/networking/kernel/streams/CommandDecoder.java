package dev.openkcm.networking.kernel.streams;

import static java.nio.charset.CodingErrorAction.REPORT;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.streams.ManifestReader.Manifest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * Turns a record of the commands topic into a command: a null value deletes, a value that starts
 * with <code>{</code> is a manifest, everything else must be Avro in the registry's wire format.
 */
final class CommandDecoder<S, C, E> {

    /** No key of a well-formed name is longer: 63 for the namespace, a slash, 253 for the name. */
    private static final int MAX_KEY = 320;

    private static final int MAX_COMMAND_ID = 200;

    /** What a record turned out to be. */
    sealed interface Decoded<C> {

        record Understood<C>(Command<C> command) implements Decoded<C> {}

        /**
         * It has a key, so its sender can be told.
         *
         * @param poison whether it could not even be decoded, so that people may want the bytes
         */
        record Refused<C>(String commandId, Rejection rejection, boolean poison)
                implements Decoded<C> {}

        /** Nobody can be told. */
        record Unreadable<C>(String reason) implements Decoded<C> {}
    }

    private final Kind<S, C, E> kind;
    private final int maxBytes;
    private final ManifestReader manifests;
    private final Deserializer<? extends SpecificRecord> avro;

    CommandDecoder(Kind<S, C, E> kind, SerdeFactory serdes, int maxBytes) {
        this.kind = kind;
        this.maxBytes = maxBytes;
        this.manifests = new ManifestReader(kind);
        Serde<? extends SpecificRecord> commands = serdes.of(kind.codec().commandType());
        this.avro = commands.deserializer();
    }

    /**
     * Reads one record; throws while the registry is away that has the schema of it.
     *
     * @param origin topic, partition and offset that the record was first written to
     */
    Decoded<C> decode(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            String origin,
            Instant now,
            UUID newUid) {
        if (key == null) {
            return new Decoded.Unreadable<>(
                    "the record has no key; it must be "
                            + (kind.naming().namespaced() ? "<namespace>/<name>" : "<name>"));
        }
        String text = utf8(key);
        if (text == null) {
            return new Decoded.Unreadable<>("the key is not UTF-8");
        }
        String id = CloudEventHeaders.text(headers, CloudEventHeaders.ID).orElse(origin);
        if (id.isEmpty() || id.length() > MAX_COMMAND_ID) {
            return poison(
                    origin,
                    "the header ce_id must have 1 to %d characters".formatted(MAX_COMMAND_ID));
        }
        if (value != null && value.length > maxBytes) {
            return new Decoded.Refused<>(
                    id,
                    Rejection.tooLarge(
                            "the command has %d bytes, at most %d are allowed"
                                    .formatted(value.length, maxBytes)),
                    true);
        }
        if (text.length() > MAX_KEY || (text.indexOf('/') >= 0) != kind.naming().namespaced()) {
            return poison(id, badKey(text));
        }
        ResourceKey resource;
        try {
            resource = ResourceKey.parse(text);
        } catch (IllegalArgumentException severalSlashes) {
            return poison(id, badKey(text));
        }
        var names = new Validation();
        names.key(resource, kind.naming() == Kind.Naming.SUBDOMAIN_IN_NAMESPACE);
        if (names.failed()) {
            return new Decoded.Refused<>(
                    id,
                    Rejection.invalid(kind.name() + " " + Texts.quoted(text), names.causes()),
                    false);
        }
        if (value == null) {
            return understood(id, resource, null, false, null, kind.codec().delete(), now, newUid);
        }
        return looksLikeJson(value)
                ? manifest(id, resource, value, now, newUid)
                : avro(id, resource, value, now, newUid);
    }

    private String badKey(String text) {
        return "the key of the record must be %s, but is %s"
                .formatted(
                        kind.naming().namespaced() ? "<namespace>/<name>" : "<name>",
                        Texts.quoted(text));
    }

    private static <C> Decoded<C> poison(String id, String message) {
        return new Decoded.Refused<>(id, Rejection.malformed(message), true);
    }

    private static boolean looksLikeJson(byte[] value) {
        for (byte b : value) {
            if (b == '{') {
                return true;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return false;
    }

    private Decoded<C> manifest(
            String id, ResourceKey resource, byte[] json, Instant now, UUID newUid) {
        return switch (manifests.read(json, resource)) {
            case Manifest.Read(SpecificRecord apply) ->
                    understood(
                            id,
                            resource,
                            null,
                            false,
                            null,
                            kind.codec().apply(apply),
                            now,
                            newUid);
            case Manifest.Refused(Rejection rejection) ->
                    new Decoded.Refused<>(id, rejection, rejection.causes().isEmpty());
        };
    }

    private Decoded<C> avro(
            String id, ResourceKey resource, byte[] value, Instant now, UUID newUid) {
        SpecificRecord envelope;
        try {
            envelope = avro.deserialize(kind.commands(), value);
        } catch (SerializationException undecodable) {
            if (SchemaRegistryException.isUnavailable(undecodable)) {
                throw undecodable; // The command may be fine: it waits for the registry.
            }
            return poison(id, "the command can't be decoded: " + undecodable.getMessage());
        }
        var action = (SpecificRecord) field(envelope, "action");
        var payload =
                kind.codec().applyType().isInstance(action)
                        ? kind.codec().apply(action)
                        : kind.codec().delete();
        var ownId = (String) field(envelope, "commandId");
        if (ownId != null && (ownId.isEmpty() || ownId.length() > MAX_COMMAND_ID)) {
            return poison(id, "commandId must have 1 to %d characters".formatted(MAX_COMMAND_ID));
        }
        return understood(
                ownId == null ? id : ownId,
                resource,
                (Long) field(envelope, "expectedResourceVersion"),
                Boolean.TRUE.equals(field(envelope, "dryRun")),
                (String) field(envelope, "actor"),
                payload,
                now,
                newUid);
    }

    @SuppressWarnings("NullAway") // A field of every command envelope; the schema test holds this.
    private static @Nullable Object field(IndexedRecord record, String name) {
        return record.get(record.getSchema().getField(name).pos());
    }

    private Decoded<C> understood(
            String id,
            ResourceKey resource,
            @Nullable Long expectedResourceVersion,
            boolean dryRun,
            @Nullable String actor,
            C payload,
            Instant now,
            UUID newUid) {
        return new Decoded.Understood<>(
                new Command<>(
                        id,
                        resource,
                        expectedResourceVersion,
                        dryRun,
                        now,
                        newUid,
                        actor,
                        payload));
    }

    static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(REPORT)
                    .onUnmappableCharacter(REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }
}
