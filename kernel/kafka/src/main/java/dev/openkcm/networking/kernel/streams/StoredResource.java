package dev.openkcm.networking.kernel.streams;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row of a resource in the deciding store: its state as published, and the answers that were
 * given to the last commands, by which a retry is recognised.
 *
 * @param state the bytes of the state topic; null while there is no resource
 * @param touchedAt when the row was last written; rows without a resource expire by it
 * @param answers oldest first
 */
record StoredResource(
        byte @Nullable [] state, Instant lastEventAt, Instant touchedAt, List<Answer> answers) {

    /** How many answers are remembered per key: a retry later than that is decided anew. */
    static final int REMEMBERED = 64;

    /** Answers with many causes are long; together they must stay far below the record limit. */
    private static final int REMEMBERED_BYTES = 64 * 1024;

    private static final byte VERSION = 1;

    static final StoredResource NONE =
            new StoredResource(null, Instant.EPOCH, Instant.EPOCH, List.of());

    /**
     * One answer.
     *
     * @param result the bytes of the results topic
     */
    record Answer(String commandId, byte[] result) {
        int size() {
            return commandId.length() + result.length;
        }
    }

    StoredResource {
        answers = Collections.unmodifiableList(answers);
    }

    Optional<byte[]> answerTo(String commandId) {
        for (Answer answer : answers) {
            if (answer.commandId.equals(commandId)) {
                return Optional.of(answer.result);
            }
        }
        return Optional.empty();
    }

    /** The row after a command was answered. */
    StoredResource with(
            byte @Nullable [] newState, Instant newLastEventAt, Instant now, Answer answer) {
        var remembered = new ArrayList<Answer>(answers.size() + 1);
        remembered.addAll(answers);
        remembered.add(answer);
        int size = 0;
        for (Answer one : remembered) {
            size += one.size();
        }
        int dropped = 0;
        while (remembered.size() - dropped > REMEMBERED
                || (size > REMEMBERED_BYTES && remembered.size() - dropped > 1)) {
            size -= remembered.get(dropped++).size();
        }
        return new StoredResource(
                newState, newLastEventAt, now, remembered.subList(dropped, remembered.size()));
    }

    /** The row after an observation. */
    StoredResource with(byte @Nullable [] newState, Instant newLastEventAt, Instant now) {
        return new StoredResource(newState, newLastEventAt, now, answers);
    }

    byte[] toBytes() {
        var bytes = new ByteArrayOutputStream(256);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(lastEventAt.toEpochMilli());
            out.writeLong(touchedAt.toEpochMilli());
            writeBytes(out, state);
            out.writeShort(answers.size());
            for (Answer answer : answers) {
                out.writeUTF(answer.commandId);
                writeBytes(out, answer.result);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void writeBytes(DataOutputStream out, byte @Nullable [] bytes)
            throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    static StoredResource fromBytes(byte @Nullable [] bytes) {
        if (bytes == null) {
            return NONE;
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalStateException(
                        "the deciding store has rows of version %d, this build knows %d"
                                .formatted(version, VERSION));
            }
            var lastEventAt = Instant.ofEpochMilli(in.readLong());
            var touchedAt = Instant.ofEpochMilli(in.readLong());
            var state = readBytes(in);
            int count = in.readShort();
            var answers = new ArrayList<Answer>(count);
            for (int i = 0; i < count; i++) {
                String commandId = in.readUTF();
                var result = readBytes(in);
                answers.add(new Answer(commandId, result == null ? new byte[0] : result));
            }
            return new StoredResource(state, lastEventAt, touchedAt, answers);
        } catch (IOException corrupt) {
            throw new UncheckedIOException("a row of the deciding store is corrupt", corrupt);
        }
    }

    private static byte @Nullable [] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }
}
