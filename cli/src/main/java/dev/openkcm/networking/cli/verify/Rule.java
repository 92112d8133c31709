package dev.openkcm.networking.cli.verify;

/** Something that must hold between resources once nothing is under way. */
@FunctionalInterface
interface Rule {
    void check(Estate estate, Tally tally);
}
