package io.heddle.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the launcher would start, and with which properties, for tests that start it in a container of their own. */
public record AppliancePlan(Map<String, String> properties, List<Bundle> bundles) {
    /** A jar and its start level. */
    public record Bundle(Path jar, int startLevel) {}

    /**
     * Reads the appliance's own configuration file and bundle folders.
     *
     * @param settings values by key, over those of the file
     */
    public static AppliancePlan of(Path home, Map<String, String> settings) {
        try {
            Configuration configuration = Configuration.read(home.resolve("conf/heddle.conf"), Map.of(), settings);
            // Not closed: the lock belongs to the container, which ends with this JVM.
            StateDirectory state = StateDirectory.take(configuration.stateDirectory());
            return new AppliancePlan(
                    FrameworkProperties.of(configuration, home, state),
                    BundleFile.below(home.resolve("bundles"), configuration.roles()).stream()
                            .map(file -> new Bundle(file.jar(), file.startLevel()))
                            .toList());
        } catch (RefusedException refusal) {
            throw new AssertionError(refusal);
        }
    }
}
