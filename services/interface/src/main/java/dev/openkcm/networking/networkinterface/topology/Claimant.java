package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;

/**
 * Who claims addresses in a Network, and what the rows of the address book call it: interfaces by
 * their key, claimants of other kinds by kind, key and uid.
 *
 * @param uid empty for interfaces, whose answers need none
 */
record Claimant(String kind, String namespace, String name, String uid) {

    static final String INTERFACE = "NetworkInterface";

    static Claimant of(AddressClaim claim) {
        boolean nic = claim.getKind().equals(INTERFACE);
        return new Claimant(
                claim.getKind(), claim.getNamespace(), claim.getName(), nic ? "" : claim.getUid());
    }

    static Claimant parse(String text) {
        String[] parts = text.split("/", -1);
        return parts.length == 2
                ? new Claimant(INTERFACE, parts[0], parts[1], "")
                : new Claimant(parts[0], parts[1], parts[2], parts[3]);
    }

    boolean isInterface() {
        return kind.equals(INTERFACE);
    }

    String key() {
        return new ResourceKey(namespace, name).toString();
    }

    String text() {
        return isInterface() ? key() : kind + "/" + key() + "/" + uid;
    }
}
