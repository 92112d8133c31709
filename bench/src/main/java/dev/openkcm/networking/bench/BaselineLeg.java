package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline;
import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A limit: what Kafka itself can do. */
final class BaselineLeg implements Leg {

    private final Lab lab;
    private final Level level;
    private final String sendTo;
    private final String answers;
    private final Path folder;
    private @Nullable Process process;

    /** Gives it topics and a folder of its own. */
    BaselineLeg(Lab lab, Level level, String id) {
        this.lab = lab;
        this.level = level;
        this.sendTo = "bench." + id + ".in";
        this.answers = "bench." + id + ".out";
        this.folder = lab.folder("baseline-" + id);
        lab.createTopics(List.of(sendTo, answers));
        lab.createTopics(Baseline.furtherTopics(level, sendTo));
    }

    /** What a baseline takes for a job, once another has warmed it up. */
    static Measurement measure(
            Lab lab, Level level, String entity, int resources, Job warmUp, Job job) {
        lab.progress().say(level.name());
        var leg = new BaselineLeg(lab, level, lab.nextId() + level);
        leg.start();
        try (var driver = lab.driver(leg, entity, "", resources)) {
            driver.run(warmUp);
            return driver.run(job);
        } finally {
            leg.stop();
        }
    }

    @Override
    public String name() {
        return level.name();
    }

    @Override
    public String sendTo() {
        return sendTo;
    }

    @Override
    public String answers() {
        return answers;
    }

    @Override
    public @Nullable String states() {
        return null;
    }

    @Override
    public void start() {
        process =
                Child.leashed(
                        folder.resolve("baseline.log"),
                        Baseline.class,
                        List.of(
                                level.name(),
                                lab.bootstrapServers(),
                                sendTo,
                                answers,
                                folder.resolve("state").toString()));
    }

    private Process started() {
        Process now = process;
        if (now == null) {
            throw new IllegalStateException(name() + " is not started");
        }
        return now;
    }

    @Override
    public void stop() {
        if (process != null) {
            Child.stop(process);
            process = null;
        }
    }

    @Override
    public void kill() {
        Child.kill(started());
        process = null;
    }

    @Override
    public void wipe() {
        Lab.delete(folder.resolve("state"));
    }

    /** The first answer tells; records wait for it meanwhile. */
    @Override
    public void awaitReady() {}

    @Override
    public long pid() {
        return started().pid();
    }
}
