/**
 * The services that doors (REST, JMX, metrics) call. Read {@link io.heddle.core.cluster.Cluster} first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.cluster;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
