package dev.openkcm.networking.kernel.rest;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.lang.management.ManagementFactory;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;

/**
 * The program of every service. While one thread starts Quarkus, another one makes what takes the
 * virtual machine a fifth of a second, and what the first Kafka client and the client of the
 * registry would wait for.
 */
@QuarkusMain
public final class ServiceMain {

    private ServiceMain() {}

    public static void main(String... arguments) {
        Thread.ofPlatform().daemon().name("ahead").start(ServiceMain::ahead);
        Quarkus.run(arguments);
    }

    private static void ahead() {
        var _ = ManagementFactory.getPlatformMBeanServer();
        try {
            var _ = SSLContext.getDefault();
        } catch (NoSuchAlgorithmException failure) {
            // Whoever needs it will say so.
        }
    }
}
