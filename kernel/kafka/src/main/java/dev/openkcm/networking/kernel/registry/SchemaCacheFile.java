package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client knew when it last spoke to its registry, kept in a file.
 *
 * <p>The file is a memory aid, never needed: one that cannot be read, or that belongs to another
 * registry, is ignored with a warning, and so is a failure to write it.
 */
final class SchemaCacheFile {

    /** A schema under a subject: what an id is asked for by. */
    record Registration(String subject, Schema schema) {}

    /** Everything the file holds. */
    record Content(Map<Integer, Schema> schemas, Map<Registration, Integer> ids) {
        static final Content EMPTY = new Content(Map.of(), Map.of());

        Content {
            schemas = Map.copyOf(schemas);
            ids = Map.copyOf(ids);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(SchemaCacheFile.class);

    private final Path file;
    private final List<String> registry;

    SchemaCacheFile(Path file, List<URI> registry) {
        this.file = file.toAbsolutePath();
        this.registry = registry.stream().map(URI::toString).sorted().toList();
    }

    Content read() {
        if (!Files.exists(file)) {
            return Content.EMPTY;
        }
        try {
            var root = RegistryHttp.JSON.readTree(Files.readAllBytes(file));
            var writtenFor = root.path("registry").valueStream().map(JsonNode::asText).toList();
            if (!writtenFor.equals(registry)) {
                LOG.atWarn()
                        .addKeyValue("file", file)
                        .log("Ignoring the schema cache: it was not written for this registry");
                return Content.EMPTY;
            }
            return content(root);
        } catch (IOException | AvroRuntimeException | IllegalArgumentException unreadable) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", unreadable.getMessage())
                    .log("Ignoring the schema cache: it cannot be read");
            return Content.EMPTY;
        }
    }

    /** Replaces the file as a whole, so that a reader sees the old content or the new one. */
    void write(Content content) {
        var root = RegistryHttp.JSON.createObjectNode();
        registry.forEach(root.putArray("registry")::add);
        var schemas = root.putObject("schemas");
        content.schemas().forEach((id, schema) -> schemas.put(id.toString(), schema.toString()));
        var ids = root.putArray("ids");
        content.ids()
                .forEach((registration, id) ->
                        ids.addObject()
                                .put("subject", registration.subject())
                                .put("schema", registration.schema().toString())
                                .put("id", id));
        try {
            var directory = file.getParent();
            Files.createDirectories(directory);
            var next = Files.createTempFile(directory, file.getFileName() + ".", ".tmp");
            try {
                Files.write(next, RegistryHttp.JSON.writeValueAsBytes(root));
                Files.move(
                        next,
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(next);
            }
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", failure.toString())
                    .log("Cannot write the schema cache: a restart will need the registry");
        }
    }

    private static Content content(JsonNode root) {
        var schemas = new HashMap<Integer, Schema>();
        root.path("schemas")
                .propertyStream()
                .forEach(entry ->
                        schemas.put(
                                Integer.valueOf(entry.getKey()), parse(entry.getValue().asText())));
        var ids = new HashMap<Registration, Integer>();
        for (var entry : root.path("ids")) {
            if (!entry.path("id").isInt() || !entry.path("subject").isTextual()) {
                throw new IllegalArgumentException("an entry without subject or id");
            }
            ids.put(
                    new Registration(
                            entry.path("subject").asText(), parse(entry.path("schema").asText())),
                    entry.path("id").asInt());
        }
        return new Content(schemas, ids);
    }

    private static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }
}
