package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.openkcm.networking.cli.command.FakePlatform.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The questions about policies, against a service whose answers are known. */
class PolicyCommandsTest {
    private static final String NAMESPACE =
            "/apis/networking.openkcm.dev/v1alpha1/namespaces/default";
    private static final String REACHABILITY = NAMESPACE + "/networks/net/reachability";
    private static final String POLICY =
            """
            apiVersion: networking.OpenKCM.dev/v1alpha1
            kind: NetworkPolicy
            metadata: {name: p}
            spec: {networkRef: net, networkInterfaceSelector: {}, policyTypes: [Ingress]}
            """;

    private final FakePlatform platform;
    private final HttpServer server;
    private final Map<String, String> answers;
    private final List<String> asked = new ArrayList<>();

    PolicyCommandsTest() throws IOException {
        platform = new FakePlatform();
        answers =
                Map.of(
                        NAMESPACE + "/networkinterfaces/web",
                        "{\"kind\": \"NetworkInterface\", \"metadata\": {\"name\": \"web\"},"
                                + " \"spec\": {\"networkRef\": {\"name\": \"net\"}}}",
                        NAMESPACE + "/networkpolicyrules/web",
                        """
                        {"metadata": {"name": "web"}, "isolated": {"ingress": true, "egress": false},
                         "policies": [{"direction": "Ingress", "name": "a"}],
                         "rules": [{"direction": "Ingress", "policy": "a",
                                    "path": "spec.ingress[0].from[1]",
                                    "peer": {"members": 2, "kind": "NetworkInterface"},
                                    "ports": [{"protocol": "TCP", "port": 80, "endPort": 90}]}]}
                        """,
                        REACHABILITY,
                        """
                        {"verdict": "Deny", "explanation": "web can't reach db.",
                         "paths": [{"notes": ["translated"]}]}
                        """,
                        REACHABILITY + "/matrix",
                        """
                        {"marks": {".": "allowed", "X": "denied"}, "from": ["a"], "to": ["a", "b"],
                         "ports": [{"protocol": "TCP", "port": 80, "rows": [
                           {"from": "a", "ingress": ".X", "egress": "..", "combined": ".X"}]}]}
                        """,
                        REACHABILITY + "/preview",
                        """
                        {"opens": [], "closes": [{
                           "from": [{"cidr": "10.0.0.0/8"}],
                           "to": [{"kind": "NetworkInterface", "name": "db", "address": "10.0.0.2"}],
                           "ports": [{"protocol": "TCP", "port": 1, "endPort": 65535}]}]}
                        """);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        platform.close();
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.add(exchange.getRequestURI() + " " + body);
        String answer = answers.get(exchange.getRequestURI().getPath());
        byte[] bytes =
                (answer == null ? "{\"reason\": \"NotFound\"}" : answer)
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer == null ? 404 : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Outcome run(String in, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--server");
        all.add("http://localhost:" + server.getAddress().getPort());
        return platform.run(in, all.toArray(String[]::new));
    }

    @Test
    void canSaysWhyNotAndExitsWithThree() {
        assertThat(run("", "can", "nic/web", "10.0.0.2", "-p", "tcp/5432"))
                .isEqualTo(new Outcome(3, "web can't reach db.\n  translated\n", ""));
        assertThat(asked.getLast())
                .contains(
                        "from=networkinterface%2Fweb", "to=10.0.0.2", "protocol=TCP", "port=5432");
    }

    @Test
    void canNeedsANetworkAndAPort() {
        assertThat(run("", "can", "10.0.0.1", "10.0.0.2", "-p", "tcp/80").err())
                .contains("add --network");
        assertThat(run("", "can", "web", "10.0.0.2", "-p", "80").err())
                .contains("is not a protocol and a port");
    }

    @Test
    void aMatrixIsATableOrLines() {
        assertThat(run("", "matrix", "net/net", "-p", "tcp/80").out())
                .isEqualTo("TCP 80\nFROM \\ TO   A   B\na           .   X\n");
        assertThat(run("", "matrix", "net", "-p", "tcp/80", "-o", "csv").out())
                .isEqualTo(
                        """
                        from,to,protocol,port,ingress,egress,combined
                        a,a,TCP,80,allowed,allowed,allowed
                        a,b,TCP,80,denied,allowed,denied
                        """);
    }

    @Test
    void aPreviewFailsOnWhatItIsToldToFailOn() {
        String closes = "closes 10.0.0.0/8 -> nic/db(10.0.0.2): TCP all ports\n";
        assertThat(run(POLICY, "preview", "-f", "-")).isEqualTo(new Outcome(0, closes, ""));
        assertThat(run(POLICY, "preview", "-f", "-", "--fail-on=closed"))
                .isEqualTo(new Outcome(3, closes, ""));
        assertThat(run(POLICY, "preview", "-f", "-", "--fail-on=opened").code()).isZero();
        assertThat(asked.getLast()).contains("\"policies\":[{");
        assertThat(run("", "preview").err()).contains("Give NetworkPolicies");
    }

    @Test
    void anInterfaceIsDescribedWithItsRulesAndTheirOrigin() {
        assertThat(run("", "describe", "nic", "web").out())
                .contains(
                        """
                        Policies:
                          Ingress: denied by default, isolated by a
                          Egress:  open, no policy isolates it
                          DIRECTION   PEER                           PORTS       POLICY   ORIGIN
                          Ingress     2 NetworkInterface by labels   TCP 80-90   a        spec.ingress[0].from[1]
                        """);
    }
}
