/** The verbs of the command line. */
@NullMarked
package dev.openkcm.networking.cli.command;

import org.jspecify.annotations.NullMarked;
