package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryStoreTest {

    private static final String TOPIC = "openkcm.network.events.v1";

    private final AtomicReference<RecordBatchingStateRestoreCallback> restore =
            new AtomicReference<>();

    @TempDir private Path folder;

    @Test
    void anEventIsInTheSameRowWhetherItWasReadOrRestored() {
        var read = opened("read");
        for (var event : events()) {
            read.put(ViewTopology.historyKey(event.key(), event.offset()), bytes(event.value()));
        }
        var restored = opened("restored");
        restore.get()
                .restoreBatch(
                        events().stream()
                                .map(e ->
                                        new ConsumerRecord<>(
                                                TOPIC,
                                                0,
                                                e.offset(),
                                                bytes(e.key()),
                                                bytes(e.value())))
                                .toList());

        assertThat(rows(restored, "ns/a")).isEqualTo(rows(read, "ns/a"));
        assertThat(rows(restored, "ns/a")).containsExactly("created", "updated", "deleted");
        assertThat(rows(restored, "ns/ab")).containsExactly("created, too");
        read.close();
        restored.close();
    }

    private record Event(long offset, String key, String value) {}

    private static List<Event> events() {
        return List.of(
                new Event(3, "ns/a", "created"),
                new Event(9, "ns/ab", "created, too"),
                new Event(10, "ns/a", "updated"),
                new Event(300, "ns/a", "deleted"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> rows(HistoryStore store, String key) {
        var values = new ArrayList<String>();
        try (var rows = store.range(ViewTopology.historyFrom(key), ViewTopology.historyTo(key))) {
            rows.forEachRemaining(row -> values.add(new String(row.value, StandardCharsets.UTF_8)));
        }
        return values;
    }

    private HistoryStore opened(String name) {
        var properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
        File own = folder.resolve(name).toFile();
        var mock = new MockProcessorContext<>(properties, new TaskId(0, 0), own);
        var store = HistoryStore.builder("history", RecordKeys.ofParts(2)).build();
        store.init(listening(mock.getStateStoreContext()), store);
        return store;
    }

    /** Keeps what the store wants to be restored by. */
    private StateStoreContext listening(StateStoreContext context) {
        return (StateStoreContext)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {StateStoreContext.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("register")) {
                                restore.set((RecordBatchingStateRestoreCallback) arguments[1]);
                                return null;
                            }
                            return method.invoke(context, arguments);
                        });
    }
}
