package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What one side knows of a peer that it is cut off from: the evidence of a split brain. What was not seen is empty, and not
 * guessed.
 *
 * @param peer the peer, named as in {@link ConnectionStatus}
 * @param splitBrain whether DRBD said that the two have diverged
 * @param since when this side was first seen without the peer, by its own clock
 * @param role role here when that was seen
 * @param lastWrite when the device here was last seen to have been written since, to within some ten seconds; empty if no write
 *     was seen, which proves nothing if it was not watched
 * @param watched whether it was watched from the moment on that it was cut off; if not, it may be cut off for longer, and may
 *     have been written when nobody looked
 * @param lapsedWord the last word on it, if that is not carried out here and never will be
 * @param volumes volumes with a disk here, in the order of their numbers
 */
public record CutOff(
        String peer,
        boolean splitBrain,
        Instant since,
        Role role,
        Optional<Instant> lastWrite,
        boolean watched,
        Optional<UUID> lapsedWord,
        List<Volume> volumes) {
    /**
     * A volume of it.
     *
     * @param number volume number
     * @param generation its data generation here towards the peer
     * @param outOfSync bytes changed here that the peer is not known to have
     * @param written bytes written to the disk here since it was attached
     */
    public record Volume(int number, Generation generation, Bytes outOfSync, long written) {}

    public CutOff {
        volumes = List.copyOf(volumes);
    }
}
