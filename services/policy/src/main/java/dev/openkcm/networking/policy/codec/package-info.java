/** Where the domain of NetworkPolicies and Avro records meet. */
@NullMarked
package dev.openkcm.networking.policy.codec;

import org.jspecify.annotations.NullMarked;
