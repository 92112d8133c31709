package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the commands about reachability have in common. */
final class Reach {
    /** The exit code of a question whose answer is no. */
    static final int NO = 3;

    private static final Pattern PORT = Pattern.compile("(tcp|udp|sctp)/([0-9]{1,5})");

    /** A protocol and a port, as in {@code tcp/5432}. */
    record Port(String protocol, int number) {
        static Port parse(String text) {
            Matcher matcher = PORT.matcher(text.toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new Failure(
                        "\"" + text + "\" is not a protocol and a port, such as tcp/5432.");
            }
            return new Port(
                    matcher.group(1).toUpperCase(Locale.ROOT), Integer.parseInt(matcher.group(2)));
        }
    }

    /** An end of a connection: a resource, or an address. */
    record End(Optional<Resource> resource, String address) {
        static End parse(String text) {
            // No resource has a colon in its name, and no kind has a digit: the rest are addresses.
            boolean address = text.indexOf(':') >= 0 || text.matches("[0-9.]+");
            return address
                    ? new End(Optional.empty(), text)
                    : new End(
                            Optional.of(
                                    Resource.parseNamed(
                                                    List.of(
                                                            text.contains("/")
                                                                    ? text
                                                                    : "nic/" + text))
                                            .getFirst()),
                            "");
        }

        /** As the policy service understands it. */
        String parameter() {
            return resource.map(r -> r.kind().singular() + "/" + r.name()).orElse(address);
        }

        /** The Network that the resource says it is in. */
        Optional<String> network(RestClient client, String namespace) {
            return resource.filter(r -> !r.kind().name().equals("VirtualIP"))
                    .map(r -> Answers.required(client.get(r.kind(), namespace, r.name())))
                    .map(document -> Documents.text(document, "/spec/networkRef"))
                    .filter(name -> !name.isEmpty());
        }
    }

    private Reach() {}

    static Kind policies() {
        return Kinds.find("networkpolicy").orElseThrow();
    }

    /** {@code TCP 80}, {@code TCP 80-90}, {@code TCP all ports}. */
    static String ports(JsonNode ranges) {
        StringBuilder text = new StringBuilder();
        for (JsonNode range : ranges) {
            int first = range.path("port").asInt();
            int last = range.path("endPort").asInt(first);
            text.append(text.isEmpty() ? "" : ", ").append(range.path("protocol").asText());
            if (first == 1 && last == 65535) {
                text.append(" all ports");
            } else {
                text.append(' ').append(first).append(first == last ? "" : "-" + last);
            }
        }
        return text.toString();
    }
}
