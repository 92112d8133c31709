package dev.openkcm.networking.cli.output;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Where a command writes: data on one stream, messages to the person on the other. */
public record Console(PrintWriter out, PrintWriter err, Palette palette) {

    public static Console ofProcess(Map<String, String> environment) {
        boolean terminal =
                Optional.ofNullable(System.console())
                        .filter(java.io.Console::isTerminal)
                        .isPresent();
        boolean plain =
                !environment.getOrDefault("NO_COLOR", "").isEmpty()
                        || "dumb".equals(environment.get("TERM"));
        return new Console(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                terminal && !plain ? Palette.COLOURED : Palette.PLAIN);
    }

    public void data(String line) {
        out.println(line);
    }

    public void message(String line) {
        out.flush();
        err.println(line);
        err.flush();
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(
                new BufferedWriter(
                        new OutputStreamWriter(
                                new FileOutputStream(descriptor), StandardCharsets.UTF_8)));
    }
}
