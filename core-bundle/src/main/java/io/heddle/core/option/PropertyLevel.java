package io.heddle.core.option;

import java.util.Locale;

/** What a property can be set on. */
public enum PropertyLevel {
    CONTROLLER('C'),
    NODE('N'),
    STORAGE_POOL('P'),
    RESOURCE_GROUP('G'),
    RESOURCE_DEFINITION('D'),
    VOLUME_DEFINITION('V'),
    RESOURCE('R'),
    /** Two nodes: all connections between them. */
    NODE_CONNECTION('K'),
    /** A resource between two nodes. */
    RESOURCE_CONNECTION('L'),
    /** A volume of a resource between two nodes. */
    PEER_DEVICE('E');

    private final char letter;

    PropertyLevel(char letter) {
        this.letter = letter;
    }

    /** For people: {@code resource definition}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static PropertyLevel of(char letter) {
        for (PropertyLevel level : values()) {
            if (level.letter == letter) {
                return level;
            }
        }
        throw new IllegalArgumentException(String.valueOf(letter));
    }
}
