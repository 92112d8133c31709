/** The program {@code kcm}. */
@NullMarked
package dev.openkcm.networking.cli;

import org.jspecify.annotations.NullMarked;
