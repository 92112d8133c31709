package dev.openkcm.networking.cli.client;

import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.deploy.ServiceDefinition;
import java.util.Locale;
import java.util.Map;

/** Where the service of a kind answers. */
public record Servers(String forAll, Map<String, String> environment) {

    /**
     * The address given for all services, else the one the environment names, else the local
     * stack's.
     */
    public String baseUrl(Kind kind) {
        if (!forAll.isEmpty()) {
            return withoutSlash(forAll);
        }
        String variable = "KCM_SERVER_" + kind.service().toUpperCase(Locale.ROOT).replace('-', '_');
        String named = environment.getOrDefault(variable, "");
        return named.isEmpty() ? "http://localhost:" + port(kind) : withoutSlash(named);
    }

    private static int port(Kind kind) {
        return ServiceDefinition.ALL.stream()
                .filter(service -> service.name().equals(kind.service()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no service " + kind.service()))
                .port();
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
