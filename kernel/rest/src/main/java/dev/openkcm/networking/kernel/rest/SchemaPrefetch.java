package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the registry for the schemas of all topics before a record needs them. What is asked for
 * only by the first record that has it can't be had when the registry is away by then.
 *
 * <p>A topic whose owner has registered nothing yet is asked for again until it has.
 */
final class SchemaPrefetch {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaPrefetch.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final SchemaRegistryClient registry;
    private final List<TopicSpec> missing;

    SchemaPrefetch(SchemaRegistryClient registry, List<TopicSpec> topics) {
        this.registry = registry;
        this.missing = new ArrayList<>(topics);
    }

    /** Returns when nothing is missing, or the service stops. */
    void run(BooleanSupplier stopping) throws InterruptedException {
        var pause = FIRST_PAUSE;
        missing.removeIf(this::known);
        while (!missing.isEmpty() && !stopping.getAsBoolean()) {
            Thread.sleep(pause);
            pause = pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
            missing.removeIf(this::known);
        }
    }

    private boolean known(TopicSpec topic) {
        String subject = topic.name() + "-value";
        try {
            var type = topic.type();
            if (type == null) {
                var _ = registry.latest(subject);
            } else {
                registry.idOf(subject, ServiceRuntime.schema(type));
            }
            return true;
        } catch (SchemaRegistryException failure) {
            LOG.debug("The schema of {} is not known yet", subject, failure);
            return false;
        }
    }
}
