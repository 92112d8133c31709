package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Reads values off records by path, whatever version of the schema they were written with. */
final class Values {
    private Values() {}

    /** The value at a path such as {@code spec.networkRef.name}; null where the path ends early. */
    static @Nullable Object at(@Nullable GenericRecord record, String path) {
        Object now = record;
        for (String field : path.split("\\.", -1)) {
            if (!(now instanceof GenericRecord here) || here.getSchema().getField(field) == null) {
                return null;
            }
            now = here.get(field);
        }
        return now;
    }

    /** The text at a path; empty where there is none. */
    static String text(@Nullable GenericRecord record, String path) {
        Object value = at(record, path);
        return value == null ? "" : value.toString();
    }

    /** The number at a path; -1 where there is none. */
    static long number(@Nullable GenericRecord record, String path) {
        return at(record, path) instanceof Number number ? number.longValue() : -1;
    }

    static boolean flag(@Nullable GenericRecord record, String path) {
        return Boolean.TRUE.equals(at(record, path));
    }

    static List<GenericRecord> records(@Nullable GenericRecord record, String path) {
        List<GenericRecord> found = new ArrayList<>();
        if (at(record, path) instanceof Collection<?> items) {
            items.forEach(item -> found.add((GenericRecord) item));
        }
        return found;
    }

    static List<String> texts(@Nullable GenericRecord record, String path) {
        List<String> found = new ArrayList<>();
        if (at(record, path) instanceof Collection<?> items) {
            items.forEach(item -> found.add(String.valueOf(item)));
        }
        return found;
    }

    static Map<String, String> map(@Nullable GenericRecord record, String path) {
        Map<String, String> found = new TreeMap<>();
        if (at(record, path) instanceof Map<?, ?> entries) {
            entries.forEach((key, value) -> found.put(key.toString(), String.valueOf(value)));
        }
        return found;
    }

    static String orElse(@Nullable String text, String otherwise) {
        return text == null || text.isEmpty() ? otherwise : text;
    }
}
