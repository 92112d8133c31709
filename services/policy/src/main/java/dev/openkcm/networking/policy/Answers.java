package dev.openkcm.networking.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.rest.Problems;
import dev.openkcm.networking.kernel.rest.Replica;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How questions about the live estate are answered: not before all of it is known. */
@Singleton
final class Answers {

    private static final Duration FRESH_WITHIN = Duration.ofSeconds(10);

    private final Replica replica;

    Answers(Replica replica) {
        this.replica = replica;
    }

    /** A question, answered with a document or a problem. */
    @FunctionalInterface
    interface Question {
        Response ask() throws Refused;
    }

    /** The question can't be answered as it was asked. */
    static final class Refused extends Exception {
        private final transient Response response;

        Refused(Response response) {
            super("refused", null, false, false);
            this.response = response;
        }
    }

    static Refused badRequest(String detail) {
        return new Refused(Problems.badRequest(detail));
    }

    static Refused unanswerable(String detail) {
        return new Refused(Problems.of(422, "Invalid", detail));
    }

    static Refused notFound(String detail) {
        return new Refused(Problems.notFound(detail));
    }

    static Response ok(ObjectNode document) {
        return Response.ok(document.toString()).build();
    }

    /**
     * Answers.
     *
     * @param fresh {@code true} to wait until all that is committed now is known
     */
    Response answer(@Nullable String fresh, Question question) {
        if (!replica.complete()) {
            return Problems.notReady("the estate is being read; see /q/health");
        }
        try {
            if ("true".equals(fresh) && !replica.catchUp(FRESH_WITHIN)) {
                return Problems.notReady("the estate is not read up to now yet");
            }
            return question.ask();
        } catch (Refused refused) {
            return refused.response;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Problems.notReady("the service is stopping");
        }
    }
}
