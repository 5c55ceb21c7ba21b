/**
 * Who may ask what over HTTP. Read {@link io.heddle.rest.access.AccessFilter} first.
 */
@NullMarked
package io.heddle.rest.access;

import org.jspecify.annotations.NullMarked;
