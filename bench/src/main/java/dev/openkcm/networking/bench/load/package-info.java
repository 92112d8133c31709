/** The driver: sends commands at intended times and measures when the effects are there. */
@NullMarked
package dev.openkcm.networking.bench.load;

import org.jspecify.annotations.NullMarked;
