package dev.openkcm.networking.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.cli.kind.FieldDocs;
import dev.openkcm.networking.cli.kind.FieldDocs.Described;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AvroFieldDocsTest {
    private static final Kind NETWORK = Kinds.find("network").orElseThrow();
    private static final String SCHEMA =
            """
            {"type": "record", "name": "Network", "namespace": "n", "doc": "An isolated network.", "fields": [
              {"name": "spec", "doc": "What is wanted.", "type": {"type": "record", "name": "Spec", "fields": [
                {"name": "peer", "doc": "The peer.", "type": ["null", {"type": "record", "name": "Ref", "fields": [
                  {"name": "name", "type": "string", "doc": "Its name."}]}]},
                {"name": "others", "doc": "More peers.", "type": {"type": "array", "items": "n.Ref"}},
                {"name": "labels", "doc": "Labels.", "type": {"type": "map", "values": "string"}},
                {"name": "when", "doc": "A time.", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}}]}
            """;
    private final FieldDocs docs =
            new AvroFieldDocs(subject ->
                    Optional.ofNullable(
                            Map.of("openkcm.network.state.v1-value", SCHEMA).get(subject)));

    @Test
    void describesTheKindItself() {
        assertThat(docs.describe(NETWORK, List.of()))
                .get()
                .extracting(Described::doc)
                .isEqualTo("An isolated network.");
    }

    @Test
    void walksThroughOptionalsListsAndNamesUsedTwice() {
        assertThat(docs.describe(NETWORK, List.of("spec", "others", "name")))
                .contains(new Described("string", "Its name.", List.of()));
        assertThat(docs.describe(NETWORK, List.of("spec")).orElseThrow().fields())
                .extracting(FieldDocs.Field::type)
                .containsExactly("Ref", "[]Ref", "map of string", "time");
    }

    @Test
    void aFieldThatIsNotThereIsNotDescribed() {
        assertThat(docs.describe(NETWORK, List.of("spec", "nothing"))).isEmpty();
    }
}
