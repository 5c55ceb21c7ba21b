/** The only place that runs ZFS tools. */
@NullMarked
package io.heddle.zfs;

import org.jspecify.annotations.NullMarked;
