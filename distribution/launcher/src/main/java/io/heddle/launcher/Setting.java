package io.heddle.launcher;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Every key of {@code heddle.conf}: its default, what it is for, and what values it takes. The shipped file and the
 * help text are written from here.
 */
enum Setting {
    ROLES(
            "roles",
            "controller,satellite",
            Check.ROLES,
            "What this machine is to the cluster: controller, satellite, or both with a comma between."),
    NODE_NAME("node-name", "", Check.NODE_NAME, "Name of this node. Empty: the host name, as uname -n prints it."),
    STATE_DIRECTORY(
            "state-directory",
            "/var/lib/heddle",
            Check.DIRECTORY,
            "Everything Heddle keeps: what the controller must not lose below controller/, the satellite below satellite/.",
            "A bundle copied to deploy/ is started at once, a newer version beside the one it takes over from.",
            "tmp/ is emptied at each start, and must not be mounted noexec."),
    DRBD_DIRECTORY(
            "drbd-directory",
            "/etc/drbd.d",
            Check.DIRECTORY,
            "Where drbdadm looks for resource files. Heddle puts one file there, which includes those it keeps in its",
            "state directory."),
    KEEP_RES(
            "keep-res",
            "",
            Check.PATTERN,
            "Resources whose name this regular expression is found in are never removed by clean-up or absence;",
            "vm-100 covers vm-100-disk-1. Empty: none."),
    LINK_ADDRESS(
            "link-address",
            "0.0.0.0",
            Check.ADDRESS,
            "Address and port on which a satellite waits for its controller."),
    LINK_PORT("link-port", "3366", Check.PORT),
    LINK_ENCRYPTION(
            "link-encryption",
            "TLS",
            Check.ENCRYPTION,
            "TLS or PLAIN. PLAIN lets anybody who reaches the port command this node."),
    LINK_HEARTBEAT(
            "link-heartbeat",
            "1",
            Check.HEARTBEAT,
            "After how many seconds of silence controller and satellite show each other that they live, 1 to 60, and after",
            "how many without such a sign the controller takes a node for offline, 3 to 600: at least three times",
            "link-heartbeat, which is to be the same on all machines. A satellite gives up its controller after three times",
            "link-lost-after."),
    LINK_LOST_AFTER("link-lost-after", "5", Check.LOST_AFTER),
    CLAIM_FROM(
            "claim-from",
            "",
            Check.NETWORKS,
            "Networks, with commas between, from which a controller may claim a satellite that has none yet, such as",
            "10.1.0.0/16. Empty: only with the one-time code that the satellite prints."),
    ANSWER_WITHIN(
            "answer-within",
            "60",
            Check.ANSWER_WITHIN,
            "How many seconds a request to the controller waits for satellites at most, 1 to 3600. It is answered then with",
            "what is missing; what was asked for is carried out all the same."),
    REST_ADDRESS("rest-address", "127.0.0.1", Check.ADDRESS, "Address and ports of the controller's REST API."),
    REST_PORT("rest-port", "3370", Check.PORT),
    REST_TLS_PORT("rest-tls-port", "3371", Check.PORT),
    JMX_ADDRESS("jmx-address", "127.0.0.1", Check.ADDRESS, "Address and port for JConsole, VisualVM and the console."),
    JMX_PORT("jmx-port", "3369", Check.PORT),
    METRICS_ADDRESS(
            "metrics-address",
            "127.0.0.1",
            Check.ADDRESS,
            "Address and port of /metrics where this machine is only a satellite; a controller has it on its REST port."),
    METRICS_PORT("metrics-port", "3368", Check.PORT),
    LOG_LEVEL("log-level", "INFO", Check.LOG_LEVEL, "ERROR, WARN, INFO, DEBUG or TRACE.");

    /** Bundles see a setting under this prefix and its key. */
    static final String PROPERTY_PREFIX = "heddle.";

    private static final String ENVIRONMENT_PREFIX = "HEDDLE_";

    private final String key;
    private final String preset;
    private final Check check;
    private final String description;

    Setting(String key, String preset, Check check, String... description) {
        this.key = key;
        this.preset = preset;
        this.check = check;
        this.description = String.join("\n", description);
    }

    /** As written in the file. */
    String key() {
        return key;
    }

    /** The value where nothing says otherwise. */
    String preset() {
        return preset;
    }

    /** What is wrong with a value, as the end of a sentence; empty when nothing is. */
    Optional<String> problem(String value) {
        return check.problem(value);
    }

    /** The environment variable that overrides the file. */
    String variable() {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }

    /** The framework property under which bundles find the value. */
    String property() {
        return PROPERTY_PREFIX + key;
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    /** The known key that is spelled most like the given one. */
    static Setting nearest(String key) {
        return Arrays.stream(values())
                .min(Comparator.comparingInt(setting -> Spelling.distance(key, setting.key)))
                .orElseThrow();
    }

    /** The configuration file as it is shipped: each setting with its default, as comments. */
    static String file() {
        StringBuilder text = new StringBuilder("""
                # Configuration of Heddle: key = value, one a line. Each line below shows the default.
                # A variable of the environment wins over this file (HEDDLE_REST_PORT=3380 over rest-port), and an
                # argument of heddled wins over both (--rest-port=3380).
                """);
        for (Setting setting : values()) {
            if (!setting.description.isEmpty()) {
                text.append('\n');
            }
            setting.description
                    .lines()
                    .forEach(line -> text.append("# ").append(line).append('\n'));
            text.append('#').append(setting.key).append(" =");
            if (!setting.preset.isEmpty()) {
                text.append(' ').append(setting.preset);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
