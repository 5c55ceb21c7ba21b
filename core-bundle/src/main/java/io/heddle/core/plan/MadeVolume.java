package io.heddle.core.plan;

import io.heddle.core.model.Bytes;
import io.heddle.core.status.KernelStatus;

/**
 * What a satellite keeps on its own disk of a volume that it has put into service.
 *
 * @param dialect DRBD under which its metadata was made; NONE for a volume without DRBD
 * @param size size of the device that was last in use here; the resource's file names it until a growth is through
 */
public record MadeVolume(KernelStatus.Dialect dialect, Bytes size) {}
