package dev.openkcm.networking.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.bench.load.Assignment;
import dev.openkcm.networking.bench.load.Driver;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The driver of one leg, to be told what to do. */
final class DriverProcess implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final PrintWriter out;
    private final BufferedReader in;
    private final Path log;

    private DriverProcess(Process process, Path log) {
        this.process = process;
        this.out = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.in = process.inputReader(StandardCharsets.UTF_8);
        this.log = log;
    }

    static DriverProcess start(Assignment assignment, Path log) {
        try {
            var process =
                    Child.talking(log, Driver.class, List.of(JSON.writeValueAsString(assignment)));
            var driver = new DriverProcess(process, log);
            driver.line();
            return driver;
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    long pid() {
        return process.pid();
    }

    Measurement run(Job job) {
        tell(job);
        return answer();
    }

    /** Starts a job whose {@link #answer} is to be asked for later. */
    void tell(Job job) {
        try {
            out.println(JSON.writeValueAsString(job));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Measurement answer() {
        try {
            return JSON.readValue(line(), Measurement.class);
        } catch (JsonProcessingException e) {
            throw new BenchException("the driver answered something odd; its log is " + log, e);
        }
    }

    private String line() {
        try {
            String line = in.readLine();
            if (line == null) {
                throw new BenchException("the driver has ended; its log is " + log);
            }
            return line;
        } catch (IOException e) {
            throw new BenchException("the driver does not answer; its log is " + log, e);
        }
    }

    @Override
    public void close() {
        out.close();
        Child.stop(process);
    }
}
