/**
 * The desired cluster as immutable records: what the administrator wishes, never what was measured. Read
 * {@link io.heddle.core.model.ClusterState} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.model;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
