/**
 * The only place that runs ZFS tools. {@link io.heddle.zfs.ZfsDriver} first: zvols in a zpool or in a dataset of one, thick and
 * thin, marked with user properties, and found by name or one level deep only.
 */
@NullMarked
package io.heddle.zfs;

import org.jspecify.annotations.NullMarked;
