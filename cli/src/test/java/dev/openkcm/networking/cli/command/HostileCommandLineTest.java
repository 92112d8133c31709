package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Palette;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Command lines that nobody should write, made from the description of every verb that asks a
 * service, and manifests mutated in any way, from a seed ({@code -Dfuzz.seed}, {@code
 * -Dfuzz.commands}).
 *
 * <p>Whatever they are, they end with a code and a sentence, never with an exception.
 */
@Timeout(600)
class HostileCommandLineTest {

    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int COMMANDS = Integer.getInteger("fuzz.commands", 1_000);
    private static final int DEEP = 10_000;

    private static final List<String> VERBS =
            List.of(
                    "apply",
                    "get",
                    "describe",
                    "delete",
                    "wait",
                    "events",
                    "can",
                    "matrix",
                    "preview",
                    "who",
                    "explain");

    /** A stream that lasts is no mistake. */
    private static final Set<String> LEFT_OUT = Set.of("--watch", "--help");

    /** By what they are called in the help; they lead further than nonsense does. */
    private static final Map<String, List<String>> SENSIBLE =
            Map.ofEntries(
                    Map.entry("RESOURCE", List.of("net", "net/a", "networks/b", "nic,net", "nic")),
                    Map.entry("KIND/NAME…", List.of("net/a", "nic/web")),
                    Map.entry("FILE|DIR|-", List.of("-")),
                    Map.entry("SELECTOR", List.of("a=b", "a in (b,c)", "!a")),
                    Map.entry("FORMAT", List.of("json", "yaml", "name", "table")),
                    Map.entry("TIME", List.of("1s", "0s")),
                    Map.entry("GOAL", List.of("available", "deleted", "state=Available")),
                    Map.entry("FROM", List.of("nic/web", "10.0.0.1")),
                    Map.entry("TO", List.of("nic/web", "2001:db8::1")),
                    Map.entry("PROTOCOL/PORT", List.of("tcp/443", "udp/53")),
                    Map.entry("NETWORK", List.of("net/a", "a")),
                    Map.entry("ADDRESS", List.of("10.0.0.1")),
                    Map.entry("PORT", List.of("443")),
                    Map.entry("KIND[.FIELD…]", List.of("net", "net.spec.peerings", "nic.spec")));

    /** Texts that have broken programs before. */
    private static final List<String> TEXTS =
            List.of(
                    "",
                    " ",
                    "\0",
                    "\u202eabc",
                    "\ufeff",
                    "\ud800",
                    "\ud83d\ude00".repeat(50),
                    "../../../etc/passwd",
                    "/dev/null",
                    "..%2f",
                    "%",
                    "%zz",
                    "a b",
                    "a?b#c",
                    "net/",
                    "/a",
                    "net/a/b",
                    "${x:-y}",
                    "@file",
                    "--",
                    "-",
                    "-1",
                    "0",
                    "1e309",
                    "9223372036854775808",
                    "99999999999999999999999999s",
                    "NaN",
                    "null",
                    "2026-13-45T99:99:99Z",
                    "+999999999-12-31T23:59:59Z",
                    "a=b,c in (d,,",
                    "a in ()",
                    "(".repeat(2_000),
                    "x".repeat(7_000),
                    "[::1",
                    "10.0.0.256",
                    "tcp/0",
                    "tcp/65536",
                    "\r\nX-Injected: yes",
                    "\u001b[2J");

    private static final String HEAD = "apiVersion: networking.OpenKCM.dev/v1alpha1\nkind: ";
    private static final List<String> MANIFESTS =
            List.of(
                    HEAD
                            + "Network\nmetadata:\n  name: a\n  labels:\n    x: y\nspec:\n  peerings:\n"
                            + "  - name: p\n    networkRef:\n      name: b\n",
                    HEAD
                            + "NetworkInterface\nmetadata: {name: web, namespace: shop}\nspec:\n"
                            + "  networkRef: {name: a}\n  ips: [{value: 10.0.0.1}]\n",
                    HEAD
                            + "NetworkPolicy\nmetadata: {name: p}\nspec: {networkRef: {name: a},"
                            + " policyTypes: [Ingress]}\n",
                    "{\"apiVersion\": \"networking.OpenKCM.dev/v1alpha1\", \"kind\": \"VirtualIP\","
                            + " \"metadata\": {\"name\": \"v\"}, \"spec\": {\"type\": \"Public\"}}\n");

    private final Random random = new Random(SEED);
    private final FakePlatform platform;

    HostileCommandLineTest() throws Exception {
        platform = new FakePlatform();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    @Test
    void everyCommandLineEndsWithACodeAndASentence() {
        var verbs = verbs();
        var wrong = new ArrayList<String>();
        int refused = 0;
        for (int i = 0; i < COMMANDS && wrong.size() < 20; i++) {
            var arguments = arguments(verbs.get(random.nextInt(verbs.size())));
            String in = manifests();
            var outcome = platform.run(in, arguments.toArray(String[]::new));
            refused += outcome.code() == 0 ? 0 : 1;
            if (!fine(outcome)) {
                wrong.add(
                        "command %d: %s%nwith %s%n=> %d %s"
                                .formatted(
                                        i,
                                        shortened(arguments.toString()),
                                        shortened(in),
                                        outcome.code(),
                                        shortened(outcome.err())));
            }
        }
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        assertThat(refused).isBetween(COMMANDS / 10, COMMANDS - COMMANDS / 100);
    }

    private static boolean fine(FakePlatform.Outcome outcome) {
        String err = outcome.err();
        return Set.of(0, 1, 2).contains(outcome.code())
                && !err.contains("error: unexpected")
                && !err.contains("\tat ")
                && !err.contains("Exception")
                && (outcome.code() == 0 || !err.isBlank());
    }

    private static List<CommandSpec> verbs() {
        var nobody = new PrintWriter(new StringWriter());
        var session =
                new Session(
                        new Console(nobody, nobody, Palette.PLAIN),
                        InputStream.nullInputStream(),
                        Map.of(),
                        InstantSource.system(),
                        Path.of("."));
        var all = CommandTree.of(session).getSubcommands();
        return VERBS.stream().map(verb -> all.get(verb).getCommandSpec()).toList();
    }

    private List<String> arguments(CommandSpec verb) {
        var arguments = new ArrayList<>(List.of(verb.name()));
        if (verb.optionsMap().containsKey("--timeout")) {
            arguments.addAll(List.of("--timeout", "1s"));
        }
        for (var option : verb.options()) {
            if (!LEFT_OUT.contains(option.longestName())
                    && (option.required() || random.nextInt(4) == 0)) {
                add(option, arguments);
            }
        }
        for (var position : verb.positionalParameters()) {
            for (int i = 1 + random.nextInt(2); i > 0; i--) {
                arguments.add(value(position));
            }
        }
        if (random.nextInt(20) == 0) {
            arguments.add(1 + random.nextInt(arguments.size()), pick(TEXTS));
        }
        return arguments;
    }

    private void add(OptionSpec option, List<String> arguments) {
        if (option.arity().max() == 0) {
            arguments.add(option.longestName());
        } else if (random.nextBoolean()) {
            arguments.add(option.longestName() + "=" + value(option));
        } else {
            arguments.add(option.longestName());
            arguments.add(value(option));
        }
    }

    private String value(ArgSpec argument) {
        var sensible = SENSIBLE.getOrDefault(argument.paramLabel(), List.of("a"));
        return random.nextInt(3) > 0 ? pick(sensible) : pick(TEXTS);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private String manifests() {
        var all = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String manifest = pick(MANIFESTS);
            all.append("---\n").append(random.nextInt(3) == 0 ? manifest : mutated(manifest));
        }
        return all.toString();
    }

    private String mutated(String manifest) {
        int at = random.nextInt(manifest.length());
        String before = manifest.substring(0, at);
        String after = manifest.substring(at);
        return switch (random.nextInt(10)) {
            case 0 -> before;
            case 1 -> before + pick(TEXTS) + after;
            case 2 -> before + (char) random.nextInt(0x10000) + after;
            case 3 -> manifest + manifest; // Every key twice.
            case 4 -> manifest + "x: &x [1]\ny: [*x, *x, *z]\n";
            case 5 -> manifest + bomb();
            case 6 -> manifest + "deep: " + "[".repeat(DEEP) + "]".repeat(DEEP) + "\n";
            case 7 ->
                    manifest.replaceAll("(?m): \\S+$", ": " + pick(List.of("~", "7", "[]", "{}")));
            case 8 -> manifest + "? [a, b]\n: c\n!!java.net.URL [\"http://x\"]: d\n";
            default -> manifest + "long: " + "x".repeat(300_000) + "\n";
        };
    }

    /** Nine aliases of nine aliases, nine times over. */
    private static String bomb() {
        var bomb = new StringBuilder("b0: &b0 [x]\n");
        for (int i = 1; i <= 9; i++) {
            bomb.append("b%d: &b%d [".formatted(i, i))
                    .append("*b%d, ".formatted(i - 1).repeat(9))
                    .append("]\n");
        }
        return bomb.toString();
    }

    private static String shortened(String text) {
        return text.length() < 600 ? text : text.substring(0, 600) + "…";
    }
}
