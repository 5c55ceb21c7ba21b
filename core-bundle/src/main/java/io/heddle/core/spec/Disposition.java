package io.heddle.core.spec;

/** What is wanted of an object. What a spec does not name is none of these: it is left alone and listed as unclaimed. */
public enum Disposition {
    /** It is to be there. */
    PRESENT,
    /** A volume that stays, without its disk: what it has of its own is to go, by its UUID, once another copy is seen to be good. */
    DISKLESS,
    /** A resource of which all stays and nothing runs, until something else is wanted of it; nobody brings it up meanwhile. */
    HALTED,
    /** A tombstone: it is to go, by its UUID. */
    REMOVED
}
