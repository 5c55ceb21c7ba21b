/**
 * The catalogues of DRBD options and Heddle properties as data. Read {@link io.heddle.core.option.PropertyCatalogue} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.option;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
