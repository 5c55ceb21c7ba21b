/**
 * The contracts of storage and replication drivers; knows no tool by name. Read
 * {@link io.heddle.core.driver.StorageDriver} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.driver;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
