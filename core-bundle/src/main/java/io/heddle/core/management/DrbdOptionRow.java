package io.heddle.core.management;

/**
 * A DRBD option with what holds.
 *
 * @param section {@code Resource}, {@code Net}, {@code Disk}, {@code PeerDevice} or {@code Handlers}
 * @param option DRBD's name of it
 * @param value its value in DRBD's unit; empty if nothing sets it and DRBD has no default
 * @param from what sets it, such as {@code resource group fast}; {@code Heddle}, or {@code DRBD} for its own default
 * @param peer node at the other end, where that counts; empty otherwise
 * @param volume volume number, where that counts; -1 otherwise
 * @param range what it may be, with the unit
 * @param initial DRBD's own default
 * @param change when a change of it holds
 * @param note what is to be known, such as that the DRBD of the node does not have it; may be empty
 */
public record DrbdOptionRow(
        String section,
        String option,
        String value,
        String from,
        String peer,
        int volume,
        String range,
        String initial,
        String change,
        String note) {}
