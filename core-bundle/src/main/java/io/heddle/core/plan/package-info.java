/**
 * Pure decisions: no input or output, no clock, no log, no lock. Same input, same answer. Read
 * {@link io.heddle.core.plan.Step} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.plan;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
