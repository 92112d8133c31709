package dev.openkcm.networking.network.domain;

/** What the pool of ids has to offer at the moment of a decision. */
public sealed interface IdOffer {

    /** This one is free. */
    record Free(int id) implements IdOffer {}

    /** None is free. */
    record Exhausted(String message) implements IdOffer {}

    /** Nobody has asked the pool: the decision is only tried. */
    record Unknown() implements IdOffer {}
}
