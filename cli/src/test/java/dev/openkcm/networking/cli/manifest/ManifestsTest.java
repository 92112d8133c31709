package dev.openkcm.networking.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final String HEAD =
            "apiVersion: networking.OpenKCM.dev/v1alpha1\nkind: Network\n";

    @TempDir private Path folder;

    @Test
    void readsManyDocumentsOfOneStream() {
        Manifests manifests =
                read(
                        "---\n# nothing but a comment\n---\n"
                                + HEAD
                                + "metadata: {name: a}\n---\n"
                                + HEAD.replace("OpenKCM", "openkcm")
                                + "metadata: {name: b, namespace: shop}\nspec: {peerings: []}\n");

        assertThat(manifests.unreadable()).isEmpty();
        assertThat(manifests.readable())
                .extracting(Manifest::title)
                .containsExactly("network/a", "network/b");
        assertThat(manifests.readable())
                .extracting(Manifest::namespace)
                .containsExactly("default", "shop");
    }

    @Test
    void readsJsonAndLists() {
        Manifests manifests =
                read(
                        """
                        {"apiVersion": "v1", "kind": "List", "items": [
                          {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network", "metadata": {"name": "a"}},
                          {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "VirtualIP", "metadata": {"name": "b"}}]}
                        """);

        assertThat(manifests.readable())
                .extracting(Manifest::title)
                .containsExactly("network/a", "virtualip/b");
    }

    @Test
    void readsFoldersWithAllBelowThem() throws Exception {
        Files.createDirectories(folder.resolve("below"));
        Files.writeString(folder.resolve("below/b.yml"), HEAD + "metadata: {name: b}");
        Files.writeString(folder.resolve("a.yaml"), HEAD + "metadata: {name: a}");
        Files.writeString(folder.resolve("notes.txt"), "not: a manifest");

        Manifests manifests =
                Manifests.read(
                        List.of(folder.toString()),
                        new ByteArrayInputStream(new byte[0]),
                        "default");

        assertThat(manifests.unreadable()).isEmpty();
        assertThat(manifests.readable()).extracting(Manifest::name).containsExactly("a", "b");
    }

    @Test
    void oneBadDocumentDoesNotHideTheOthers() {
        Manifests manifests =
                read(
                        HEAD
                                + "metadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\n"
                                + HEAD
                                + "metadata: {}\n---\njust text\n---\n"
                                + HEAD
                                + "metadata: {name: b}\n");

        assertThat(manifests.readable()).extracting(Manifest::name).containsExactly("a", "b");
        assertThat(manifests.unreadable())
                .containsExactly(
                        "standard input: kind: Pod is not a kind of this platform",
                        "standard input: metadata.name: FieldValueRequired for a Network",
                        "standard input: a document is not an object with apiVersion, kind and metadata");
    }

    @Test
    void whatCannotBeParsedIsReportedWithItsLine() {
        assertThat(read(HEAD + "metadata: {name: a\n").unreadable())
                .singleElement()
                .asString()
                .startsWith("standard input: line ");
        assertThat(read(HEAD + "metadata: {name: a, name: b}\n").unreadable())
                .containsExactly("standard input: line 3: the key name appears twice");
    }

    @Test
    void aliasesAreExpanded() {
        Manifests manifests =
                read(
                        HEAD
                                + "metadata: {name: a, labels: &l {app: web}, annotations: {<<: *l, x: 'y'}}\n");

        assertThat(manifests.readable())
                .singleElement()
                .extracting(one -> one.document().at("/metadata/annotations").toString())
                .isEqualTo("{\"app\":\"web\",\"x\":\"y\"}");
    }

    @Test
    void aBombOfAliasesIsRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 12; level++) {
            String before = "*a" + (level - 1);
            bomb.append(
                    "a%d: &a%d [%s]\n"
                            .formatted(
                                    level,
                                    level,
                                    String.join(", ", Collections.nCopies(9, before))));
        }

        assertThat(read(bomb.toString()).unreadable())
                .singleElement()
                .asString()
                .contains("too large or too deep");
    }

    @Test
    void anAliasOfWhatItIsPartOfIsRefused() {
        assertThat(read("a: &a\n  b: *a\n").unreadable()).hasSize(1);
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(read("[".repeat(10_000)).unreadable()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "yes", "0x1F", "1_000", "12:30:45", "007", "2026-01-01", ".inf"})
    void wordsThatOnlyYamlTakesForSomethingElseStayWords(String word) {
        Manifests manifests = read(HEAD + "metadata: {name: a, labels: {x: " + word + "}}\n");

        assertThat(manifests.readable())
                .singleElement()
                .satisfies(one ->
                        assertThat(one.document().at("/metadata/labels/x").isTextual()).isTrue())
                .satisfies(one ->
                        assertThat(one.document().at("/metadata/labels/x").asText())
                                .isEqualTo(word));
    }

    @Test
    void numbersAndBooleansStayWhatTheyAre() {
        Manifests manifests =
                read(
                        HEAD
                                + "metadata: {name: a}\nspec: {i: 443, f: 1.5, t: true, n: null, s: \"443\"}\n");

        assertThat(manifests.readable().getFirst().document().path("spec").toString())
                .isEqualTo("{\"i\":443,\"f\":1.5,\"t\":true,\"n\":null,\"s\":\"443\"}");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThat(
                        Manifests.read(
                                        List.of("nowhere.yaml"),
                                        new ByteArrayInputStream(new byte[0]),
                                        "default")
                                .unreadable())
                .containsExactly("nowhere.yaml: there is no such file or folder");
    }

    private static Manifests read(String text) {
        return Manifests.read(
                List.of("-"),
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                "default");
    }
}
