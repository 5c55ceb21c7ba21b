package io.heddle.drbd;

import io.heddle.core.status.KernelStatus.Dialect;

/** Formats of DRBD's metadata that are in use; drbdmeta's words. */
enum MetadataFormat {
    /** DRBD 8.4: one peer. */
    V08("v08", "8.4"),
    /** DRBD 9: a bitmap for each of several peers. */
    V09("v09", "9");

    private final String word;
    private final String version;

    MetadataFormat(String word, String version) {
        this.word = word;
        this.version = version;
    }

    String word() {
        return word;
    }

    /** The DRBD that writes it, for people. */
    String version() {
        return version;
    }

    MetadataFormat other() {
        return this == V08 ? V09 : V08;
    }

    static MetadataFormat of(Dialect dialect) {
        return dialect == Dialect.DRBD_8_4 ? V08 : V09;
    }
}
