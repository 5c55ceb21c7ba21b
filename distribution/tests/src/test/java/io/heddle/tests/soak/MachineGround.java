package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** This machine itself: a controller and a satellite, files on loop devices, no DRBD. */
final class MachineGround implements Ground {
    private static final String SIDECAR = ".heddle.json";

    private final Path directory = Places.newDirectory("soak");
    private final Path pool = directory.resolve("pool");
    private final TestCluster cluster = TestCluster.onMachine(directory);
    private final List<Victim> victims;

    MachineGround() {
        List<Victim> all = new ArrayList<>(List.of(new HeddledVictim(cluster.controller(), true)));
        cluster.satellites().values().forEach(satellite -> all.add(new HeddledVictim(satellite, false)));
        victims = List.copyOf(all);
    }

    @Override
    public String name() {
        return "machine (files on loop devices)";
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
        return "storage";
    }

    @Override
    public List<ReplyRow> place(ClusterMXBean beans, String resource) {
        return beans.createResource(resource, cluster.satellites().firstKey(), TestCluster.POOL, false);
    }

    @Override
    public String goodState() {
        return "Created";
    }

    @Override
    public int capacity() {
        return 12;
    }

    @Override
    public boolean write(TestCluster seen, String resource, byte[] content) {
        try {
            Optional<String> now =
                    cluster.deviceNow(resource, cluster.satellites().firstKey());
            if (now.isEmpty()) {
                // The satellite is down at the moment.
                return false;
            }
            try (RandomAccessFile device = new RandomAccessFile(ours(resource, now.get()), "rwd")) {
                device.write(content);
                return true;
            }
        } catch (NoAnswer now) {
            // The controller is down at the moment; the writer tries again.
            return false;
        } catch (IOException failure) {
            throw new AssertionError("cannot write to " + resource, failure);
        }
    }

    @Override
    public List<byte[]> read(TestCluster seen, String resource, int length) {
        try (RandomAccessFile device = new RandomAccessFile(
                ours(resource, cluster.device(resource, cluster.satellites().firstKey())), "r")) {
            byte[] content = new byte[length];
            device.readFully(content);
            return List.of(content);
        } catch (IOException failure) {
            throw new AssertionError("cannot read " + resource, failure);
        }
    }

    /** The device, after a look that it is on a file of this ground and not somebody else's by now. */
    private String ours(String resource, String device) throws IOException {
        String backing =
                LoopDevices.file(Path.of(device).toRealPath().getFileName().toString());
        if (!backing.startsWith(pool.resolve(resource + "_").toString())) {
            throw new AssertionError(resource + " is said to be on " + device + ", which is on " + backing);
        }
        return device;
    }

    @Override
    public Optional<String> leftover(SortedSet<String> present) {
        List<String> data = new ArrayList<>();
        List<String> sidecars = new ArrayList<>();
        for (String file : Places.files(pool)) {
            if (file.endsWith(SIDECAR)) {
                sidecars.add(file.substring(0, file.length() - SIDECAR.length()));
            } else {
                data.add(file);
            }
        }
        List<String> attached =
                LoopDevices.below(pool).values().stream().sorted().toList();
        if (!resources(data).equals(List.copyOf(present))) {
            return Optional.of("files " + data + " for " + present);
        }
        if (!sidecars.equals(data)) {
            return Optional.of("sidecars " + sidecars + " for files " + data);
        }
        if (!attached.equals(
                data.stream().map(name -> pool.resolve(name).toString()).toList())) {
            return Optional.of("loop devices on " + attached + " for files " + data);
        }
        List<String> resourceFiles = Places.files(directory).stream()
                .filter(file -> file.endsWith(".res") && !file.endsWith("drbd.d/heddle.res"))
                .toList();
        return resourceFiles.isEmpty() ? Optional.empty() : Optional.of("resource files " + resourceFiles);
    }

    /** The resources that files are of, one for each file. */
    private static List<String> resources(List<String> files) {
        return files.stream()
                .map(file -> file.replaceFirst("_[0-9]{5}(_[0-9]+)?$", ""))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        cluster.close();
        LoopDevices.detachBelow(pool);
    }
}
