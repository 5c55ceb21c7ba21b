package io.heddle.core.spec;

import io.heddle.core.model.Ordered;
import java.util.SortedMap;

/**
 * A volume as a peer has it.
 *
 * @param number volume number
 * @param minor its minor there
 * @param diskless whether it has no disk there
 * @param peerDeviceOptions DRBD peer-device options of this volume that differ from those of the connection, in DRBD's unit
 */
public record PeerVolumeSpec(int number, int minor, boolean diskless, SortedMap<String, String> peerDeviceOptions) {
    public PeerVolumeSpec {
        peerDeviceOptions = Ordered.map(peerDeviceOptions);
    }

    /** One with the options of its connection. */
    public PeerVolumeSpec(int number, int minor, boolean diskless) {
        this(number, minor, diskless, Ordered.map(null));
    }
}
