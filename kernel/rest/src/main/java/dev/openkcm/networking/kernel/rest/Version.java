package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.rest.Change.Facts;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A resource as a record of the state topic has it, read when somebody first wants to know: while
 * nobody watches, nobody does.
 */
final class Version {

    private static final Logger LOG = LoggerFactory.getLogger(Version.class);

    private final Function<byte[], ObjectNode> reader;
    private byte @Nullable [] unread;
    private @Nullable Facts facts;
    private String document = "";

    Version(byte[] bytes, Function<byte[], ObjectNode> reader) {
        this.unread = bytes;
        this.reader = reader;
    }

    /** Null when the record can't be read. */
    synchronized @Nullable Facts facts() {
        read();
        return facts;
    }

    /** In JSON; empty when the record can't be read. */
    synchronized String document() {
        read();
        return document;
    }

    private void read() {
        byte[] bytes = unread;
        if (bytes == null) {
            return;
        }
        unread = null;
        try {
            var json = reader.apply(bytes);
            document = json.toString();
            facts = Facts.of(json);
        } catch (RuntimeException foreign) {
            LOG.warn("A record of a state can't be told to watchers", foreign);
        }
    }
}
