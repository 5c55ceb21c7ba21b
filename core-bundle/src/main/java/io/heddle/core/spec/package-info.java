/**
 * What one node is to look like: the part of the desired state that a satellite needs, and nothing more. Read
 * {@link io.heddle.core.spec.NodeSpec} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.spec;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
