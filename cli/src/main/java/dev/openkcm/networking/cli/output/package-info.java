/** What a person reads: tables, ages, colours, documents. */
@NullMarked
package dev.openkcm.networking.cli.output;

import org.jspecify.annotations.NullMarked;
