package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Texts;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of records that other applications write: parts between slashes, such as {@code
 * <namespace>/<name>}, none of them empty, of printable ASCII without blanks. Rows of stores put
 * blanks around keys, so a key that had one could be taken for another's.
 *
 * <p>Any other key is nobody's. It is refused with a {@link SerializationException}, and {@link
 * SetAside} passes the record over.
 */
public final class RecordKeys implements Deserializer<String> {

    private final int fewest;
    private final int most;

    private RecordKeys(int fewest, int most) {
        this.fewest = fewest;
        this.most = most;
    }

    public static RecordKeys ofParts(int parts) {
        return new RecordKeys(parts, parts);
    }

    public static RecordKeys ofParts(int fewest, int most) {
        return new RecordKeys(fewest, most);
    }

    /** Of the resources of a kind. */
    public static RecordKeys of(Kind<?, ?, ?> kind) {
        return ofParts(kind.naming().namespaced() ? 2 : 1);
    }

    @Override
    public String deserialize(String topic, byte @Nullable [] key) {
        if (key == null) {
            throw new SerializationException("a record on %s has no key".formatted(topic));
        }
        if (!wellFormed(key)) {
            throw new SerializationException(
                    "a key on %s must have %s non-empty parts between slashes, but is %s"
                            .formatted(
                                    topic,
                                    fewest == most ? fewest : fewest + " to " + most,
                                    shown(key)));
        }
        return new String(key, StandardCharsets.US_ASCII);
    }

    private boolean wellFormed(byte[] key) {
        int parts = 1;
        int length = 0;
        for (byte character : key) {
            if (character == '/') {
                if (length == 0) {
                    return false;
                }
                parts++;
                length = 0;
            } else if (character <= ' ' || character > '~') {
                return false;
            } else {
                length++;
            }
        }
        return length > 0 && parts >= fewest && parts <= most;
    }

    private static String shown(byte[] key) {
        return Texts.quoted(new String(key, StandardCharsets.UTF_8));
    }
}
