package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.Kind;
import jakarta.inject.Singleton;
import org.apache.kafka.streams.state.HostInfo;

/** The views of the kinds that the service owns. */
@Singleton
class Views {

    /** Where a resource is looked after. */
    sealed interface Owner {
        record Here() implements Owner {}

        record Elsewhere(HostInfo host) implements Owner {}

        record Unknown() implements Owner {}
    }

    /** The stores are moving or being restored; asking again soon helps. */
    static final class NotReady extends Exception {
        NotReady(String message) {
            super(message);
        }
    }

    private final ServiceRuntime runtime;
    private final Sightings sightings;

    Views(ServiceRuntime runtime, Sightings sightings) {
        this.runtime = runtime;
        this.sightings = sightings;
    }

    View of(Kind<?, ?, ?> kind) {
        return new View(runtime, sightings, kind);
    }
}
