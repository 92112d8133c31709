package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.StreamsApp;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Tells starting and restoring, which pass, from dead, which does not. */
final class StreamsHealth {

    private StreamsHealth() {}

    /** Up when every application runs and has its stores. */
    @Readiness
    @ApplicationScoped
    static class Ready implements HealthCheck {

        private final ServiceRuntime runtime;
        private final Replica replica;

        Ready(ServiceRuntime runtime, Replica replica) {
            this.runtime = runtime;
            this.replica = replica;
        }

        @Override
        public HealthCheckResponse call() {
            boolean ready =
                    runtime.started()
                            && replica.complete()
                            && runtime.applications().stream().allMatch(a -> a.status().ready());
            return describe("streams", runtime, ready);
        }
    }

    /** Down when the service gave up starting, or an application will not come back by itself. */
    @Liveness
    @ApplicationScoped
    static class Live implements HealthCheck {

        private final ServiceRuntime runtime;

        Live(ServiceRuntime runtime) {
            this.runtime = runtime;
        }

        @Override
        public HealthCheckResponse call() {
            boolean dead =
                    runtime.gaveUp()
                            || runtime.applications().stream().anyMatch(a -> a.status().dead());
            return describe("streams-alive", runtime, !dead);
        }
    }

    private static HealthCheckResponse describe(String name, ServiceRuntime runtime, boolean up) {
        var response = HealthCheckResponse.named(name).status(up);
        int problem = 0;
        for (String sentence : runtime.problems()) {
            response.withData("problem-" + ++problem, sentence);
        }
        for (StreamsApp application : runtime.applications()) {
            var status = application.status();
            response.withData(status.application(), sentence(status));
            if (status.lastFailure() != null) {
                response.withData(status.application() + ".last-failure", status.lastFailure());
            }
        }
        return response.build();
    }

    private static String sentence(StreamsApp.Status status) {
        return status.restoring()
                ? "%s, restored %d of %d"
                        .formatted(status.state(), status.restored(), status.toRestore())
                : status.state();
    }
}
