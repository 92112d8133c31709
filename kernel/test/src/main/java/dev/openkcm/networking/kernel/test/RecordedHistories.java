package dev.openkcm.networking.kernel.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.Decider;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.schemas.common.v1.OtherEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Histories as they were written by earlier versions: {@code <name>.avro} has the events of one
 * resource with the schema that they were written with, {@code <name>.json} the document after each
 * of them. Files are added with releases and never edited.
 */
public final class RecordedHistories {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RecordedHistories() {}

    /** Every history of the folder still means what it meant, and no type of event is missing. */
    public static void verify(Kind<?, ?, ?> kind, Path folder) throws IOException {
        var types = new TreeSet<String>();
        for (Path file : histories(folder)) {
            var events = read(kind, file);
            events.forEach(e -> types.add(payloadType(e)));
            var expected = JSON.readTree(sibling(file).toFile());
            assertThat(JSON.readTree(documents(kind, events)))
                    .as(file.getFileName().toString())
                    .isEqualTo(expected);
        }
        assertThat(types).containsExactlyInAnyOrderElementsOf(allTypes(kind));
    }

    /** Writes the history of a resource as it is to be recorded. */
    public static void write(Kind<?, ?, ?> kind, List<? extends SpecificRecord> events, Path file)
            throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        var schema = eventSchema(kind);
        try (var writer = new DataFileWriter<SpecificRecord>(new SpecificDatumWriter<>(schema))) {
            writer.create(schema, file.toFile());
            for (SpecificRecord event : events) {
                writer.append(event);
            }
        }
        Files.writeString(sibling(file), documents(kind, new ArrayList<>(events)));
    }

    private static List<Path> histories(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".avro")).sorted().toList();
        }
    }

    private static Path sibling(Path avro) {
        return avro.resolveSibling(avro.getFileName().toString().replace(".avro", ".json"));
    }

    private static List<SpecificRecord> read(Kind<?, ?, ?> kind, Path file) throws IOException {
        var events = new ArrayList<SpecificRecord>();
        var datum = new SpecificDatumReader<SpecificRecord>(eventSchema(kind));
        try (var reader = new DataFileReader<>(file.toFile(), datum)) {
            reader.forEach(events::add);
        }
        return events;
    }

    /** The document after each event; null where the resource is gone. */
    private static <S, C, E> String documents(Kind<S, C, E> kind, List<SpecificRecord> events) {
        Decider<S, C, E> decider = kind.decider();
        var documents = JsonNodeFactory.instance.arrayNode();
        S state = decider.absent();
        for (SpecificRecord record : events) {
            state = kind.evolve(state, record);
            if (decider.meta(state) == null) {
                documents.addNull();
            } else {
                documents.add(AvroJson.document(kind, kind.codec().state(state)));
            }
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(documents) + "\n";
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Schema eventSchema(Kind<?, ?, ?> kind) {
        var type = kind.codec().eventType();
        return new SpecificData(type.getClassLoader()).getSchema(type);
    }

    /** All that this release writes. */
    private static List<String> allTypes(Kind<?, ?, ?> kind) {
        return eventSchema(kind).getField("event").schema().getTypes().stream()
                .map(Schema::getName)
                .filter(type -> !type.equals(OtherEvent.getClassSchema().getName()))
                .toList();
    }

    private static String payloadType(SpecificRecord event) {
        var payload = (SpecificRecord) event.get(event.getSchema().getField("event").pos());
        return payload.getSchema().getName();
    }
}
