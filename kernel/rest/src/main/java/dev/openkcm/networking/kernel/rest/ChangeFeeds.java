package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.Kind;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** The feeds of the kinds that the service owns, fed from their state topics. */
@ApplicationScoped
public class ChangeFeeds {

    private final Map<String, ChangeFeed> feeds = new HashMap<>();

    ChangeFeeds(ServiceRuntime runtime, ServiceConfig config) {
        for (var kind : runtime.kinds()) {
            feeds.put(kind.state(), new ChangeFeed(runtime, kind, config.partitions()));
        }
    }

    /** Changes were committed. */
    @Incoming("changes")
    @Blocking(ordered = true)
    void changed(ConsumerRecords<byte[], byte[]> states) {
        for (var state : states) {
            of(state.topic()).changed(state);
        }
    }

    ChangeFeed of(Kind<?, ?, ?> kind) {
        return of(kind.state());
    }

    ChangeFeed of(String stateTopic) {
        return Objects.requireNonNull(feeds.get(stateTopic), stateTopic);
    }

    void stop(@Observes ShutdownEvent event) {
        feeds.values().forEach(ChangeFeed::stop);
    }
}
