/**
 * What is: measured facts, each with the time it was seen, in DRBD's own words. Read
 * {@link io.heddle.core.status.NodeStatus} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.status;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
