package io.heddle.core.spec;

/**
 * A volume as a peer has it.
 *
 * @param number volume number
 * @param minor its minor there
 * @param diskless whether it has no disk there
 */
public record PeerVolumeSpec(int number, int minor, boolean diskless) {}
