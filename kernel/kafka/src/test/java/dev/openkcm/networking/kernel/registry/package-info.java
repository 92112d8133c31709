/** Tests of the registry client and its serdes, against a server that plays the registry. */
@NullMarked
package dev.openkcm.networking.kernel.registry;

import org.jspecify.annotations.NullMarked;
