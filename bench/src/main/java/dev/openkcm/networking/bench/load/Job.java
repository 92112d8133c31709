package dev.openkcm.networking.bench.load;

/**
 * What the driver is to do next.
 *
 * @param rate commands a second, at times fixed beforehand; of no meaning for a preload
 * @param count how many commands
 * @param first the resource to begin with, where they come in turn
 * @param resources how many come in turn
 * @param patienceSeconds how long to wait for the last answer after the last command
 */
public record Job(
        Kind kind,
        Format format,
        double rate,
        int count,
        int first,
        int resources,
        int patienceSeconds) {

    /** What sort of work. */
    public enum Kind {
        /** Send at a rate and wait for every answer. */
        RATED,
        /**
         * Send updates at a rate, to some resources in turn, and wait for every answer and for what
         * follows from it. The revision tells the round.
         */
        IN_TURN,
        /**
         * Send the creation of each of some resources at a rate, and wait for every answer and for
         * what follows from it.
         */
        EACH,
        /**
         * Send the deletion of each of some resources at a rate, and wait for every answer and for
         * what follows from it.
         */
        DELETE_EACH,
        /** Send as fast as the broker takes them; do not wait. */
        PRELOAD,
        /** Send the creation of each resource once, as fast as the broker takes them; wait. */
        CREATE_ALL,
        /** Send the creation of all, far from each other one after the other; do not wait. */
        SHUFFLED,
        /** Send the deletion of each resource once; do not wait. */
        DELETE_ALL,
        /** Wait for the answers to what was preloaded. */
        COLLECT
    }

    public static Job rated(Format format, double rate, int count) {
        return new Job(Kind.RATED, format, rate, count, 0, 0, 120);
    }

    public static Job inTurn(double rate, int first, int resources, int rounds) {
        return new Job(Kind.IN_TURN, Format.AVRO, rate, resources * rounds, first, resources, 120);
    }

    public static Job each(double rate, int first, int count) {
        return new Job(Kind.EACH, Format.AVRO, rate, count, first, count, 120);
    }

    public static Job deleteEach(double rate, int first, int count) {
        return new Job(Kind.DELETE_EACH, Format.AVRO, rate, count, first, count, 120);
    }

    public static Job preload(int count) {
        return new Job(Kind.PRELOAD, Format.AVRO, 0, count, 0, 0, 0);
    }

    public static Job createAll(int count) {
        return create(0, count);
    }

    public static Job create(int first, int count) {
        return new Job(Kind.CREATE_ALL, Format.AVRO, 0, count, first, count, 300);
    }

    public static Job shuffled(int count) {
        return new Job(Kind.SHUFFLED, Format.AVRO, 0, count, 0, count, 0);
    }

    public static Job deleteAll(int count) {
        return new Job(Kind.DELETE_ALL, Format.AVRO, 0, count, 0, count, 0);
    }

    public static Job collect() {
        return new Job(Kind.COLLECT, Format.AVRO, 0, 0, 0, 0, 900);
    }
}
