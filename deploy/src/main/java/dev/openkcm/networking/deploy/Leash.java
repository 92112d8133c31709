package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another main class and ends the process when whoever holds the other end of standard input
 * is gone.
 */
public final class Leash {

    private Leash() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("leash").start(Leash::haltWhenReleased);
        Class<?> program = Class.forName(arguments[0]);
        try {
            program.getMethod("main", String[].class)
                    .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(program.getName() + " failed", e.getCause());
        }
    }

    private static void haltWhenReleased() {
        try {
            while (System.in.read() >= 0) {
                // Only the end of the stream has a meaning.
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        Runtime.getRuntime().halt(137);
    }
}
