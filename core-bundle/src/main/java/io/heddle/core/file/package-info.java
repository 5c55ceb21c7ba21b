/** Files that survive a power cut. Read {@link io.heddle.core.file.DurableFile} first. */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.file;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
