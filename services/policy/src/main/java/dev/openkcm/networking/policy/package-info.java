/** The service that owns NetworkPolicies. */
@NullMarked
package dev.openkcm.networking.policy;

import org.jspecify.annotations.NullMarked;
