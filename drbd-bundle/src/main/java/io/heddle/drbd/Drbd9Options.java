package io.heddle.drbd;

import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Takes from the options of a resource those that the loaded DRBD 9 and the installed tools know, and remembers what it left
 * out: drbdadm takes all that its own version knows, and the module then refuses the whole resource; what drbdadm does not know
 * makes the whole file unreadable. One object serves one file.
 */
final class Drbd9Options {
    private final String moduleVersion;
    private final Predicate<DrbdOption> knownToTools;
    private final SortedSet<String> leftOut = new TreeSet<>();

    Drbd9Options(String moduleVersion, Predicate<DrbdOption> knownToTools) {
        this.moduleVersion = moduleVersion;
        this.knownToTools = knownToTools;
    }

    /** Those of {@code options} that can stand in a section. An option that the catalogue lacks is passed on. */
    SortedMap<String, String> known(OptionSection section, SortedMap<String, String> options) {
        TreeMap<String, String> known = new TreeMap<>(options);
        known.keySet().removeIf(name -> {
            Optional<DrbdOption> unknown = DrbdOptionCatalogue.find(section.prefix() + name)
                    .filter(option -> !option.knownTo(moduleVersion) || !knownToTools.test(option));
            unknown.ifPresent(option -> leftOut.add(name));
            return unknown.isPresent();
        });
        return known;
    }

    /** Names of the options that were left out so far. */
    SortedSet<String> leftOut() {
        return leftOut;
    }
}
