package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;

class RocksDbLibraryTest {

    @TempDir private Path folder;

    @Test
    void isUnpackedOnce() throws IOException {
        var first = onlyFile();
        var written = Files.getLastModifiedTime(first);

        assertThat(onlyFile()).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(written);
    }

    @Test
    void whatIsDamagedIsUnpackedAnew() throws IOException {
        var library = onlyFile();
        byte[] good = Files.readAllBytes(library);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(library, bad);

        assertThat(onlyFile()).isEqualTo(library);
        assertThat(Files.readAllBytes(library)).isEqualTo(good);
    }

    /** In a process of its own: in this one another test may have loaded it already. */
    @Test
    void rocksDbTakesItFromThere() throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.io.tmpdir=" + Files.createDirectory(folder.resolve("tmp")),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Program.class.getName(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(folder.resolve("tmp")).as(output).isEmptyDirectory();
    }

    /** Ends at once, as if it was killed. */
    static final class Program {
        public static void main(String[] arguments) {
            RocksDbLibrary.load(Path.of(arguments[0]));
            new Options().close();
            Runtime.getRuntime().halt(0);
        }
    }

    /** What is unpacked, without leftovers of what was unfinished. */
    private Path onlyFile() throws IOException {
        Path kept = RocksDbLibrary.unpacked(folder);
        try (var files = Files.list(kept)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }
}
