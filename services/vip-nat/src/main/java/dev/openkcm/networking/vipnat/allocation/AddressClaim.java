package dev.openkcm.networking.vipnat.allocation;

import org.jspecify.annotations.Nullable;

/**
 * A wish for a public address.
 *
 * @param id {@code <kind>/<namespace>/<name>/<slot>}
 * @param uid of the claimant
 * @param sequence the version of the claimant that wishes
 * @param asked the address asked for; null when any will do
 */
public record AddressClaim(String id, String uid, long sequence, @Nullable String asked) {}
