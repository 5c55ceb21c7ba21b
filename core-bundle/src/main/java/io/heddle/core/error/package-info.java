/**
 * The one exception of Heddle and its stable codes. Read {@link io.heddle.core.error.ErrorCode} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.error;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
