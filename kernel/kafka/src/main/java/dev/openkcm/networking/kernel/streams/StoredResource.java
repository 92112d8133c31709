package dev.openkcm.networking.kernel.streams;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row of a resource in the deciding store: its state as published, and the answers that were
 * given to the last commands, by which a retry is recognised.
 *
 * <p>The answers stay the bytes they are in the row: a command looks through them and adds one, and
 * most are never read.
 *
 * @param state the bytes of the state topic; null while there is no resource
 * @param touchedAt when the row was last written; rows without a resource expire by it
 */
record StoredResource(
        byte @Nullable [] state, Instant lastEventAt, Instant touchedAt, Answers answers) {

    /** How many answers are remembered per key: a retry later than that is decided anew. */
    static final int REMEMBERED = 64;

    /** Answers with many causes are long; together they must stay far below the record limit. */
    private static final int REMEMBERED_BYTES = 64 * 1024;

    private static final byte VERSION = 1;

    static final StoredResource NONE =
            new StoredResource(null, Instant.EPOCH, Instant.EPOCH, Answers.NONE);

    /**
     * One answer.
     *
     * @param result the bytes of the results topic
     */
    record Answer(String commandId, byte[] result) {}

    /**
     * Answers, oldest first, each as the length of the command id in two bytes, the id, the length
     * of the result in four, and the result.
     */
    record Answers(byte[] bytes, int count) {

        private static final int LENGTHS = Short.BYTES + Integer.BYTES;

        static final Answers NONE = new Answers(new byte[0], 0);

        Optional<byte[]> to(String commandId) {
            byte[] wanted = commandId.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < bytes.length; at = next(at)) {
                int id = at + Short.BYTES;
                int length = idLength(at);
                if (Arrays.equals(bytes, id, id + length, wanted, 0, wanted.length)) {
                    return Optional.of(
                            Arrays.copyOfRange(bytes, id + length + Integer.BYTES, next(at)));
                }
            }
            return Optional.empty();
        }

        Answers with(Answer answer) {
            byte[] id = answer.commandId.getBytes(StandardCharsets.UTF_8);
            int added = LENGTHS + id.length + answer.result.length;
            int from = 0;
            int left = count;
            while (left > 0
                    && (left >= REMEMBERED || bytes.length - from + added > REMEMBERED_BYTES)) {
                from = next(from);
                left--;
            }
            var all = ByteBuffer.allocate(bytes.length - from + added);
            all.put(bytes, from, bytes.length - from);
            all.putShort((short) id.length).put(id);
            all.putInt(answer.result.length).put(answer.result);
            return new Answers(all.array(), left + 1);
        }

        private int next(int at) {
            int result = at + Short.BYTES + idLength(at);
            return result + Integer.BYTES + ByteBuffer.wrap(bytes).getInt(result);
        }

        private int idLength(int at) {
            return ByteBuffer.wrap(bytes).getShort(at);
        }
    }

    Optional<byte[]> answerTo(String commandId) {
        return answers.to(commandId);
    }

    /** The row after a command was answered. */
    StoredResource with(
            byte @Nullable [] newState, Instant newLastEventAt, Instant now, Answer answer) {
        return new StoredResource(newState, newLastEventAt, now, answers.with(answer));
    }

    /** The row after an observation. */
    StoredResource with(byte @Nullable [] newState, Instant newLastEventAt, Instant now) {
        return new StoredResource(newState, newLastEventAt, now, answers);
    }

    byte[] toBytes() {
        int stateLength = state == null ? 0 : state.length;
        var row =
                ByteBuffer.allocate(
                        1
                                + 2 * Long.BYTES
                                + Integer.BYTES
                                + stateLength
                                + Short.BYTES
                                + answers.bytes.length);
        row.put(VERSION);
        row.putLong(lastEventAt.toEpochMilli());
        row.putLong(touchedAt.toEpochMilli());
        row.putInt(state == null ? -1 : stateLength);
        if (state != null) {
            row.put(state);
        }
        row.putShort((short) answers.count);
        row.put(answers.bytes);
        return row.array();
    }

    static StoredResource fromBytes(byte @Nullable [] bytes) {
        if (bytes == null) {
            return NONE;
        }
        var row = ByteBuffer.wrap(bytes);
        int version = row.get();
        if (version != VERSION) {
            throw new IllegalStateException(
                    "the deciding store has rows of version %d, this build knows %d"
                            .formatted(version, VERSION));
        }
        var lastEventAt = Instant.ofEpochMilli(row.getLong());
        var touchedAt = Instant.ofEpochMilli(row.getLong());
        int length = row.getInt();
        byte[] state = null;
        if (length >= 0) {
            state = new byte[length];
            row.get(state);
        }
        int count = row.getShort();
        byte[] answers = new byte[row.remaining()];
        row.get(answers);
        return new StoredResource(state, lastEventAt, touchedAt, new Answers(answers, count));
    }
}
