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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who has an address, asked of a service whose answer is known. */
class WhoCommandTest {

    private final FakePlatform platform;
    private final HttpServer server;
    private final List<String> asked = new ArrayList<>();
    private String owners = "";

    WhoCommandTest() throws IOException {
        platform = new FakePlatform();
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
        asked.add(exchange.getRequestURI().toString());
        String answer =
                "{\"kind\": \"AddressOwnerList\", \"asOf\": \"2026-01-01T00:00:00Z\","
                        + " \"owners\": [%s]}".formatted(owners);
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Outcome who(String... arguments) {
        var all = new ArrayList<>(List.of("who", "--server"));
        all.add("http://localhost:" + server.getAddress().getPort());
        all.addAll(List.of(arguments));
        return platform.run("", all.toArray(String[]::new));
    }

    @Test
    void asksForAnAddressAPortATimeAndANetwork() {
        assertThat(who("--ip", "2001:db8::1").code()).isEqualTo(1);
        assertThat(asked.getLast())
                .isEqualTo(
                        "/apis/networking.openkcm.dev/v1alpha1/natgateways/owner?ip=2001%3Adb8%3A%3A1");
        who("--ip", "203.0.113.7", "--port", "1030", "--at", "2026-01-13T11:39:17Z");
        assertThat(asked.getLast())
                .endsWith("owner?ip=203.0.113.7&port=1030&asOf=2026-01-13T11%3A39%3A17Z");
        who("--ip", "10.0.0.1", "--network", "net", "-n", "shop");
        assertThat(asked.getLast()).endsWith("owner?ip=10.0.0.1&network=shop%2Fnet");
        who("--ip", "10.0.0.1", "--network", "other/net", "-n", "shop");
        assertThat(asked.getLast()).endsWith("owner?ip=10.0.0.1&network=other%2Fnet");
    }

    @Test
    void namesAVirtualIpAndWhoUsesIt() {
        owners =
                """
                {"kind": "VirtualIP", "namespace": "shop", "name": "vip", "uid": "u",
                 "targetRef": {"kind": "NetworkInterface", "name": "web"}, "ip": "203.0.113.7",
                 "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
                """;
        assertThat(who("--ip", "203.0.113.7"))
                .isEqualTo(
                        new Outcome(
                                0,
                                """
                                KIND        NAMESPACE   NAME   USED BY                GATEWAY   NETWORK   IP            PORTS    FROM                   TO
                                VirtualIP   shop        vip    NetworkInterface/web   <none>    <none>    203.0.113.7   <none>   2026-01-01T00:00:00Z   2026-01-02T00:00:00Z
                                """,
                                ""));
    }

    @Test
    void namesGatewaysBalancersAndInterfacesWithTheirPorts() {
        owners =
                """
                {"kind": "NATGateway", "namespace": "shop", "name": "gw", "network": "net",
                 "ip": "203.0.113.7", "from": "2026-01-01T00:00:00Z"},
                {"kind": "LoadBalancer", "namespace": "shop", "name": "front", "network": "net",
                 "ip": "203.0.113.7", "from": "2026-01-01T00:00:00Z"},
                {"kind": "NetworkInterface", "namespace": "shop", "name": "web", "network": "net",
                 "natGateway": "gw", "ip": "10.0.0.1", "port": 1024, "endPort": 1087,
                 "from": "2026-01-01T00:00:00Z"}
                """;
        assertThat(who("--ip", "203.0.113.7").out().lines().map(l -> l.replaceAll(" +", " ")))
                .containsExactly(
                        "KIND NAMESPACE NAME USED BY GATEWAY NETWORK IP PORTS FROM TO",
                        "NATGateway shop gw <none> <none> net 203.0.113.7 <none>"
                                + " 2026-01-01T00:00:00Z <none>",
                        "LoadBalancer shop front <none> <none> net 203.0.113.7 <none>"
                                + " 2026-01-01T00:00:00Z <none>",
                        "NetworkInterface shop web <none> gw net 10.0.0.1 1024-1087"
                                + " 2026-01-01T00:00:00Z <none>");
    }

    @Test
    void saysThatNobodyHadItAndExitsWithOne() {
        assertThat(who("--ip", "203.0.113.7", "--port", "80"))
                .isEqualTo(
                        new Outcome(
                                1,
                                "",
                                "Nobody had 203.0.113.7 port 80 at 2026-01-01T00:00:00Z. Of an"
                                        + " address inside a Network, say which with --network.\n"));
        assertThat(who("--ip", "203.0.113.7", "-o", "json").out()).contains("\"owners\"");
    }
}
