/**
 * Who speaks on the link: a key pair of one's own, and pins of the other's. Read {@link io.heddle.core.identity.Identity}
 * first.
 */
@Export
@Version("0.1.0")
@NullMarked
package io.heddle.core.identity;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
