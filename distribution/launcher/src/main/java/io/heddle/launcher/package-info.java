/**
 * Starts the OSGi framework, reads the one configuration file, and stops everything cleanly. Read {@link
 * io.heddle.launcher.Main} first. It is the only code on the JVM's own class path and imports nothing of ours: bundles
 * learn the configuration from {@code BundleContext.getProperty("heddle.KEY")}.
 */
@NullMarked
package io.heddle.launcher;

import org.jspecify.annotations.NullMarked;
