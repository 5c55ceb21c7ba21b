package io.heddle.core.plan;

import io.heddle.core.model.Ordered;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What a satellite keeps on its own disk of a resource beside its spec, since nothing that can be looked at tells it: a volume
 * that was lost looks like one that was never made.
 *
 * @param begun volumes whose making was begun on this node, by the identity of the replica
 * @param removalApproved whether another good copy was seen when the removal began
 * @param forcedPrimary whether this node makes itself Primary for a moment to give the resource its first content, as DRBD 8.4
 *     wants it, and may not have come back from that
 * @param cutOffs what was seen of peers that may have diverged, by their names
 * @param word how far this node is with the last word on a split brain; empty if it was never given one
 * @param givenUp volumes whose disk is given up since another good copy was seen, by the identity of the replica: they are never
 *     attached again
 */
public record ResourceRecord(
        SortedMap<UUID, MadeVolume> begun,
        boolean removalApproved,
        boolean forcedPrimary,
        SortedMap<String, SeenCutOff> cutOffs,
        Optional<AnsweredWord> word,
        SortedSet<UUID> givenUp) {
    public static final ResourceRecord NOTHING = new ResourceRecord(Ordered.map(null), false, false);

    public ResourceRecord {
        begun = Ordered.map(begun);
        cutOffs = Ordered.map(cutOffs);
        givenUp = Ordered.set(givenUp);
    }

    /** One that gave nothing up, and of which no split brain is known. */
    public ResourceRecord(SortedMap<UUID, MadeVolume> begun, boolean removalApproved, boolean forcedPrimary) {
        this(begun, removalApproved, forcedPrimary, Ordered.map(null), Optional.empty(), Ordered.set(null));
    }

    /** How a volume was made; empty if its making was not begun here. */
    public Optional<MadeVolume> begun(UUID volume) {
        return Optional.ofNullable(begun.get(volume));
    }

    /** How a volume was made; empty if it never was in service here. */
    public Optional<MadeVolume> made(UUID volume) {
        return begun(volume).filter(MadeVolume::inService);
    }

    public ResourceRecord with(UUID volume, MadeVolume how) {
        return new ResourceRecord(
                Ordered.with(begun, volume, how), removalApproved, forcedPrimary, cutOffs, word, givenUp);
    }

    public ResourceRecord withRemovalApproved() {
        return new ResourceRecord(begun, true, forcedPrimary, cutOffs, word, givenUp);
    }

    public ResourceRecord withForcedPrimary(boolean forced) {
        return new ResourceRecord(begun, removalApproved, forced, cutOffs, word, givenUp);
    }

    public ResourceRecord withCutOff(String peer, SeenCutOff seen) {
        return new ResourceRecord(
                begun, removalApproved, forcedPrimary, Ordered.with(cutOffs, peer, seen), word, givenUp);
    }

    public ResourceRecord withoutCutOff(String peer) {
        return new ResourceRecord(begun, removalApproved, forcedPrimary, Ordered.without(cutOffs, peer), word, givenUp);
    }

    /** Only the last word matters: an earlier one is never given again. */
    public ResourceRecord withWord(AnsweredWord last) {
        return new ResourceRecord(begun, removalApproved, forcedPrimary, cutOffs, Optional.of(last), givenUp);
    }

    /** The same with the disk of one more volume given up. */
    public ResourceRecord withGivenUp(UUID volume) {
        TreeSet<UUID> more = new TreeSet<>(givenUp);
        more.add(volume);
        return new ResourceRecord(begun, removalApproved, forcedPrimary, cutOffs, word, more);
    }
}
