package dev.openkcm.networking.kernel.streams;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native library of RocksDB, unpacked once to a folder of the service. By itself RocksDB
 * unpacks it at every start to a new temporary file of 14 MB, which stays when the process is
 * killed.
 */
public final class RocksDbLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(RocksDbLibrary.class);

    private static boolean loaded;

    private RocksDbLibrary() {}

    /**
     * Loads it; the first call of a process decides from where. Where it can't be kept, or can't be
     * loaded from, it is loaded as RocksDB does it.
     *
     * @param folder where it is kept, below a name of its own
     */
    public static synchronized void load(Path folder) {
        if (loaded) {
            return;
        }
        try {
            RocksDB.loadLibrary(List.of(unpacked(folder).toString()));
        } catch (IOException | UnsatisfiedLinkError failure) {
            LOG.warn(
                    "RocksDB's library can't be kept below {}, and is unpacked anew: {}",
                    folder,
                    failure.toString());
            RocksDB.loadLibrary();
        }
        loaded = true;
    }

    /** The folder with the library: as it is in the jar, whatever happened to it on disk. */
    static Path unpacked(Path folder) throws IOException {
        String inJar = Environment.getJniLibraryFileName("rocksdb");
        URL packed = RocksDB.class.getResource("/" + inJar);
        if (packed == null || !(packed.openConnection() instanceof JarURLConnection connection)) {
            throw new IOException("no " + inJar + " in a jar");
        }
        // RocksDB looks for another name in a folder than it has in its jar.
        String name = Environment.getJniLibraryFileName("rocksdbjni");
        var entry = connection.getJarEntry();
        Path kept = folder.resolve("rocksdb-%08x".formatted(entry.getCrc()));
        Path library = kept.resolve(name);
        if (!Files.exists(library) || sum(library) != entry.getCrc()) {
            Files.createDirectories(kept);
            Path unfinished = Files.createTempFile(kept, name, null);
            try (var in = connection.getInputStream()) {
                Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
                Files.move(unfinished, library, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
        return kept;
    }

    private static long sum(Path file) throws IOException {
        var sum = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (var in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sum.update(buffer, 0, n);
            }
        }
        return sum.getValue();
    }
}
