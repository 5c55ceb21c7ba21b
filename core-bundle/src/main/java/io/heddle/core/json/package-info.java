/**
 * The one JSON form of the records of core, used by the store, the link and the doors.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.json;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
