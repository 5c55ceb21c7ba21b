package io.heddle.console;

import java.util.Optional;

/** Version of this console. */
final class Version {
    /** From the manifest of the jar; {@code unknown} when run from classes. */
    static final String CURRENT = Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
            .orElse("unknown");

    private Version() {}
}
