/**
 * The vocabulary of deciding: commands, decisions, events, rejections, and the few values that all
 * kinds share. Plain Java, no clock, no randomness.
 */
@NullMarked
package dev.openkcm.networking.kernel;

import org.jspecify.annotations.NullMarked;
