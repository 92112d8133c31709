package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.networkinterface.codec.NetworkInterfaceCodec;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Present;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPReference;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Beside NetworkInterfaces: the claims that go to the address book of their Network, what tells the
 * VirtualIPs that they name of them, and a row by which the other kinds in the Network join them.
 */
public final class InterfaceSurroundings
        implements Surroundings<NetworkInterface, InterfaceCommand, InterfaceEvent> {

    private InterfaceSurroundings() {}

    public static Recipe<NetworkInterface, InterfaceCommand, InterfaceEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<NetworkInterface, InterfaceCommand, InterfaceEvent> create() {
                return new InterfaceSurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(
                        new Target(InterfaceTopology.CLAIMS, AddressClaim.class),
                        new Target(InterfaceTopology.REFERENCES, VirtualIPReference.class),
                        new Target(InterfaceTopology.MEMBERS, NetworkMember.class, true));
            }
        };
    }

    /** The Network of an interface never changes, so a claim replaces the earlier one there. */
    @Override
    public void happened(
            NetworkInterface before,
            NetworkInterface after,
            List<Event<InterfaceEvent>> events,
            Outbox outbox) {
        var cause = events.getLast();
        refer(before, after, cause, outbox);
        if (after instanceof Present now) {
            boolean claimed =
                    before instanceof Present then
                            && then.spec().claims().equals(now.spec().claims());
            if (!claimed) {
                send(now, true, now.spec().claims(), cause, outbox);
            }
            if (!(before instanceof Present then && sameMember(then, now))) {
                outbox.send(
                        InterfaceTopology.MEMBERS,
                        member(now),
                        NetworkInterfaceCodec.member(now),
                        cause);
            }
        } else if (before instanceof Present gone) {
            send(gone, false, List.of(), cause, outbox);
            outbox.send(InterfaceTopology.MEMBERS, member(gone), null, cause);
        }
    }

    /** A VirtualIP learns who names it, whether it exists or not. */
    private static void refer(
            NetworkInterface before, NetworkInterface after, Event<?> cause, Outbox outbox) {
        String was = virtualIp(before);
        String is = virtualIp(after);
        if (!Objects.equals(was, is)) {
            if (was != null) {
                refer(was, false, cause, outbox);
            }
            if (is != null) {
                refer(is, true, cause, outbox);
            }
        }
    }

    private static @Nullable String virtualIp(NetworkInterface nic) {
        return nic instanceof Present present ? present.spec().virtualIpName() : null;
    }

    private static void refer(String virtualIp, boolean present, Event<?> cause, Outbox outbox) {
        outbox.send(
                InterfaceTopology.REFERENCES,
                cause.key().sibling(virtualIp).toString(),
                new VirtualIPReference(
                        cause.key().namespace(),
                        cause.key().name(),
                        cause.uid().toString(),
                        present),
                cause);
    }

    private static boolean sameMember(Present then, Present now) {
        return then.meta().labels().equals(now.meta().labels())
                && then.state() == now.state()
                && then.ips().equals(now.ips())
                && then.prefixes().equals(now.prefixes());
    }

    private static String member(Present nic) {
        var key = nic.meta().key();
        return key.sibling(nic.spec().network()) + "/" + key.name();
    }

    private static void send(
            Present nic, boolean wanted, List<String> addresses, Event<?> cause, Outbox outbox) {
        var key = nic.meta().key();
        outbox.send(
                InterfaceTopology.CLAIMS,
                key.sibling(nic.spec().network()).toString(),
                new AddressClaim(
                        Claimant.INTERFACE,
                        key.namespace(),
                        key.name(),
                        nic.meta().uid().toString(),
                        wanted,
                        nic.meta().generation(),
                        addresses),
                cause);
    }
}
