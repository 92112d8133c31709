/** The kinds of resources the command line knows. */
@NullMarked
package dev.openkcm.networking.cli.kind;

import org.jspecify.annotations.NullMarked;
