package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.Servers;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Palette;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DestinationsTest {

    private final StringWriter out = new StringWriter();
    private final Destinations destinations =
            new Destinations(
                    new Console(
                            new PrintWriter(out),
                            new PrintWriter(new StringWriter()),
                            Palette.PLAIN),
                    new RestClient(new Servers("", Map.of()), Duration.ZERO));

    @Test
    void areListedWithTheReasonsWhyOthersAreNot() throws IOException {
        var json = new ObjectMapper();
        destinations.destinations(
                json.readTree(
                        "{\"destinations\": [{\"name\": \"a\", \"uid\": \"u\", \"ip\": \"::1\"}]}"));
        destinations.absent(
                "front",
                json.readTree(
                        """
                        {"absent": [{"interface": "shop/b", "findings": [
                            {"check": "Label", "met": false, "message": "app in (web): the interface has app=db"},
                            {"check": "State", "met": false, "message": "the interface is Pending"}]}]}
                        """));
        assertThat(out.toString().lines().map(String::stripTrailing))
                .containsExactly(
                        "Destinations:",
                        "  NAME   IP    UID",
                        "  a      ::1   u",
                        "Not among them:",
                        "  INTERFACE   REASON",
                        "  shop/b      label: app in (web): the interface has app=db; state: the interface is Pending");
    }

    @Test
    void thoseThatAreNotShownAreCountedAndCanBeAskedFor() {
        var explanation = new ObjectMapper().createObjectNode();
        var absent = explanation.putArray("absent");
        for (int i = 0; i < 100; i++) {
            absent.addObject().put("interface", "shop/nic" + i);
        }
        explanation.put("more", 900);
        destinations.absent("front", explanation);
        assertThat(out.toString().lines())
                .hasSize(53)
                .last()
                .isEqualTo(
                        "  and 950 more; why one is not: kcm describe lb front --interface NAME");
    }

    @Test
    void oneInterfaceIsExplainedCheckByCheck() throws IOException {
        destinations.explained(
                "front",
                new ObjectMapper()
                        .readTree(
                                """
                                {"interface": "shop/b", "destination": false,
                                 "verdict": "NotADestination", "findings": [
                                    {"check": "Exists", "met": true, "message": "the interface exists"},
                                    {"check": "State", "met": false, "message": "the interface is Pending"}]}
                                """));
        assertThat(out.toString().lines().map(String::stripTrailing))
                .containsExactly(
                        "shop/b is no destination of loadbalancer/front",
                        "  CHECK    MET   FOUND",
                        "  Exists   yes   the interface exists",
                        "  State    no    the interface is Pending");
    }

    @Test
    void canBeNone() throws IOException {
        destinations.destinations(new ObjectMapper().readTree("{}"));
        destinations.absent("front", new ObjectMapper().readTree("{}"));
        assertThat(out.toString()).isEqualToIgnoringNewLines("Destinations:  <none>");
    }
}
