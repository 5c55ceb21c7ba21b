package io.heddle.tests.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A {@code heddled} in a node of the lab; its state is in the node, its log in the folder shared with this machine. */
public final class HeddledInLab implements Heddled {
    /** Where a satellite keeps its state in the node. */
    public static final String STATE = "/var/lib/heddle-satellite";

    /** The satellite of the node has the usual one. */
    private static final int CONTROLLER_JMX_PORT = 3379;

    private final Lab lab;
    private final String node;
    private final Path home;
    private final String role;
    private final String state;
    private final String arguments;
    private final String process;
    private int starts;

    /**
     * A satellite of a node. Not started yet.
     *
     * @param home the appliance that it is of
     */
    public HeddledInLab(Lab lab, String node, Path home) {
        this(lab, node, home, "");
    }

    /**
     * The same with more arguments.
     *
     * @param arguments as the shell reads them
     */
    public HeddledInLab(Lab lab, String node, Path home, String arguments) {
        this(lab, node, home, "satellite", STATE, "--claim-from=" + lab.network() + " " + arguments);
    }

    /** A controller in a node, which keeps everything below a directory of the node. Not started yet. */
    public static HeddledInLab controller(Lab lab, String node, Path home, String state) {
        return new HeddledInLab(lab, node, home, "controller", state, "--jmx-port=" + CONTROLLER_JMX_PORT);
    }

    private HeddledInLab(Lab lab, String node, Path home, String role, String state, String arguments) {
        this.lab = lab;
        this.node = node;
        this.home = home;
        this.role = role;
        this.state = state;
        this.arguments = arguments;
        this.process = process(role);
    }

    /** File in the node with the number of the process. */
    public static String process(String role) {
        return "/run/heddled-" + role + ".pid";
    }

    @Override
    public String name() {
        return role + " " + node;
    }

    @Override
    public void start() {
        starts++;
        // The shell execs heddled, which execs java: one process, whose number is known before it runs. A node that
        // lost its power has forgotten /run, so a number there is that of this boot. All in one go: each costs a tenth
        // of a second.
        String answer = lab.exec(
                node,
                "kill -0 $(cat " + process + " 2>/dev/null) 2>/dev/null && { echo runs; exit; }; mkdir -p " + state
                        + "; setsid sh -c 'echo $$ >" + process + "; exec " + home.resolve("bin/heddled")
                        + " --config=" + home.resolve("conf/heddle.conf") + " --roles=" + role
                        + " --state-directory=" + state + " " + arguments + "' >/share/" + logName()
                        + " 2>&1 </dev/null &");
        if (answer.equals("runs")) {
            starts--;
        }
    }

    private String logName() {
        return node + "-" + role + "-" + starts + ".log";
    }

    @Override
    public void awaitUp() {
        Eventually.nothingIsMissing(
                () -> log().contains(" runs as ") ? Optional.empty() : Optional.of(name() + " is not up:\n" + log()));
    }

    @Override
    public void kill() {
        // Until it is gone, so that the next one finds the state directory free.
        lab.exec(
                node,
                "p=$(cat " + process + " 2>/dev/null) || exit 0; kill -9 $p 2>/dev/null; "
                        + "while kill -0 $p 2>/dev/null; do sleep 0.05; done; rm -f " + process);
    }

    @Override
    public String log() {
        Path file = lab.share().resolve(logName());
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Runs one command of the console on it, if it is a controller. */
    public Program.Result console(String words) {
        return lab.run(
                node,
                "HEDDLE_STATE_DIRECTORY=" + state + " HEDDLE_JMX_PORT=" + CONTROLLER_JMX_PORT + " "
                        + home.resolve("bin/heddle") + " " + words);
    }

    /** Does nothing: it ends with its node. */
    @Override
    public void close() {}
}
