package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.ManifestReader;
import dev.openkcm.networking.kernel.streams.ManifestReader.Manifest;
import java.io.IOException;
import org.yaml.snakeyaml.LoaderOptions;

/** Reads the bodies of requests: JSON, or YAML within limits that no bomb gets through. */
final class Manifests {

    private static final int MAX_YAML = 256 * 1024;

    private static final ObjectMapper YAML =
            new ObjectMapper(YAMLFactory.builder().loaderOptions(limits()).build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Manifests() {}

    private static LoaderOptions limits() {
        var limits = new LoaderOptions();
        limits.setMaxAliasesForCollections(10);
        limits.setNestingDepthLimit(32);
        limits.setCodePointLimit(MAX_YAML);
        limits.setAllowDuplicateKeys(false);
        limits.setAllowRecursiveKeys(false);
        return limits;
    }

    static Manifest read(ManifestReader reader, byte[] body, boolean yaml, ResourceKey key) {
        if (!yaml) {
            return reader.read(body, key);
        }
        if (body.length > MAX_YAML) {
            return new Manifest.Refused(
                    Rejection.tooLarge(
                            "the manifest has %d bytes, at most %d are allowed"
                                    .formatted(body.length, MAX_YAML)));
        }
        JsonNode document;
        try {
            document = YAML.readTree(body);
        } catch (MismatchedInputException trailing) {
            return new Manifest.Refused(ManifestReader.several());
        } catch (JacksonException malformed) {
            return new Manifest.Refused(
                    Rejection.malformed(
                            "the manifest is not valid YAML: " + malformed.getOriginalMessage()));
        } catch (IOException unreadable) {
            return new Manifest.Refused(
                    Rejection.malformed("the manifest is not valid YAML: " + unreadable));
        }
        return reader.read(document, key);
    }
}
