package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminTest {

    private static final Duration LAG = Duration.ofMillis(500);

    @TempDir private Path folder;

    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void aTopicThatABrokerDoesNotKnowYetIsWaitedFor() throws Exception {
        var topic = TopicSpec.keptForEver("openkcm.new.events.v1");
        try (var kafka = EmbeddedKafka.start(folder);
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {

            var problems =
                    new TopicAdmin(lagging(admin), TopicSpec.DEFAULT_PARTITIONS)
                            .prepare(List.of(topic), Map.of());

            assertThat(problems).isEmpty();
            assertThat(admin.listTopics().names().get()).containsExactly(topic.name());
            assertThat(asked).as("a broker that is behind is left in peace").hasValueBetween(2, 10);
        }
    }

    /** Asks for a topic that is not there until a while after it was first asked. */
    private Admin lagging(Admin admin) {
        long[] known = new long[1];
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("describeTopics")) {
                                if (asked.getAndIncrement() == 0) {
                                    known[0] = System.nanoTime() + LAG.toNanos();
                                }
                                if (System.nanoTime() < known[0]) {
                                    return admin.describeTopics(List.of("unknown"));
                                }
                            }
                            try {
                                return method.invoke(admin, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }
}
