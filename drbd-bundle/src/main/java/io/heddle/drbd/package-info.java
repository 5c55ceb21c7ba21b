/** The only place that runs the DRBD tools and writes resource files. */
@NullMarked
package io.heddle.drbd;

import org.jspecify.annotations.NullMarked;
