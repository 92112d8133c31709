package dev.openkcm.networking.network.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.test.CopiedRows;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class UserNewsTest {

    private static final ResourceKey NETWORK = ResourceKey.parse("default/a");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final CopiedRows rows = new CopiedRows("users");
    private final UserNews news = new UserNews(rows);

    @Test
    void whatIsNotToldAtOnceIsDueWhenTheSecondIsOverAndOnce() {
        assertThat(news.tellNow(NETWORK, NOW)).isTrue();
        assertThat(news.tellNow(NETWORK, NOW.plusMillis(999))).isFalse();
        assertThat(news.due(NOW.plusMillis(999))).isEmpty();
        assertThat(news.due(NOW.plus(UserNews.PAUSE))).contains(NETWORK);
        assertThat(news.due(NOW.plus(UserNews.PAUSE))).isEmpty();
    }

    @Test
    void whatWasNotToldBeforeARestartIsDue() {
        news.tellNow(NETWORK, NOW);
        news.tellNow(NETWORK, NOW);
        assertThat(new UserNews(rows).due(NOW)).contains(NETWORK);
        assertThat(new UserNews(rows).due(NOW)).isEmpty();
    }

    @Test
    void aClockThatIsSetBackHoldsNothingUp() {
        news.tellNow(NETWORK, NOW);
        assertThat(news.tellNow(NETWORK, NOW.minusSeconds(60))).isTrue();
    }

    @Test
    void whatIsGoneIsNotDue() {
        news.tellNow(NETWORK, NOW);
        news.tellNow(NETWORK, NOW);
        news.forget(NETWORK);
        assertThat(news.due(NOW.plusSeconds(60))).isEmpty();
        assertThat(new UserNews(rows).due(NOW.plusSeconds(60))).isEmpty();
    }
}
