package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class UncommittedOffsetsTest {

    private static final TopicPartition A = new TopicPartition("t", 0);
    private static final TopicPartition B = new TopicPartition("t", 1);

    private final UncommittedOffsets offsets = new UncommittedOffsets();

    private static OffsetAndMetadata at(long offset) {
        return new OffsetAndMetadata(offset, Optional.empty(), "time");
    }

    @Test
    void whatIsCommittedIsNotCommittedAgain() {
        offsets.of(Map.of(A, at(1), B, at(1)));
        offsets.committed();
        assertThat(offsets.of(Map.of(A, at(2), B, at(1)))).isEqualTo(Map.of(A, at(2)));
    }

    @Test
    void whatWasAbortedIsSentAgain() {
        offsets.of(Map.of(A, at(1)));
        offsets.committed();
        offsets.of(Map.of(A, at(2), B, at(1)));
        offsets.aborted();
        var both = Map.of(A, at(2), B, at(1));
        assertThat(offsets.of(both)).isEqualTo(both);
    }

    @Test
    void whatIsNotYetKnownToBeCommittedIsSentAgain() {
        offsets.of(Map.of(A, at(1)));
        assertThat(offsets.of(Map.of(A, at(1)))).isEqualTo(Map.of(A, at(1)));
    }

    @Test
    void otherMetadataIsNews() {
        offsets.of(Map.of(A, at(1), B, at(1)));
        offsets.committed();
        var later = Map.of(A, new OffsetAndMetadata(1, Optional.empty(), "later"));
        assertThat(offsets.of(later)).isEqualTo(later);
    }

    @Test
    void oneIsLeftForTheCheckOfWhoCommits() {
        offsets.of(Map.of(A, at(1), B, at(1)));
        offsets.committed();
        assertThat(offsets.of(Map.of(A, at(1), B, at(1)))).hasSize(1);
        assertThat(offsets.of(Map.of())).isEmpty();
    }
}
