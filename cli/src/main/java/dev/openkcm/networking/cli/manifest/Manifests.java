package dev.openkcm.networking.cli.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.kernel.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What was read from files, folders or a stream: the resources wanted, and what could not be read.
 */
public record Manifests(List<Manifest> readable, List<String> unreadable) {
    private static final List<String> EXTENSIONS = List.of(".yaml", ".yml", ".json");
    private static final String STANDARD_INPUT = "-";

    public Manifests {
        readable = List.copyOf(readable);
        unreadable = List.copyOf(unreadable);
    }

    /** Reads files, folders with everything below them, and {@code -} for the stream. */
    public static Manifests read(List<String> sources, InputStream in, String defaultNamespace) {
        Collector collector = new Collector(defaultNamespace);
        for (String source : sources) {
            if (source.equals(STANDARD_INPUT)) {
                collector.read(new InputStreamReader(in, StandardCharsets.UTF_8), "standard input");
            } else {
                collector.path(source);
            }
        }
        return new Manifests(collector.readable, collector.unreadable);
    }

    private static final class Collector {
        private final String defaultNamespace;
        private final List<Manifest> readable = new ArrayList<>();
        private final List<String> unreadable = new ArrayList<>();

        Collector(String defaultNamespace) {
            this.defaultNamespace = defaultNamespace;
        }

        void path(String source) {
            try {
                path(Path.of(source));
            } catch (InvalidPathException e) {
                unreadable.add(Texts.quoted(source) + ": " + e.getReason());
            }
        }

        private void path(Path path) {
            if (!Files.exists(path)) {
                unreadable.add(path + ": there is no such file or folder");
                return;
            }
            if (!Files.isDirectory(path)) {
                file(path);
                return;
            }
            try (Stream<Path> below = Files.walk(path)) {
                List<Path> files =
                        below.filter(Files::isRegularFile)
                                .filter(Collector::looksLikeAManifest)
                                .sorted()
                                .toList();
                if (files.isEmpty()) {
                    unreadable.add(path + ": no .yaml, .yml or .json file in this folder");
                }
                files.forEach(this::file);
            } catch (IOException e) {
                unreadable.add(path + ": " + e.getMessage());
            } catch (UncheckedIOException e) {
                unreadable.add(path + ": " + e.getCause());
            }
        }

        void file(Path file) {
            try (Reader reader = Files.newBufferedReader(file)) {
                read(reader, file.toString());
            } catch (CharacterCodingException e) {
                unreadable.add(file + ": it is not UTF-8");
            } catch (IOException e) {
                unreadable.add(file + ": " + e.getMessage());
            }
        }

        void read(Reader reader, String source) {
            try {
                for (JsonNode document : YamlReader.documents(reader)) {
                    add(document, source);
                }
            } catch (ManifestException e) {
                unreadable.add(source + ": " + e.getMessage());
            }
        }

        private void add(JsonNode document, String source) {
            if (document.isNull() || document.isMissingNode()) {
                return;
            }
            if (document.path("kind").asText().endsWith("List")
                    && document.path("items").isArray()) {
                document.path("items").forEach(item -> add(item, source));
                return;
            }
            try {
                readable.add(manifest(document, source));
            } catch (ManifestException e) {
                unreadable.add(source + ": " + e.getMessage());
            }
        }

        private Manifest manifest(JsonNode document, String source) throws ManifestException {
            if (!(document instanceof ObjectNode object)) {
                throw new ManifestException(
                        "a document is not an object with apiVersion, kind and metadata");
            }
            String kindName = object.path("kind").asText();
            if (kindName.isEmpty()) {
                throw new ManifestException("kind: FieldValueRequired");
            }
            String group = object.path("apiVersion").asText().toLowerCase(Locale.ROOT);
            Kind kind =
                    Kinds.ALL.stream()
                            .filter(one -> one.name().equals(kindName))
                            .findFirst()
                            .orElseThrow(() ->
                                    new ManifestException(
                                            "kind: "
                                                    + kindName
                                                    + " is not a kind of this platform"));
            if (!group.startsWith(Kinds.GROUP + "/")) {
                throw new ManifestException(
                        "apiVersion: "
                                + object.path("apiVersion").asText()
                                + " is not networking.OpenKCM.dev/v1alpha1");
            }
            String name = object.at("/metadata/name").asText();
            if (name.isEmpty()) {
                throw new ManifestException("metadata.name: FieldValueRequired for a " + kindName);
            }
            String namespace = object.at("/metadata/namespace").asText();
            return new Manifest(
                    kind, namespace.isEmpty() ? defaultNamespace : namespace, name, object, source);
        }

        private static boolean looksLikeAManifest(Path file) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            return EXTENSIONS.stream().anyMatch(name::endsWith);
        }
    }
}
