package dev.openkcm.networking.cli.verify;

import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of a public topic.
 *
 * @param key null when there is none, or when it is not UTF-8
 * @param value what was written; null for a tombstone and for what is not Avro
 * @param unreadable why the value could not be decoded; null when it could, or when it is absent
 * @param bytes how long the value is; -1 when there is none
 */
public record LogRecord(
        String topic,
        int partition,
        long offset,
        Instant time,
        @Nullable String key,
        @Nullable GenericRecord value,
        @Nullable String unreadable,
        int bytes,
        Map<String, String> headers) {

    /** Printable characters without blanks, between single slashes. */
    private static final Pattern PARTS = Pattern.compile("[!-.0-~]+(?:/[!-.0-~]+)*+/?");

    /** No value at all, as opposed to one that can't be read. */
    boolean tombstone() {
        return bytes < 0;
    }

    /**
     * Whether the key is one that an owner writes: printable, with so many slashes between parts of
     * which only the last may be empty.
     */
    boolean keyed(int fewestSlashes, int mostSlashes) {
        if (key == null || !PARTS.matcher(key).matches()) {
            return false;
        }
        long slashes = key.chars().filter(character -> character == '/').count();
        return slashes >= fewestSlashes && slashes <= mostSlashes;
    }

    /** By which a person finds it again. */
    String place() {
        return topic + "-" + partition + "@" + offset;
    }

    /** By which ids of commands are derived. */
    String origin() {
        return topic + "-" + partition + "-" + offset;
    }
}
