package dev.openkcm.networking.kernel.rest;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.ConfigValidationException;
import java.lang.management.ManagementFactory;

/**
 * The program of every service. While one thread starts Quarkus, another one makes what takes the
 * virtual machine a tenth of a second, and what the first Kafka client would wait for.
 */
@QuarkusMain
public final class ServiceMain {

    /** Made by the build; it reads the settings when it is initialised. */
    private static final String SETTINGS = "io.quarkus.runtime.generated.Config";

    private ServiceMain() {}

    public static void main(String... arguments) throws ClassNotFoundException {
        Thread.ofPlatform().daemon().name("ahead").start(ServiceMain::ahead);
        readSettings();
        Quarkus.run(arguments);
    }

    /**
     * Tells what is wrong with the settings. Quarkus does so for those that it reads when it
     * starts; those that it reads while its classes are initialised it tells among stack traces.
     */
    private static void readSettings() throws ClassNotFoundException {
        try {
            Class.forName(SETTINGS);
        } catch (ExceptionInInitializerError failure) {
            if (failure.getCause() instanceof ConfigValidationException wrong) {
                System.err.println(wrong.getMessage());
                System.exit(1);
            }
            throw failure;
        }
    }

    private static void ahead() {
        var _ = ManagementFactory.getPlatformMBeanServer();
    }
}
