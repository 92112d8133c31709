package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.IpFamily;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;

/**
 * What a condition says, apart from when.
 *
 * @param error whether it does not pass by waiting for what was asked for
 */
record Finding(Condition.Status status, String reason, String message, boolean error) {

    static final Finding WITHDRAWING =
            notYet("Withdrawing", "the destinations are withdrawn before the balancer goes");

    boolean holds() {
        return status == Condition.Status.True;
    }

    Condition at(Event<?> event, String type, long generation) {
        return new Condition(type, status, reason, message, generation, event.time());
    }

    private static Finding yes(String reason) {
        return new Finding(Condition.Status.True, reason, "", false);
    }

    private static Finding notYet(String reason, String message) {
        return new Finding(Condition.Status.False, reason, message, false);
    }

    private static Finding unknown(String reason, String message) {
        return new Finding(Condition.Status.Unknown, reason, message, false);
    }

    private static Finding error(String reason, String message) {
        return new Finding(Condition.Status.False, reason, message, true);
    }

    static Finding ofNetwork(NetworkFact network) {
        return switch (network) {
            case Unknown -> unknown("NetworkNotSeen", "the Network was not looked at yet");
            case Missing -> notYet("NetworkMissing", "the Network does not exist");
            case Pending -> notYet("NetworkNotAvailable", "the Network is not Available");
            case Available -> yes("NetworkAvailable");
            case Deleting -> notYet("NetworkDeleting", "the Network is being deleted");
        };
    }

    static Finding ofAddresses(LoadBalancerSpec spec, Facts facts) {
        return spec.isPublic() ? ofPublic(spec, facts) : ofInternal(facts);
    }

    private static Finding ofInternal(Facts facts) {
        if (facts.network() == NetworkFact.Unknown) {
            return unknown("Claimed", "the addresses are claimed, not held yet");
        }
        if (facts.conflicts().isEmpty()) {
            return yes("AddressesHeld");
        }
        var told =
                facts.conflicts().stream()
                        .map(c ->
                                c.address().equals(c.held())
                                        ? "%s is held by %s".formatted(c.address(), c.holder())
                                        : "%s overlaps %s, held by %s"
                                                .formatted(c.address(), c.held(), c.holder()))
                        .toList();
        return error("AddressInUse", String.join("; ", told));
    }

    private static Finding ofPublic(LoadBalancerSpec spec, Facts facts) {
        var served = new EnumMap<IpFamily, String>(IpFamily.class);
        for (FrontEnd frontEnd : facts.named(spec)) {
            var family = frontEnd.family();
            if (family.isEmpty() || !spec.families().contains(family.get())) {
                return error(
                        "VirtualIPFamilyNotSupported",
                        "VirtualIP %s has the address %s, of a family that spec.ipFamilies lacks"
                                .formatted(frontEnd.virtualIp(), frontEnd.ip()));
            }
            String other = served.put(family.get(), frontEnd.virtualIp());
            if (other != null) {
                return error(
                        "VirtualIPFamilyTaken",
                        "VirtualIPs %s and %s are both of the family %s"
                                .formatted(other, frontEnd.virtualIp(), family.get()));
            }
        }
        for (PublicAddress address : facts.publicAddresses()) {
            if (address.ip() == null && address.reason() != null) {
                return error(address.reason(), address.message() == null ? "" : address.message());
            }
        }
        return waiting(spec, facts);
    }

    private static Finding waiting(LoadBalancerSpec spec, Facts facts) {
        var named = facts.named(spec).stream().map(FrontEnd::virtualIp).toList();
        for (String virtualIp : spec.virtualIps()) {
            if (!named.contains(virtualIp)) {
                return ofAwaited(virtualIp, facts);
            }
        }
        for (PublicAddress address : facts.publicAddresses()) {
            if (address.ip() == null) {
                return notYet(
                        "AddressesPending",
                        "an %s address is asked for".formatted(address.family()));
            }
        }
        return yes("AddressesAllocated");
    }

    private static Finding ofAwaited(String virtualIp, Facts facts) {
        var why =
                facts.awaited().stream()
                        .filter(awaited -> awaited.virtualIp().equals(virtualIp))
                        .findFirst()
                        .orElseGet(() ->
                                new AwaitedVirtualIp(
                                        virtualIp,
                                        "VirtualIPPending",
                                        "VirtualIP %s does not exist, or was not heard of yet"
                                                .formatted(virtualIp)));
        return why.reason().equals(AwaitedVirtualIp.FAMILY_MISMATCH)
                ? error(why.reason(), why.message())
                : notYet(why.reason(), why.message());
    }

    /** The front-end addresses, in the order of the families. */
    static List<String> addresses(LoadBalancerSpec spec, Facts facts) {
        var ips = new ArrayList<String>();
        if (!spec.isPublic()) {
            var refused = facts.conflicts().stream().map(HeldAddress::address).toList();
            if (facts.network() != NetworkFact.Unknown) {
                spec.claims().stream().filter(c -> !refused.contains(c)).forEach(ips::add);
            }
            return ips;
        }
        for (IpFamily family : spec.families()) {
            facts.named(spec).stream()
                    .map(FrontEnd::ip)
                    .filter(ip ->
                            Cidr.parseAddress(ip).map(Cidr::family).stream()
                                    .anyMatch(family::equals))
                    .findFirst()
                    .or(() ->
                            facts.publicAddress(PublicAddress.slot(family)).map(PublicAddress::ip))
                    .ifPresent(ips::add);
        }
        return ips;
    }
}
