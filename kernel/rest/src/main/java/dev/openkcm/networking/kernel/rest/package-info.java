/** What every service offers over HTTP, and what runs behind it; led by its definition. */
@NullMarked
package dev.openkcm.networking.kernel.rest;

import org.jspecify.annotations.NullMarked;
