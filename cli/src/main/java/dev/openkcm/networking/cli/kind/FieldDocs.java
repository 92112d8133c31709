package dev.openkcm.networking.cli.kind;

import java.util.List;
import java.util.Optional;

/** Where the documentation of fields comes from. */
@FunctionalInterface
public interface FieldDocs {

    /**
     * The field at a path below a kind, an empty path being the kind itself; empty when there is no
     * such field.
     */
    Optional<Described> describe(Kind kind, List<String> path);

    /** A field, its type in words, what it means, and what is in it. */
    record Described(String type, String doc, List<Field> fields) {
        public Described {
            fields = List.copyOf(fields);
        }
    }

    /** One field of an object. */
    record Field(String name, String type, String doc) {}
}
