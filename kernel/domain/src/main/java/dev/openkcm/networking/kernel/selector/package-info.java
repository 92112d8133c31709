/** Which selectors match which labelled members, kept up to date change by change. */
@NullMarked
package dev.openkcm.networking.kernel.selector;

import org.jspecify.annotations.NullMarked;
