/**
 * Compiling policies and answering "can A reach B, and who says so": plain Java, in memory. {@link
 * dev.openkcm.networking.policy.engine.PolicyEngine} compiles, {@link
 * dev.openkcm.networking.policy.engine.Evaluator} judges; whoever wants a verdict asks it.
 */
@NullMarked
package dev.openkcm.networking.policy.engine;

import org.jspecify.annotations.NullMarked;
