/** The only place that runs LVM. */
@NullMarked
package io.heddle.lvmthin;

import org.jspecify.annotations.NullMarked;
