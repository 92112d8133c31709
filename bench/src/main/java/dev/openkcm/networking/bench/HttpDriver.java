package dev.openkcm.networking.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.bench.load.HttpLoad;
import dev.openkcm.networking.bench.load.HttpLoad.Outcome;
import dev.openkcm.networking.bench.load.HttpLoad.Plan;
import dev.openkcm.networking.bench.load.ReadBack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The programs that ask over HTTP, each run once. */
final class HttpDriver {

    private static final ObjectMapper JSON = new ObjectMapper();

    private HttpDriver() {}

    static Outcome ask(Lab lab, Plan plan) {
        return run(lab, HttpLoad.class, plan, Outcome.class);
    }

    static ReadBack.Outcome readBack(Lab lab, ReadBack.Plan plan) {
        return run(lab, ReadBack.class, plan, ReadBack.Outcome.class);
    }

    private static <T> T run(Lab lab, Class<?> program, Object plan, Class<T> outcome) {
        try {
            var process =
                    Child.talking(
                            lab.folder("http").resolve("driver.log"),
                            program,
                            List.of(JSON.writeValueAsString(plan)));
            String answer =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return JSON.readValue(answer, outcome);
        } catch (JsonProcessingException e) {
            throw new BenchException("the HTTP driver failed; its log is in the run's folder", e);
        } catch (IOException e) {
            throw new BenchException("the HTTP driver can't be read", e);
        }
    }
}
