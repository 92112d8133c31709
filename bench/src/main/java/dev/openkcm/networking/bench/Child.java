package dev.openkcm.networking.bench;

import dev.openkcm.networking.deploy.Jdk;
import dev.openkcm.networking.deploy.Leash;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of this module in a process of its own, with the flags of a service. */
final class Child {

    private Child() {}

    /** Ends with this process: nothing is left running after Ctrl-C. */
    static Process leashed(Path log, Class<?> program, List<String> arguments) {
        var all = new ArrayList<String>();
        all.add(program.getName());
        all.addAll(arguments);
        var builder = builder(log, Leash.class, all);
        return start(builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())));
    }

    /** Talks over standard input and output, and ends with the former. */
    static Process talking(Path log, Class<?> program, List<String> arguments) {
        return start(builder(log, program, arguments));
    }

    private static ProcessBuilder builder(Path log, Class<?> main, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Jdk.java());
        command.addAll(Jdk.serviceFlags());
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(arguments);
        File errors = log.toFile();
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors));
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new BenchException("a process could not be started", e);
        }
    }

    static void stop(Process process) {
        // Process.destroy would close its standard input too, at whose end a leashed one halts.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill(process);
            }
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
        }
    }

    static void kill(Process process) {
        process.destroyForcibly().onExit().join();
    }
}
