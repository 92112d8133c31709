/** Hurts a platform under load in every way at hand, and then asks {@code kcm verify}. */
package dev.openkcm.networking.e2e.faults;
