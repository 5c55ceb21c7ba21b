package io.heddle.core.plan;

import io.heddle.core.model.Bytes;
import io.heddle.core.status.KernelStatus;

/**
 * What a satellite keeps on its own disk of a volume, from just before it is made.
 *
 * @param dialect DRBD under which its metadata was made; NONE for a volume without DRBD, or before its metadata is made
 * @param size size of the device that its metadata was made for, or that was last in use here
 * @param inService whether it has been in service: from then on it is never made again
 */
public record MadeVolume(KernelStatus.Dialect dialect, Bytes size, boolean inService) {}
