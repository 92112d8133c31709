package dev.openkcm.networking.policy.domain;

/** Which way traffic goes, seen from the interfaces that a policy applies to. */
public enum Direction {
    Ingress,
    Egress;

    /** The field of the spec that holds the rules of this direction. */
    public String rulesField() {
        return this == Ingress ? "spec.ingress" : "spec.egress";
    }

    /** The field of a rule that holds its peers. */
    public String peersField() {
        return this == Ingress ? "from" : "to";
    }
}
