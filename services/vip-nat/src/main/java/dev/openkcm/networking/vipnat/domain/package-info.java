/** What the three kinds of the service share. */
@NullMarked
package dev.openkcm.networking.vipnat.domain;

import org.jspecify.annotations.NullMarked;
