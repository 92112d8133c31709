package dev.openkcm.networking.cli.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Kind;

/** One document of a file: a resource that is wanted, and where it was written. */
public record Manifest(
        Kind kind, String namespace, String name, ObjectNode document, String source) {

    /** The name in messages, as in {@code network/a}. */
    public String title() {
        return kind.singular() + "/" + name;
    }
}
