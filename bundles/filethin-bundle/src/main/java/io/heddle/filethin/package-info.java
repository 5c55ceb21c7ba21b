/** Storage driver that keeps volumes as sparse files on loop devices. */
@NullMarked
package io.heddle.filethin;

import org.jspecify.annotations.NullMarked;
