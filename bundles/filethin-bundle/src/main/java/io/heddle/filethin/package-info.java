/**
 * Backing volumes that are files in a directory, on loop devices: sparse ones (FILE_THIN) and allocated ones (FILE). The
 * only place that runs losetup. Read {@link io.heddle.filethin.FileThinDriver} first.
 */
@NullMarked
package io.heddle.filethin;

import org.jspecify.annotations.NullMarked;
