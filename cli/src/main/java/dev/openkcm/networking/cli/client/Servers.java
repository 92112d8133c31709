package dev.openkcm.networking.cli.client;

import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.deploy.ServiceDefinition;
import dev.openkcm.networking.kernel.Texts;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Where the service of a kind answers. */
public record Servers(String forAll, Map<String, String> environment) {

    private static final Set<String> SCHEMES = Set.of("http", "https");

    /**
     * The address given for all services, else the one the environment names, else the local
     * stack's.
     *
     * @throws UnreachableException when what is given is no address of a server
     */
    public String baseUrl(Kind kind) {
        if (!forAll.isEmpty()) {
            return checked(forAll, "--server");
        }
        String variable = "KCM_SERVER_" + kind.service().toUpperCase(Locale.ROOT).replace('-', '_');
        String named = environment.getOrDefault(variable, "");
        return named.isEmpty() ? "http://localhost:" + port(kind) : checked(named, variable);
    }

    private static String checked(String url, String source) {
        try {
            var uri = new URI(url);
            if (uri.getHost() != null && SCHEMES.contains(String.valueOf(uri.getScheme()))) {
                return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
            }
        } catch (URISyntaxException e) {
            // Told below, in words that help.
        }
        throw new UnreachableException(
                "%s is %s, which is not like http://localhost:8101"
                        .formatted(source, Texts.quoted(url)));
    }

    private static int port(Kind kind) {
        return ServiceDefinition.ALL.stream()
                .filter(service -> service.name().equals(kind.service()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no service " + kind.service()))
                .port();
    }
}
