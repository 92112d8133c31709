package dev.openkcm.networking.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.schemas.common.v1.CommandResult;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkCommand;
import dev.openkcm.networking.schemas.network.v1.NetworkEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.PeeringIntent;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
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
        NEW_READS_OLD,
        BOTH
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

    static Stream<Contract> contracts() {
        return Stream.of(
                new Contract(NetworkCommand.getClassSchema(), Demand.NEW_READS_OLD),
                new Contract(NetworkInterfaceCommand.getClassSchema(), Demand.NEW_READS_OLD),
                new Contract(NetworkEvent.getClassSchema(), Demand.BOTH),
                new Contract(Network.getClassSchema(), Demand.BOTH),
                new Contract(NetworkInterfaceEvent.getClassSchema(), Demand.BOTH),
                new Contract(NetworkInterface.getClassSchema(), Demand.BOTH),
                new Contract(CommandResult.getClassSchema(), Demand.BOTH),
                new Contract(NetworkObservation.getClassSchema(), Demand.NEW_READS_OLD),
                new Contract(NetworkInterfaceObservation.getClassSchema(), Demand.NEW_READS_OLD),
                new Contract(PeeringIntent.getClassSchema(), Demand.NEW_READS_OLD),
                new Contract(AddressClaim.getClassSchema(), Demand.NEW_READS_OLD));
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
            if (contract.demand() == Demand.BOTH) {
                assertThat(canRead(old, contract.schema())).isEqualTo("COMPATIBLE");
            }
        }
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
