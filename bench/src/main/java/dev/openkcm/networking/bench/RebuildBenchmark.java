package dev.openkcm.networking.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.bench.baseline.RawConsumer;
import dev.openkcm.networking.bench.baseline.RawConsumer.Read;
import dev.openkcm.networking.bench.load.Job;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The views of a service, built anew from its log while the old ones answer. */
final class RebuildBenchmark implements Benchmark {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final int RESOURCES = 100_000;
    private static final long LOOK_MILLIS = 20;

    /**
     * One rebuild.
     *
     * @param seconds until the new views had everything, start of the application included
     * @param differences of the old views
     */
    record Figure(Read raw, double seconds, long compared, long differences) {

        double perSecond() {
            return raw.records() / seconds;
        }
    }

    private final HttpClient http = HttpClient.newHttpClient();

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        int commands = lab.options().quick() ? 200_000 : 1_000_000;
        int rounds = lab.options().repeats(2, 5);
        var service = lab.service("network", "network");
        var figures = new ArrayList<Figure>();
        service.start();
        service.awaitReady();
        try (var driver = lab.driver(service, service.entity(), "", RESOURCES)) {
            lab.progress().say("%,d commands …".formatted(commands));
            driver.run(Job.preload(commands));
            var collected = driver.run(Job.collect());
            if (collected.missing() > 0) {
                throw new BenchException("%d without answer".formatted(collected.missing()));
            }
            for (int round = 0; round < rounds; round++) {
                var raw = raw(lab);
                var figure = rebuild(service, raw);
                figures.add(figure);
                lab.progress()
                        .say(
                                String.format(
                                        Locale.ROOT,
                                        "  %,d records: raw %,.0f/s, rebuilt %,.0f/s",
                                        raw.records(),
                                        raw.perSecond(),
                                        figure.perSecond()));
            }
        } finally {
            service.stop();
        }
        return report(figures);
    }

    /** What the views read, read by nobody. */
    private static Read raw(Lab lab) {
        var process =
                Child.talking(
                        lab.folder("raw").resolve("raw.log"),
                        RawConsumer.class,
                        List.of(
                                lab.bootstrapServers(),
                                "openkcm.network.events.v1",
                                "openkcm.network.state.v1"));
        try {
            return JSON.readValue(process.getInputStream().readAllBytes(), Read.class);
        } catch (IOException e) {
            throw new BenchException("the raw consumer failed; its log is in the run's folder", e);
        }
    }

    private Figure rebuild(ServiceLeg service, Read raw) throws InterruptedException {
        var uri =
                URI.create(
                        "http://localhost:%d/apis/networking.openkcm.dev/v1alpha1/rebuild"
                                .formatted(service.port()));
        long begin = System.nanoTime();
        ask(HttpRequest.newBuilder(uri).POST(BodyPublishers.noBody()).build(), 202);
        double built = Double.NaN;
        while (true) {
            var progress = ask(HttpRequest.newBuilder(uri).build(), 200);
            double seconds = (System.nanoTime() - begin) / 1e9;
            String phase = progress.path("phase").asText();
            if (Double.isNaN(built) && !phase.equals("Building")) {
                built = seconds;
            }
            if (phase.equals("Switched")) {
                return new Figure(
                        raw,
                        built,
                        progress.path("compared").asLong(),
                        progress.path("differences").asLong());
            }
            if (phase.equals("Failed") || seconds > LIMIT.toSeconds()) {
                throw new BenchException("the rebuild came to nothing: " + progress);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private JsonNode ask(HttpRequest request, int expected) throws InterruptedException {
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != expected) {
                throw new BenchException(
                        "%s answers %d: %s"
                                .formatted(request.uri(), answer.statusCode(), answer.body()));
            }
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new BenchException(request.uri() + " answers something odd", e);
        } catch (IOException e) {
            throw new BenchException(request.uri() + " does not answer", e);
        }
    }

    private static Report report(List<Figure> figures) {
        var rows = new ArrayList<List<String>>();
        for (var figure : figures) {
            rows.add(
                    List.of(
                            String.format(Locale.ROOT, "%,d", figure.raw().records()),
                            String.format(Locale.ROOT, "%,.0f", figure.raw().perSecond()),
                            String.format(Locale.ROOT, "%,.0f", figure.perSecond()),
                            String.format(Locale.ROOT, "%.1f", figure.seconds()),
                            String.format(
                                    Locale.ROOT,
                                    "%.2f",
                                    figure.perSecond() / figure.raw().perSecond())));
        }
        return new Report(
                "rebuild",
                List.of(
                        new Report.Sheet(
                                "Records of events and states, by a consumer that does nothing and"
                                        + " into new views",
                                List.of("RECORDS", "RAW/S", "VIEWS/S", "SECONDS", "÷ RAW"),
                                rows)),
                List.of(
                        new Report.Goal(
                                "records a second into views ÷ raw consumer",
                                Spread.of(
                                        figures.stream()
                                                .mapToDouble(
                                                        f -> f.perSecond() / f.raw().perSecond())),
                                false,
                                0.35),
                        new Report.Goal(
                                "rows of the old views that differ",
                                Spread.of(
                                        DoubleStream.of(
                                                figures.stream()
                                                        .mapToDouble(Figure::differences)
                                                        .sum())),
                                true,
                                0)),
                figures);
    }
}
