package io.heddle.core.option;

import java.util.Set;

/** Where a DRBD option stands, as its property names it: {@code DrbdOptions/<section>/<name>}. */
public enum OptionSection {
    /** {@code options {}} of a resource. */
    RESOURCE(
            "Resource",
            Set.of(
                    PropertyLevel.CONTROLLER,
                    PropertyLevel.RESOURCE_GROUP,
                    PropertyLevel.RESOURCE_DEFINITION,
                    PropertyLevel.RESOURCE)),
    /** {@code net {}}: both ends must agree on most of these, so one node alone cannot have its own. */
    NET(
            "Net",
            Set.of(
                    PropertyLevel.CONTROLLER,
                    PropertyLevel.RESOURCE_GROUP,
                    PropertyLevel.RESOURCE_DEFINITION,
                    PropertyLevel.NODE_CONNECTION,
                    PropertyLevel.RESOURCE_CONNECTION)),
    /** {@code disk {}} of a volume. */
    DISK(
            "Disk",
            Set.of(
                    PropertyLevel.CONTROLLER,
                    PropertyLevel.RESOURCE_GROUP,
                    PropertyLevel.RESOURCE_DEFINITION,
                    PropertyLevel.RESOURCE,
                    PropertyLevel.VOLUME_DEFINITION)),
    /** {@code disk {}} of a connection. */
    PEER_DEVICE(
            "PeerDevice",
            Set.of(
                    PropertyLevel.CONTROLLER,
                    PropertyLevel.RESOURCE_GROUP,
                    PropertyLevel.RESOURCE_DEFINITION,
                    PropertyLevel.NODE_CONNECTION,
                    PropertyLevel.RESOURCE_CONNECTION,
                    PropertyLevel.VOLUME_DEFINITION,
                    PropertyLevel.PEER_DEVICE)),
    /** {@code handlers {}}: commands that DRBD runs as root on the nodes; only an administrator sets them. */
    HANDLERS(
            "Handlers",
            Set.of(PropertyLevel.CONTROLLER, PropertyLevel.RESOURCE_GROUP, PropertyLevel.RESOURCE_DEFINITION));

    /** What the keys of all DRBD options begin with. */
    public static final String NAMESPACE = "DrbdOptions/";

    private final String word;
    private final Set<PropertyLevel> levels;

    OptionSection(String word, Set<PropertyLevel> levels) {
        this.word = word;
        this.levels = levels;
    }

    /** DRBD's word for it in keys: {@code PeerDevice}. */
    public String word() {
        return word;
    }

    /** What the keys of its options begin with, such as {@code DrbdOptions/Net/}; never null. */
    public String prefix() {
        return NAMESPACE + word + "/";
    }

    /** Levels at which its options can be set. */
    public Set<PropertyLevel> levels() {
        return levels;
    }

    static OptionSection of(String word) {
        for (OptionSection section : values()) {
            if (section.word.equals(word)) {
                return section;
            }
        }
        throw new IllegalArgumentException(word);
    }
}
