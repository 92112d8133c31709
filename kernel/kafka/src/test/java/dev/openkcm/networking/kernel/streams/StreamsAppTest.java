package dev.openkcm.networking.kernel.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.state.internals.OffsetCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class StreamsAppTest {

    @TempDir private Path folder;

    @Test
    void aFlippedBitInATableIsCorruption() throws Exception {
        RocksDB.loadLibrary();
        try (var options = new Options().setCreateIfMissing(true)) {
            try (var db = RocksDB.open(options, folder.toString());
                    var flush = new FlushOptions()) {
                for (int i = 0; i < 1_000; i++) {
                    db.put(("key-" + i).getBytes(UTF_8), ("value-" + i).getBytes(UTF_8));
                }
                db.flush(flush);
            }
            flip();
            var failure = catchThrowable(() -> readAll(options));

            assertThat(failure).isInstanceOf(RocksDBException.class);
            assertThat(StreamsApp.corrupted(wrapped(failure))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "q\n1\ntopic 0 17\n",
                "0\nq\ntopic 0 17\n",
                "0\n1\ntopic 0 x7\n",
                "0\n1\ntopic 0\n",
                "0\n2\ntopic 0 17\n",
                "9\n1\ntopic 0 17\n"
            })
    void aCheckpointThatCannotBeReadIsCorruption(String content) throws IOException {
        var file = Files.writeString(folder.resolve(".checkpoint"), content);
        var failure = catchThrowable(() -> new OffsetCheckpoint(file.toFile()).read());

        assertThat(failure).isNotNull();
        assertThat(StreamsApp.corrupted(wrapped(failure))).isTrue();
        assertThat(StreamsApp.corrupted(wrapped(new NumberFormatException("else")))).isFalse();
    }

    private void readAll(Options options) throws RocksDBException {
        try (var db = RocksDB.open(options, folder.toString())) {
            for (int i = 0; i < 1_000; i++) {
                db.get(("key-" + i).getBytes(UTF_8));
            }
        }
    }

    private static Throwable wrapped(Throwable failure) {
        return new StreamsException(new ProcessorStateException("a store", failure));
    }

    private void flip() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path path : files.filter(p -> p.toString().endsWith(".sst")).toList()) {
                byte[] bytes = Files.readAllBytes(path);
                for (int i = 100; i < bytes.length; i += 500) {
                    bytes[i] ^= 4;
                }
                Files.write(path, bytes);
            }
        }
    }

    @Test
    void otherFailuresAreNot() {
        assertThat(StreamsApp.corrupted(new StreamsException("the broker is away"))).isFalse();
        assertThat(StreamsApp.corrupted(new IllegalStateException("corrupt log"))).isFalse();
        assertThat(
                        StreamsApp.corrupted(
                                wrapped(new RocksDBException("IO error: No space left on device"))))
                .isFalse();
    }
}
