package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Palette;
import dev.openkcm.networking.deploy.ComponentStatus;
import dev.openkcm.networking.deploy.ComponentStatus.State;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pools that the repository describes, created in a service that has none. */
class DefaultPoolsTest {

    private static final String POOLS = "/apis/networking.openkcm.dev/v1alpha1/addresspools/";

    @TempDir private Path home;

    private final StringWriter messages = new StringWriter();
    private final Map<String, JsonNode> pools = new TreeMap<>();
    private HttpServer server;
    private boolean refuses;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(home.resolve("deploy"));
        Files.copy(Path.of("../deploy/pools.yaml"), home.resolve("deploy/pools.yaml"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(POOLS.length());
        int status = 200;
        String answer = "{}";
        if (exchange.getRequestMethod().equals("PUT")) {
            status = refuses ? 422 : 201;
            answer =
                    refuses
                            ? "{\"reason\": \"Invalid\"}"
                            : "{\"result\": {\"outcome\": \"Accepted\", \"created\": true}}";
            if (!refuses) {
                pools.put(name, new ObjectMapper().readTree(exchange.getRequestBody()));
            }
        } else if (pools.containsKey(name)) {
            answer = String.valueOf(pools.get(name));
        } else {
            status = 404;
            answer = "{\"reason\": \"NotFound\", \"status\": 404}";
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void ensure(State state) {
        var console =
                new Console(
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(messages),
                        Palette.PLAIN);
        var session =
                new Session(
                        console,
                        new ByteArrayInputStream(new byte[0]),
                        Map.of(
                                "KCM_SERVER_VIP_NAT",
                                "http://localhost:" + server.getAddress().getPort()),
                        InstantSource.fixed(FakePlatform.NOW),
                        home);
        DefaultPools.ensure(
                session,
                List.of(
                        new ComponentStatus(
                                "vip-nat", OptionalLong.empty(), 8103, state, 0, null)));
    }

    @Test
    void areCreatedWithTheAddressesForDocumentation() {
        ensure(State.READY);
        assertThat(pools.keySet()).containsExactly("public-ipv4", "public-ipv6");
        assertThat(pools.get("public-ipv4").at("/spec").toString())
                .isEqualTo("{\"ipFamily\":\"IPv4\",\"cidrs\":[\"203.0.113.0/24\"]}");
        assertThat(pools.get("public-ipv6").at("/spec").toString())
                .isEqualTo("{\"ipFamily\":\"IPv6\",\"cidrs\":[\"2001:db8:100::/64\"]}");
        assertThat(messages.toString()).isEmpty();
    }

    @Test
    void areLeftAloneWhenSomebodyChangedThem() throws IOException {
        var changed = new ObjectMapper().readTree("{\"spec\": {\"cidrs\": [\"192.0.2.0/24\"]}}");
        pools.put("public-ipv4", changed);
        ensure(State.READY);
        assertThat(pools.get("public-ipv4")).isSameAs(changed);
        assertThat(pools).containsKey("public-ipv6");
    }

    @Test
    void areNotAskedForWhenTheServiceIsNotBuilt() {
        ensure(State.NOT_BUILT);
        assertThat(pools).isEmpty();
        assertThat(messages.toString()).isEmpty();
    }

    @Test
    void areReportedWhenTheyCannotBeCreated() {
        refuses = true;
        ensure(State.READY);
        assertThat(messages.toString())
                .contains("public-ipv4 could not be created", "public-ipv6 could not be created");
        server.stop(0);
        ensure(State.READY);
        assertThat(messages.toString()).contains("The default AddressPools are missing: ");
    }
}
