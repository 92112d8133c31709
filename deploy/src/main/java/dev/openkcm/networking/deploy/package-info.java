/**
 * The embedded stack: a real broker, a real registry and our services as processes of their own.
 */
@NullMarked
package dev.openkcm.networking.deploy;

import org.jspecify.annotations.NullMarked;
