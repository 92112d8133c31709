package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.StoredResource.Answer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StoredResourceTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final byte[] STATE = {1, 2, 3};

    @Test
    void aRowSurvivesItsBytes() {
        var row = StoredResource.NONE.with(STATE, NOW.minusMillis(5), NOW, answer("ü/1", 10));
        var read = StoredResource.fromBytes(row.toBytes());
        assertThat(read.state()).isEqualTo(STATE);
        assertThat(read.lastEventAt()).isEqualTo(NOW.minusMillis(5));
        assertThat(read.touchedAt()).isEqualTo(NOW);
        assertThat(read.answerTo("ü/1")).hasValueSatisfying(a -> assertThat(a).hasSize(10));
        assertThat(read.answerTo("ü/")).isEmpty();
        assertThat(read.answerTo("")).isEmpty();
    }

    @Test
    void aRowOfAResourceThatIsGoneKeepsItsAnswers() {
        var row = StoredResource.NONE.with(null, NOW, NOW, answer("a", 0));
        var read = StoredResource.fromBytes(row.toBytes());
        assertThat(read.state()).isNull();
        assertThat(read.answerTo("a")).isPresent();
    }

    @Test
    void theLastAnswersAreRememberedAndNoMore() {
        var row = StoredResource.NONE;
        for (int i = 0; i < 200; i++) {
            row = StoredResource.fromBytes(row.with(STATE, NOW, NOW, answer("c" + i, i)).toBytes());
        }
        for (int i = 0; i < 200; i++) {
            int size = i;
            if (i < 200 - StoredResource.REMEMBERED) {
                assertThat(row.answerTo("c" + i)).isEmpty();
            } else {
                assertThat(row.answerTo("c" + i))
                        .hasValueSatisfying(a -> assertThat(a).hasSize(size));
            }
        }
    }

    @Test
    void longAnswersDoNotMakeTheRowTooLong() {
        var row = StoredResource.NONE;
        for (int i = 0; i < 20; i++) {
            row = row.with(STATE, NOW, NOW, answer("c" + i, 20_000));
        }
        assertThat(row.toBytes()).hasSizeLessThan(65 * 1024);
        assertThat(row.answerTo("c19")).isPresent();
        assertThat(row.answerTo("c17")).isPresent();
        assertThat(row.answerTo("c16")).isEmpty();
        var huge = row.with(STATE, NOW, NOW, answer("huge", 100_000));
        assertThat(huge.answerTo("huge")).isPresent();
        assertThat(huge.answerTo("c19")).isEmpty();
    }

    /** The bytes are those that rows have had from the first. */
    @Test
    void theFormatStays() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeLong(NOW.toEpochMilli());
            out.writeLong(NOW.toEpochMilli());
            out.writeInt(STATE.length);
            out.write(STATE);
            out.writeShort(2);
            for (String id : new String[] {"first", "second"}) {
                out.writeUTF(id);
                byte[] result = resultOf(id);
                out.writeInt(result.length);
                out.write(result);
            }
        }
        var row = StoredResource.fromBytes(bytes.toByteArray());
        assertThat(row.answerTo("second")).hasValue(resultOf("second"));
        assertThat(row.toBytes()).isEqualTo(bytes.toByteArray());
    }

    private static byte[] resultOf(String id) {
        return ("result of " + id).getBytes(StandardCharsets.UTF_8);
    }

    private static Answer answer(String id, int size) {
        return new Answer(id, new byte[size]);
    }
}
