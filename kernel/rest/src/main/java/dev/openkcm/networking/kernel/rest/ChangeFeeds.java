package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.Kind;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;

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
    void changed(String stateTopic, List<ConsumerRecord<byte[], byte[]>> states) {
        var feed = of(stateTopic);
        states.forEach(feed::changed);
    }

    /** Whether there is a feed of the topic. */
    boolean feeds(String topic) {
        return feeds.containsKey(topic);
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
