package dev.openkcm.networking.e2e.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Drops packets of the loopback in the kernel, until it is closed. What was connected stays so and
 * hears nothing: no proxy can do that.
 */
final class PacketFilter implements AutoCloseable {
    private static final String TABLE = "openkcm_faults";

    private PacketFilter() {}

    /**
     * @param ports of whom packets are dropped, to and from them
     * @param percent of all packets, at random
     */
    static PacketFilter dropping(List<Integer> ports, int percent) throws IOException {
        String some = percent == 100 ? "" : "numgen random mod 100 < %d ".formatted(percent);
        var rules = new StringBuilder();
        for (int port : ports) {
            for (String end : List.of("dport", "sport")) {
                rules.append("tcp %s %d %sdrop\n".formatted(end, port, some));
            }
        }
        String table =
                """
                table inet %s {
                  chain input {
                    type filter hook input priority 0; policy accept;
                    %s
                  }
                }
                """
                        .formatted(TABLE, rules);
        String refusal = nft(table);
        if (!refusal.isEmpty()) {
            throw new Faults.Skipped("packets cannot be filtered: " + refusal);
        }
        return new PacketFilter();
    }

    @Override
    public void close() throws IOException {
        String refusal = nft("delete table inet " + TABLE + "\n");
        if (!refusal.isEmpty()) {
            throw new IOException("packets are still filtered: " + refusal);
        }
    }

    /** Why it was refused, or nothing. */
    private static String nft(String script) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder("nft", "-f", "-").redirectErrorStream(true).start();
        } catch (IOException absent) {
            return "nft is not installed";
        }
        try (var input = process.getOutputStream()) {
            input.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.onExit().join().exitValue() == 0 ? "" : said.lines().findFirst().orElse("?");
    }
}
