/** Benchmarks of the running services beside baselines on the same broker in the same run. */
@NullMarked
package dev.openkcm.networking.bench;

import org.jspecify.annotations.NullMarked;
