package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.TestCluster;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The lab: a controller on this machine, satellites in nodes, LVM thin pools, DRBD. */
final class LabGround implements Ground {
    private final Lab lab;
    private final TestCluster cluster;
    private final List<Victim> victims;
    private final int replicas;

    LabGround() {
        replicas = Lab.replicas();
        lab = new Lab(replicas);
        cluster = TestCluster.inLab(lab, Places.newDirectory("soak-lab"));
        List<Victim> all = new ArrayList<>(List.of(new HeddledVictim(cluster.controller(), true)));
        cluster.satellites().forEach((node, satellite) -> {
            all.add(new HeddledVictim(satellite, false));
            all.add(new NodeVictim(lab, node, satellite));
        });
        victims = List.copyOf(all);
    }

    /** A node that loses its power. */
    private record NodeVictim(Lab lab, String node, Heddled satellite) implements Victim {
        @Override
        public String name() {
            return "power of " + node;
        }

        @Override
        public boolean isController() {
            return false;
        }

        @Override
        public void strike() {
            lab.cutPower(node);
        }

        @Override
        public void restore() {
            lab.powerOn(node);
            satellite.start();
        }

        @Override
        public void awaitUp() {
            satellite.awaitUp();
        }
    }

    @Override
    public String name() {
        return "lab (LVM thin, DRBD " + (Lab.hasDrbd9() ? "9" : "8.4") + ", " + replicas + " nodes)";
    }

    @Override
    public TestCluster cluster() {
        return cluster;
    }

    @Override
    public List<Victim> victims() {
        return victims;
    }

    @Override
    public String layers() {
        return "drbd,storage";
    }

    @Override
    public List<ReplyRow> place(ClusterMXBean beans, String resource) {
        return beans.createResource(resource, String.join(",", lab.nodes()), TestCluster.POOL, false);
    }

    @Override
    public String goodState() {
        return "UpToDate";
    }

    @Override
    public int capacity() {
        return 5;
    }

    @Override
    public boolean write(TestCluster seen, String resource, byte[] content) {
        String node = lab.nodes().get(0);
        try {
            Optional<String> device = cluster.deviceNow(resource, node);
            if (device.isEmpty()) {
                return false;
            }
            cluster.ask(beans -> beans.promoteResource(resource, node, false));
            String encoded = Base64.getEncoder().encodeToString(content);
            Program.Result written = lab.run(
                    node,
                    "echo " + encoded + " | base64 -d | dd of=" + device.get()
                            + " bs=4096 oflag=direct conv=fsync status=none");
            cluster.ask(beans -> beans.demoteResource(resource, node));
            return written.succeeded();
        } catch (Refused | NoAnswer now) {
            // A peer or the controller is down at the moment; the writer tries again, or goes without.
            return false;
        }
    }

    @Override
    public List<byte[]> read(TestCluster seen, String resource, int length) {
        List<byte[]> contents = new ArrayList<>();
        for (String node : lab.nodes()) {
            cluster.done(beans -> beans.promoteResource(resource, node, false));
            String encoded = lab.exec(
                    node,
                    "dd if=" + cluster.device(resource, node) + " bs=" + length
                            + " count=1 iflag=direct status=none | base64 -w0");
            contents.add(Base64.getDecoder().decode(encoded));
            cluster.done(beans -> beans.demoteResource(resource, node));
        }
        return contents;
    }

    @Override
    public Optional<String> leftover(SortedSet<String> present) {
        for (String node : lab.nodes()) {
            Optional<String> left = leftover(node, present);
            if (left.isPresent()) {
                return left;
            }
        }
        return Optional.empty();
    }

    private Optional<String> leftover(String node, SortedSet<String> present) {
        String vg = TestCluster.THIN_POOL.split("/", 2)[0];
        String thin = TestCluster.THIN_POOL.split("/", 2)[1];
        Program.Result seen = lab.run(
                node,
                "lvs --noheadings -o lv_name " + vg + " | sed 's/ //g; s/^/lv /'; "
                        + "find " + HeddledInLab.STATE + " /etc/drbd.d -name '*.res' ! -path /etc/drbd.d/heddle.res"
                        + " | sed 's,.*/,file ,'; "
                        + "drbdsetup show | sed -n 's/^resource \"*\\([^\" ]*\\).*/drbd \\1/p'; echo end");
        if (!seen.succeeded() || !seen.output().strip().endsWith("end")) {
            return Optional.of(seen.toString());
        }
        SortedSet<String> volumes = new TreeSet<>();
        SortedSet<String> files = new TreeSet<>();
        SortedSet<String> kernel = new TreeSet<>();
        for (String line : seen.output().lines().toList()) {
            String name = line.substring(line.indexOf(' ') + 1);
            if (line.startsWith("lv ") && !name.equals(thin)) {
                volumes.add(name.replaceFirst("_[0-9]{5}(_[0-9]+)?$", ""));
            } else if (line.startsWith("file ")) {
                files.add(name.replaceFirst("\\.res$", ""));
            } else if (line.startsWith("drbd ")) {
                kernel.add(name);
            }
        }
        return volumes.equals(present) && files.equals(present) && kernel.equals(present)
                ? Optional.empty()
                : Optional.of(node + " has volumes " + volumes + ", files " + files + ", DRBD resources " + kernel
                        + " for " + present);
    }

    @Override
    public void close() {
        cluster.close();
        lab.close();
    }
}
