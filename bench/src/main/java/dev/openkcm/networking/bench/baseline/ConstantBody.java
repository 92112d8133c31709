package dev.openkcm.networking.bench.baseline;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/**
 * A program that answers every request with the same bytes: what the HTTP layer below the services
 * can do.
 */
public final class ConstantBody {

    private ConstantBody() {}

    /** Arguments: port, length of the body. */
    public static void main(String[] arguments) {
        var body = Buffer.buffer(new byte[Integer.parseInt(arguments[1])]);
        var _ =
                Vertx.vertx()
                        .createHttpServer()
                        .requestHandler(request -> request.response().end(body))
                        .listen(Integer.parseInt(arguments[0]), "localhost");
    }
}
