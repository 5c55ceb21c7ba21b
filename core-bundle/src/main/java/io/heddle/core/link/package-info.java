/**
 * The messages between controller and satellite. Read {@link io.heddle.core.link.LinkMessage} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.link;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
