package dev.openkcm.networking.network.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Cause.Reason;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.ManifestReader;
import dev.openkcm.networking.kernel.streams.ManifestReader.Manifest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NetworkManifestTest {

    private final ManifestReader reader = new ManifestReader(NetworkTopology.kind("system"));

    private Manifest read(String spec) {
        String json =
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network", "spec": %s}\
                """
                        .formatted(spec);
        return reader.read(json.getBytes(StandardCharsets.UTF_8), new ResourceKey("ns", "a"));
    }

    @Test
    void whatCannotBeReadAndWhatBreaksRulesIsToldTogether() {
        var refused =
                (Manifest.Refused)
                        read(
                                """
                                {"cidr": "10.0.0.0/8", "peerings": [
                                  {"name": "p", "networkRef": {"name": "a"}},
                                  {"name": 7, "networkRef": {"name": "b"}},
                                  {"name": "p", "networkRef": ["c"]}]}\
                                """);

        assertThat(refused.rejection().causes())
                .extracting(Cause::reason, Cause::field)
                .containsExactly(
                        tuple(Reason.FieldValueForbidden, "spec.cidr"),
                        tuple(Reason.FieldValueInvalid, "spec.peerings[1].name"),
                        tuple(Reason.FieldValueInvalid, "spec.peerings[2].networkRef"),
                        tuple(Reason.FieldValueForbidden, "spec.peerings[0].networkRef"),
                        tuple(Reason.FieldValueDuplicate, "spec.peerings[2].name"));
    }

    @Test
    void whatGoesOnBehindTheDocumentIsRefusedInWordsOfTheUser() {
        var refused = (Manifest.Refused) read("{}} {");

        assertThat(refused.rejection().message())
                .isEqualTo("there is more than one document; send them one by one");
    }
}
