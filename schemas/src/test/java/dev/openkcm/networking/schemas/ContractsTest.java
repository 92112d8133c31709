package dev.openkcm.networking.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.schemas.common.v1.OtherEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What was released stays readable. The files in {@code released/} are written once per released
 * version, as {@code <record>-<version>.avsc}, and never edited; this test writes what would be
 * recorded to {@code target/contracts}.
 */
class ContractsTest {

    private static final Path RELEASED = Path.of("src/test/resources/released");
    private static final Path PRESENT = Path.of("target/contracts");

    /** Which of the two, the new and the released schema, must be able to read the other's data. */
    private enum Demand {
        BACKWARD,
        FULL
    }

    private record Contract(Schema schema, Demand demand) {

        List<Schema> released() throws IOException {
            var schemas = new ArrayList<Schema>();
            try (Stream<Path> files = Files.list(RELEASED)) {
                for (Path file : files.sorted().toList()) {
                    if (file.getFileName().toString().startsWith(schema.getName() + "-")) {
                        schemas.add(new Schema.Parser().parse(Files.readString(file)));
                    }
                }
            }
            return schemas;
        }

        @Override
        public String toString() {
            return schema.getName();
        }
    }

    /** The schemas that say which contract they are: {@code "contract": "FULL"} or BACKWARD. */
    static List<Contract> contracts() throws IOException {
        var contracts = new ArrayList<Contract>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/avro"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".avsc")).sorted().toList()) {
                var json = new ObjectMapper().readTree(file.toFile());
                if (json.has("contract")) {
                    contracts.add(
                            new Contract(
                                    generated(json.get("namespace").asText(), json),
                                    Demand.valueOf(json.get("contract").asText())));
                }
            }
        }
        return contracts;
    }

    private static Schema generated(String namespace, JsonNode json) {
        try {
            var type = Class.forName(namespace + "." + json.get("name").asText());
            return SpecificData.get().getSchema(type);
        } catch (ClassNotFoundException notGenerated) {
            throw new IllegalStateException(notGenerated);
        }
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void isCompatibleWithEveryReleasedVersion(Contract contract) throws IOException {
        Files.createDirectories(PRESENT);
        Files.writeString(
                PRESENT.resolve(contract + "-1.avsc"), contract.schema().toString(true) + "\n");

        var released = contract.released();

        assertThat(released).isNotEmpty();
        for (Schema old : released) {
            assertThat(canRead(contract.schema(), old)).isEqualTo("COMPATIBLE");
            if (contract.demand() == Demand.FULL) {
                assertThat(canRead(old, contract.schema())).isEqualTo("COMPATIBLE");
            }
        }
    }

    static List<Contract> envelopesOfEvents() throws IOException {
        return contracts().stream()
                .filter(contract -> contract.schema().getField("event") != null)
                .toList();
    }

    /** Each type in a field of its own; earlier releases see that something happened. */
    @ParameterizedTest
    @MethodSource("envelopesOfEvents")
    void typesOfEventsCanBeAdded(Contract envelope) throws IOException {
        assertThat(envelope.schema().getField("event").schema().getTypes())
                .contains(OtherEvent.getClassSchema());
        var json = (ObjectNode) new ObjectMapper().readTree(envelope.schema().toString());
        ((ArrayNode) json.get("fields"))
                .add(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"name": "later", "default": null, "type": ["null",
                                          {"type": "record", "name": "Later", "fields": []}]}\
                                        """));
        var next = new Schema.Parser().parse(json.toString());

        assertThat(canRead(next, envelope.schema())).isEqualTo("COMPATIBLE");
        assertThat(canRead(envelope.schema(), next)).isEqualTo("COMPATIBLE");
    }

    private static String canRead(Schema reader, Schema writer) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        return result.getType() == SchemaCompatibilityType.COMPATIBLE
                ? "COMPATIBLE"
                : result.getResult().getIncompatibilities().toString();
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void explainsEveryRecordAndField(Contract contract) {
        explained(contract.schema(), new HashSet<>());
    }

    private static void explained(Schema schema, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
                    for (Schema.Field field : schema.getFields()) {
                        String name = schema.getFullName() + "." + field.name();
                        assertThat(field.doc()).as(name).isNotBlank();
                        explained(field.schema(), seen);
                    }
                }
            }
            case ENUM -> assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
            case ARRAY -> explained(schema.getElementType(), seen);
            case MAP -> explained(schema.getValueType(), seen);
            case UNION -> schema.getTypes().forEach(branch -> explained(branch, seen));
            default -> {}
        }
    }
}
