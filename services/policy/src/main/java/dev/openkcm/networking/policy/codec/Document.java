package dev.openkcm.networking.policy.codec;

import dev.openkcm.networking.kernel.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * A state document of another kind, read as it was written: fields that its owner has not, or not
 * yet, are empty.
 */
record Document(@Nullable GenericRecord record) {

    /** What is at a path of field names. */
    private @Nullable Object at(String path) {
        Object found = record;
        for (String field : path.split("\\.", -1)) {
            if (!(found instanceof GenericRecord here) || !here.hasField(field)) {
                return null;
            }
            found = here.get(field);
        }
        return found;
    }

    /** Empty when there is none. */
    String text(String path) {
        var found = at(path);
        return found == null ? "" : found.toString();
    }

    /** 0 when there is none. */
    long number(String path) {
        return at(path) instanceof Number number ? number.longValue() : 0;
    }

    Document part(String path) {
        return new Document(at(path) instanceof GenericRecord part ? part : null);
    }

    List<String> texts(String path) {
        var texts = new ArrayList<String>();
        if (at(path) instanceof Iterable<?> items) {
            items.forEach(item -> texts.add("" + item));
        }
        return texts;
    }

    List<Document> parts(String path) {
        var parts = new ArrayList<Document>();
        if (at(path) instanceof Iterable<?> items) {
            for (Object item : items) {
                if (item instanceof GenericRecord part) {
                    parts.add(new Document(part));
                }
            }
        }
        return parts;
    }

    SortedMap<String, String> map(String path) {
        var map = new TreeMap<String, String>();
        if (at(path) instanceof java.util.Map<?, ?> entries) {
            entries.forEach((key, value) -> map.put("" + key, "" + value));
        }
        return Meta.sorted(map);
    }
}
