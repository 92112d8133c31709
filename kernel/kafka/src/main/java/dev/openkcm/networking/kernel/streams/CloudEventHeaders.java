package dev.openkcm.networking.kernel.streams;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The headers of every record written: CloudEvents 1.0 in binary mode, W3C trace context, and the
 * correlation attributes of the command that led to it.
 */
public final class CloudEventHeaders {

    public static final String ID = "ce_id";
    public static final String CAUSED_BY = "ce_causedby";
    public static final String REPLY_TO = "reply-to";

    private static final byte[] AVRO = "application/avro".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SPEC_VERSION = "1.0".getBytes(StandardCharsets.UTF_8);

    /** By entity, in small letters, or type, in camel case: as many as there are schemas. */
    private static final Map<String, byte[]> CONSTANTS = new ConcurrentHashMap<>();

    private static final Set<String> TRACE = Set.of("traceparent", "tracestate", "baggage");
    private static final Set<String> OWN =
            Set.of(
                    "ce_specversion",
                    ID,
                    "ce_source",
                    "ce_type",
                    "ce_time",
                    "ce_subject",
                    "ce_dataschema",
                    "ce_datacontenttype",
                    CAUSED_BY);

    private CloudEventHeaders() {}

    /** The last header of the name, as text. */
    public static Optional<String> text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    /**
     * The headers of a record that a command, with these headers, led to.
     *
     * @param entity the entity that the writing service owns
     * @param type the name of the Avro record, without package
     */
    public static Headers of(
            String entity,
            String type,
            String id,
            String subject,
            Instant time,
            @Nullable String causedBy,
            Headers cause) {
        var headers = new RecordHeaders();
        headers.add("ce_specversion", SPEC_VERSION);
        put(headers, ID, id);
        headers.add("ce_source", constant("/openkcm/", entity, ""));
        headers.add("ce_type", constant("dev.openkcm.networking.", type, ".v1"));
        headers.add("ce_time", Stamp.of(time));
        put(headers, "ce_subject", subject);
        headers.add("content-type", AVRO);
        if (causedBy != null) {
            put(headers, CAUSED_BY, causedBy);
        }
        passOn(cause, headers);
        return headers;
    }

    /** The same few values go with every record; nobody writes to the bytes of a header. */
    private static byte[] constant(String before, String name, String after) {
        byte[] known = CONSTANTS.get(name);
        if (known != null) {
            return known;
        }
        byte[] bytes = (before + name + after).getBytes(StandardCharsets.UTF_8);
        CONSTANTS.put(name, bytes);
        return bytes;
    }

    /** All records that one command leads to are of the same time. */
    private record Stamp(Instant time, byte[] text) {

        private static final ThreadLocal<@Nullable Stamp> LAST = new ThreadLocal<>();

        static byte[] of(Instant time) {
            var last = LAST.get();
            if (last == null || !last.time.equals(time)) {
                String text = time.truncatedTo(ChronoUnit.MILLIS).toString();
                last = new Stamp(time, text.getBytes(StandardCharsets.UTF_8));
                LAST.set(last);
            }
            return last.text;
        }
    }

    private static void passOn(Headers from, Headers to) {
        for (Header header : from) {
            String name = header.key();
            boolean extension = name.startsWith("ce_") && !OWN.contains(name);
            if (extension || TRACE.contains(name)) {
                to.add(header);
            }
        }
    }

    static void put(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
