/**
 * The one door to external commands. It knows how to run them and nothing of what they print. Read
 * {@link io.heddle.core.command.CommandRunner} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.command;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
