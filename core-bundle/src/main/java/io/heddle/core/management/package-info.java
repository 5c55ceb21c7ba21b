/**
 * Management interfaces shared by the JMX door and the console.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.management;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
