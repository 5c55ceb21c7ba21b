package io.heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A checked value for every setting. */
record Configuration(Map<Setting, String> values) {
    Configuration {
        EnumMap<Setting, String> all = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            all.put(setting, values.getOrDefault(setting, setting.preset()));
        }
        values = Collections.unmodifiableMap(all);
    }

    String value(Setting setting) {
        return values.getOrDefault(setting, setting.preset());
    }

    Set<Role> roles() {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        List<String> words = Check.list(value(Setting.ROLES));
        Arrays.stream(Role.values()).filter(role -> words.contains(role.word())).forEach(roles::add);
        return roles;
    }

    Path stateDirectory() {
        return Path.of(value(Setting.STATE_DIRECTORY));
    }

    /**
     * Reads the file, then what overrides it.
     *
     * @param arguments values by key, which win over the environment, which wins over the file
     * @throws RefusedException with one sentence for each mistake in the file, the environment or the arguments
     */
    static Configuration read(Path file, Map<String, String> environment, Map<String, String> arguments)
            throws RefusedException {
        Reader reader = new Reader();
        reader.readFile(file);
        for (Setting setting : Setting.values()) {
            Optional.ofNullable(environment.get(setting.variable()))
                    .ifPresent(value -> reader.accept(setting, value, "the environment: " + setting.variable()));
        }
        environment.keySet().forEach(reader::refuseMisspelling);
        arguments.forEach((key, value) -> reader.accept(key, value, "the arguments: --" + key));
        return reader.result();
    }

    /** Gathers values, and everything that is wrong with them, so that all mistakes are told at once. */
    private static final class Reader {
        private static final int HEARTBEATS_AT_LEAST = 3;

        private final Map<Setting, String> values = new EnumMap<>(Setting.class);
        private final List<String> mistakes = new ArrayList<>();

        void readFile(Path file) throws RefusedException {
            List<String> lines;
            try {
                lines = Files.readAllLines(file);
            } catch (IOException failure) {
                throw new RefusedException("The configuration " + file + " cannot be read: " + failure, failure);
            }
            Map<String, Integer> seen = new HashMap<>();
            for (int number = 1; number <= lines.size(); number++) {
                String line = lines.get(number - 1).strip();
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                String place = file + " line " + number;
                int equals = line.indexOf('=');
                if (equals < 0) {
                    mistakes.add(place + ": \"" + line + "\" is not a setting; write key = value.");
                    continue;
                }
                String key = line.substring(0, equals).strip();
                Integer before = seen.putIfAbsent(key, number);
                if (before != null) {
                    mistakes.add(place + ": " + key + " is already set in line " + before + "; keep one of them.");
                    continue;
                }
                accept(key, line.substring(equals + 1).strip(), place);
            }
        }

        /** Variables of other programs of ours are left alone, unless one is a setting but for a slip or two. */
        void refuseMisspelling(String variable) {
            Setting nearest = Arrays.stream(Setting.values())
                    .min(Comparator.comparingInt(setting -> Spelling.distance(variable, setting.variable())))
                    .orElseThrow();
            int slips = Spelling.distance(variable, nearest.variable());
            if (slips == 1 || slips == 2) {
                mistakes.add(
                        "the environment: " + variable + " is no setting; did you mean " + nearest.variable() + "?");
            }
        }

        void accept(String key, String value, String place) {
            Setting.ofKey(key)
                    .ifPresentOrElse(
                            setting -> accept(setting, value, place),
                            () -> mistakes.add(place + ": there is no setting \"" + key + "\"; did you mean "
                                    + Setting.nearest(key).key() + "?"));
        }

        void accept(Setting setting, String value, String place) {
            setting.problem(value)
                    .ifPresentOrElse(
                            problem -> mistakes.add(
                                    place + ": " + setting.key() + " = " + value + " is refused: " + problem + "."),
                            () -> values.put(setting, value));
        }

        Configuration result() throws RefusedException {
            refuseLostBeforeHeartbeats();
            if (!mistakes.isEmpty()) {
                throw new RefusedException(mistakes);
            }
            if (values.getOrDefault(Setting.NODE_NAME, "").isEmpty()) {
                values.put(Setting.NODE_NAME, hostName());
            }
            return new Configuration(values);
        }

        /** Fewer than three heartbeats would take a node for lost that is merely busy. */
        private void refuseLostBeforeHeartbeats() {
            int heartbeat = seconds(Setting.LINK_HEARTBEAT);
            int lostAfter = seconds(Setting.LINK_LOST_AFTER);
            if (lostAfter < HEARTBEATS_AT_LEAST * heartbeat) {
                mistakes.add("link-lost-after = " + lostAfter + " is refused: it has to be at least "
                        + HEARTBEATS_AT_LEAST * heartbeat + ", three times link-heartbeat.");
            }
        }

        private int seconds(Setting setting) {
            return Integer.parseInt(values.getOrDefault(setting, setting.preset()));
        }

        /** The name that uname -n prints. InetAddress might ask a name server that is down. */
        private static String hostName() throws RefusedException {
            Path source = Path.of("/proc/sys/kernel/hostname");
            try {
                return Files.readString(source).strip();
            } catch (IOException failure) {
                throw new RefusedException("The host name cannot be read from " + source + "; set node-name.", failure);
            }
        }
    }
}
