/** Starts the OSGi framework, reads the configuration, and stops everything cleanly. */
@NullMarked
package io.heddle.launcher;

import org.jspecify.annotations.NullMarked;
