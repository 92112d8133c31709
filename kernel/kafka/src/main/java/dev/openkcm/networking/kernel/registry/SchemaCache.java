package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was learned from the registry, in memory and, when there is a file, on disk. */
final class SchemaCache {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaCache.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Registration(String subject, Schema schema) {}

    private final Optional<Path> file;
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private SchemaCache(Optional<Path> file) {
        this.file = file;
    }

    static SchemaCache open(Optional<Path> file) {
        var cache = new SchemaCache(file);
        file.filter(Files::exists).ifPresent(cache::load);
        return cache;
    }

    OptionalInt id(String subject, Schema schema) {
        var id = ids.get(new Registration(subject, schema));
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    Optional<Schema> schema(int id) {
        return Optional.ofNullable(schemas.get(id));
    }

    void put(String subject, Schema schema, int id) {
        ids.put(new Registration(subject, schema), id);
        put(id, schema);
    }

    void put(int id, Schema schema) {
        schemas.putIfAbsent(id, schema);
        file.ifPresent(this::save);
    }

    private void load(Path path) {
        try {
            var root = JSON.readTree(path.toFile());
            for (var entry : root.path("schemas").properties()) {
                var schema = new Schema.Parser().parse(entry.getValue().asText());
                schemas.put(Integer.parseInt(entry.getKey()), schema);
            }
            for (var entry : root.path("subjects")) {
                var schema = schemas.get(entry.path("id").asInt());
                if (schema != null) {
                    String subject = entry.path("subject").asText();
                    ids.put(new Registration(subject, schema), entry.path("id").asInt());
                }
            }
        } catch (IOException | AvroRuntimeException | NumberFormatException corrupt) {
            LOG.warn("{} can't be read and is ignored: {}", path, corrupt.getMessage());
            ids.clear();
            schemas.clear();
        }
    }

    /** Through a second file, so that a crash leaves the old or the new one, never half of one. */
    private synchronized void save(Path path) {
        var root = JSON.createObjectNode();
        var bySubject = root.putArray("subjects");
        ids.forEach((r, id) -> bySubject.addObject().put("subject", r.subject()).put("id", id));
        var byId = root.putObject("schemas");
        schemas.forEach((id, schema) -> byId.put(Integer.toString(id), schema.toString()));
        try {
            var folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            var next = path.resolveSibling(path.getFileName() + ".next");
            JSON.writeValue(next.toFile(), root);
            Files.move(
                    next,
                    path,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unwritable) {
            LOG.warn("{} can't be written: {}", path, unwritable.getMessage());
        }
    }
}
