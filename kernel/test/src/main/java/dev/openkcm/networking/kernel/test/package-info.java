/** Fixtures for the tests of services. */
@NullMarked
package dev.openkcm.networking.kernel.test;

import org.jspecify.annotations.NullMarked;
