package io.heddle.rest.access;

import java.util.Locale;
import java.util.Optional;

/** What a caller may do; each includes the ones before it. */
public enum Role {
    /** Reads. */
    VIEWER,
    /** Everything that runs volumes. */
    OPERATOR,
    /** Everything, who may come in included. */
    ADMIN;

    /** The role of a word in any case. */
    static Optional<Role> of(String text) {
        for (Role role : values()) {
            if (role.name().equalsIgnoreCase(text.strip())) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }

    boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
