package dev.openkcm.networking.vipnat.allocation;

/** Is told everything that the port table of a Network decides, to keep it and to pass it on. */
public interface NatJournal {

    /** The interface is known so, with its place among all interfaces of the Network. */
    void member(NatMember member, long order);

    void memberGone(NatMember member);

    /** The gateway is known so, with its place among all gateways of the Network. */
    void gateway(NatGatewaySetup gateway, long arrival);

    void gatewayGone(NatGatewaySetup gateway);

    /** The interface has these ports from now on; the hash is over all rows of the gateway. */
    void assigned(NatGatewaySetup gateway, NatRange range, String setHash);

    /** The interface has the same ports, but another address of its own. */
    void refreshed(NatGatewaySetup gateway, NatRange range, String setHash);

    void released(NatGatewaySetup gateway, NatRange range);

    void rests(NatGatewaySetup gateway, NatRest rest);

    void rested(NatGatewaySetup gateway, NatRest rest);

    /** Nobody has ports of an address that is being given up. */
    void emptied(NatGatewaySetup gateway, NatGatewaySetup.Address address);
}
