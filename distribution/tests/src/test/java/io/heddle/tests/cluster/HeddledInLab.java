package io.heddle.tests.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A satellite in a node of the lab; its state is on the node's own disk, its log in the folder shared with this machine. */
public final class HeddledInLab implements Heddled {
    /** Where it keeps its state in the node. */
    public static final String STATE = "/var/lib/heddle-satellite";

    private static final String PROCESS = "/run/heddled.pid";

    private final Lab lab;
    private final String node;
    private final Path home;
    private int starts;

    /**
     * A satellite of a node. Not started yet.
     *
     * @param home the appliance that it is of
     */
    public HeddledInLab(Lab lab, String node, Path home) {
        this.lab = lab;
        this.node = node;
        this.home = home;
    }

    @Override
    public String name() {
        return "satellite " + node;
    }

    @Override
    public void start() {
        starts++;
        // The shell execs heddled, which execs java: one process, whose number is known before it runs. A node that
        // lost its power has forgotten /run, so a number there is that of this boot. All in one go: each costs a tenth
        // of a second.
        String answer = lab.exec(
                node,
                "kill -0 $(cat " + PROCESS + " 2>/dev/null) 2>/dev/null && { echo runs; exit; }; mkdir -p " + STATE
                        + "; setsid sh -c 'echo $$ >" + PROCESS + "; exec " + home.resolve("bin/heddled")
                        + " --config=" + home.resolve("conf/heddle.conf")
                        + " --roles=satellite --state-directory=" + STATE
                        + " --claim-from=" + lab.network() + "' >/share/" + logName()
                        + " 2>&1 </dev/null &");
        if (answer.equals("runs")) {
            starts--;
        }
    }

    private String logName() {
        return node + "-" + starts + ".log";
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
                "p=$(cat " + PROCESS + " 2>/dev/null) || exit 0; kill -9 $p 2>/dev/null; "
                        + "while kill -0 $p 2>/dev/null; do sleep 0.05; done; rm -f " + PROCESS);
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

    /** Does nothing: it ends with its node. */
    @Override
    public void close() {}
}
