/** What a NetworkPolicy is and how it behaves: plain Java. Start at NetworkPolicyDecider. */
@NullMarked
package dev.openkcm.networking.policy.domain;

import org.jspecify.annotations.NullMarked;
