package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.StackPorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Optional;

/** Reads schemas from the registry. */
public final class RegistryClient {
    private final String url;

    public RegistryClient(Map<String, String> environment) {
        this.url =
                environment.getOrDefault("SCHEMA_REGISTRY_URL", StackPorts.STANDARD.registryUrl());
    }

    /** The newest schema of a subject; empty when the subject is unknown. */
    public Optional<String> latest(String subject) {
        URI uri = URI.create(url + "/subjects/" + subject + "/versions/latest");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? Optional.of(
                            new ObjectMapper().readTree(response.body()).path("schema").asText())
                    : Optional.empty();
        } catch (IOException e) {
            throw new UnreachableException(
                    "The schema registry does not answer at "
                            + url
                            + ". Start the platform with `kcm up`.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("Interrupted.", e);
        }
    }
}
