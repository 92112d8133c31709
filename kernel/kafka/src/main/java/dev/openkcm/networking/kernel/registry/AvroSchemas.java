package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.FastReaderBuilder;

/** What this package does with schemas apart from registering them. */
final class AvroSchemas {

    /** Our own, since anyone may add conversions to the one of the process. */
    static final GenericData GENERIC = new GenericData();

    private AvroSchemas() {}

    /** Returns the schema as it was before the Java code generator marked its strings. */
    static Schema withoutJavaProperties(Schema schema) {
        try {
            var tree = RegistryHttp.JSON.readTree(schema.toString());
            removeStringType(tree);
            return new Schema.Parser().parse(tree.toString());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void removeStringType(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(GenericData.STRING_PROP);
        }
        node.forEach(AvroSchemas::removeStringType);
    }

    /** Returns a reader of records as they were written. */
    static <T> DatumReader<T> genericReader(Schema writer) throws IOException {
        if (writer.getType() != Schema.Type.RECORD) {
            throw new AvroTypeException(
                    "written as %s, not as a record".formatted(writer.getType().getName()));
        }
        return reader(GENERIC, writer, writer);
    }

    /**
     * Returns a reader that many threads can share.
     *
     * <p>Avro's fast readers are immutable once built, but a builder, which a {@link GenericData}
     * has one of, is not safe for concurrent use: hence a builder per reader. Classes a schema
     * names for its strings are not instantiated, since a schema may come from anywhere.
     */
    @SuppressWarnings("unchecked")
    static <T> DatumReader<T> reader(GenericData data, Schema writer, Schema reader)
            throws IOException {
        if (data.isFastReaderEnabled()) {
            return new FastReaderBuilder(data)
                    .withClassPropEnabled(false)
                    .withKeyClassEnabled(false)
                    .createDatumReader(writer, reader);
        }
        return (DatumReader<T>) data.createDatumReader(writer, reader);
    }
}
