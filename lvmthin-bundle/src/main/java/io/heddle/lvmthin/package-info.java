/**
 * Backing volumes that are logical volumes: thin ones in a thin pool (LVM_THIN) and thick ones in a volume group (LVM). The
 * only place that runs LVM. Read {@link io.heddle.lvmthin.LvmThinDriver} first.
 */
@NullMarked
package io.heddle.lvmthin;

import org.jspecify.annotations.NullMarked;
