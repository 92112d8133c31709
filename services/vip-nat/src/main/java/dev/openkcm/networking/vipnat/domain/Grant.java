package dev.openkcm.networking.vipnat.domain;

import org.jspecify.annotations.Nullable;

/**
 * What became of a claim to a public address.
 *
 * @param uid of the claimant
 * @param slot which of the claimant's addresses it is
 * @param address null while the claim waits
 * @param pool that the address is from
 * @param reason why the claim waits
 * @param message the same as a sentence
 * @param sequence the version of the claimant that the claim was made at
 */
public record Grant(
        String uid,
        String slot,
        @Nullable String address,
        @Nullable String pool,
        @Nullable String reason,
        @Nullable String message,
        long sequence) {

    public String poolOrNone() {
        return pool == null ? "" : pool;
    }

    public String reasonOrNone() {
        return reason == null ? "" : reason;
    }

    public String messageOrNone() {
        return message == null ? "" : message;
    }
}
