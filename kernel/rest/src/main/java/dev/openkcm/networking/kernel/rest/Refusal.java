package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.core.Response;

/** The answer to a request whose usual answer is not a {@link Response}. */
final class Refusal extends RuntimeException {

    private final transient Response answer;

    Refusal(Response answer) {
        super("the request is refused", null, false, false);
        this.answer = answer;
    }

    Response answer() {
        return answer;
    }
}
