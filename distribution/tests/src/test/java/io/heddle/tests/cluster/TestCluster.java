package io.heddle.tests.cluster;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.core.management.VolumeRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** A controller on this machine with satellites, each with one storage pool of the same name. */
public final class TestCluster implements AutoCloseable {
    /** Name of the pools. */
    public static final String POOL = "pool";

    /** Volume group and thin pool of the nodes of a lab. */
    public static final String THIN_POOL = "vg0/thin";

    private final HeddledOnMachine controller;
    private final SortedMap<String, Heddled> satellites;
    private final ClusterClient client;

    private TestCluster(HeddledOnMachine controller, SortedMap<String, Heddled> satellites) {
        this.controller = controller;
        this.satellites = satellites;
        this.client = controller.client();
    }

    /** A satellite on this machine itself, with a pool of files on loop devices in {@code directory/pool}. */
    public static TestCluster onMachine(Path directory) {
        Places.makeClassArchive();
        String node = Program.run("uname", "-n").printed();
        HeddledOnMachine satellite = HeddledOnMachine.satellite(node, make(directory.resolve("satellite")));
        TestCluster cluster = new TestCluster(
                HeddledOnMachine.controller(make(directory.resolve("controller"))),
                new TreeMap<>(Map.of(node, satellite)));
        cluster.begin(
                Map.of(node, "127.0.0.1:" + satellite.linkPort()),
                "FILE_THIN",
                make(directory.resolve("pool")).toString());
        return cluster;
    }

    /** A satellite in each node of a lab, with a thin pool of LVM on the node's disk. */
    public static TestCluster inLab(Lab lab, Path directory) {
        return inLab(lab, directory, Map.of());
    }

    /**
     * The same with another appliance on some nodes.
     *
     * @param homes appliances by node
     */
    public static TestCluster inLab(Lab lab, Path directory, Map<String, Path> homes) {
        Places.makeClassArchive();
        SortedMap<String, Heddled> satellites = new TreeMap<>();
        Map<String, String> addresses = new TreeMap<>();
        String[] thin = THIN_POOL.split("/", 2);
        for (String node : lab.nodes()) {
            Heddled satellite = new HeddledInLab(lab, node, homes.getOrDefault(node, Places.appliance()));
            satellite.start();
            satellites.put(node, satellite);
            addresses.put(node, lab.address(node) + ":3366");
            lab.exec(
                    node, "vgcreate " + thin[0] + " /dev/ubda && lvcreate -L 2G --thinpool " + thin[1] + " " + thin[0]);
        }
        TestCluster cluster =
                new TestCluster(HeddledOnMachine.controller(make(directory.resolve("controller"))), satellites);
        cluster.begin(addresses, "LVM_THIN", THIN_POOL);
        return cluster;
    }

    private static Path make(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private void begin(Map<String, String> addresses, String driver, String backing) {
        controller.start();
        satellites.values().forEach(Heddled::start);
        controller.awaitUp();
        satellites.values().forEach(Heddled::awaitUp);
        addresses.forEach((node, address) -> {
            int colon = address.lastIndexOf(':');
            String host = address.substring(0, colon);
            int port = Integer.parseInt(address.substring(colon + 1));
            // its link may come later than the answer, on a slow machine
            ask(cluster -> cluster.createNode(node, "", host, port, "", ""));
        });
        awaitOnline();
        addresses.keySet().forEach(node -> done(cluster -> cluster.createStoragePool(driver, node, POOL, backing)));
    }

    public HeddledOnMachine controller() {
        return controller;
    }

    /** Satellites by node. */
    public SortedMap<String, Heddled> satellites() {
        return satellites;
    }

    /** The cluster's operations, for one thread. */
    public ClusterClient client() {
        return client;
    }

    /** Asks something. */
    public <T> T ask(Function<ClusterMXBean, T> question) {
        return client.ask(question);
    }

    /** Carries an operation out; fails if anything is missing at its end. */
    public List<ReplyRow> done(Function<ClusterMXBean, List<ReplyRow>> operation) {
        List<ReplyRow> replies = client.ask(operation);
        if (replies.stream().anyMatch(reply -> reply.severity().equals("WARNING"))) {
            throw new AssertionError("done, but: " + replies);
        }
        return replies;
    }

    /** A definition with one volume, and replicas where they fit. */
    public List<ReplyRow> create(String resource, String size, int replicas) {
        done(cluster -> cluster.createResourceDefinition(resource, "", ""));
        done(cluster -> cluster.createVolumeDefinition(resource, size, false, -1));
        return done(cluster -> cluster.autoPlace(resource, replicas, POOL, ""));
    }

    /** The node as listed. */
    public NodeRow node(String name) {
        return ask(ClusterMXBean::listNodes).stream()
                .filter(row -> row.node().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The resource on a node, if it is listed. */
    public Optional<ResourceRow> resource(String resource, String node) {
        return ask(ClusterMXBean::listResources).stream()
                .filter(row -> row.resource().equals(resource) && row.node().equals(node))
                .findFirst();
    }

    /** Nodes of a resource. */
    public List<String> nodesOf(String resource) {
        return ask(ClusterMXBean::listResources).stream()
                .filter(row -> row.resource().equals(resource))
                .map(ResourceRow::node)
                .sorted()
                .toList();
    }

    /** What to open for the first volume of a resource on a node. */
    public String device(String resource, String node) {
        return deviceNow(resource, node)
                .orElseThrow(() -> new AssertionError("no device of " + resource + " on " + node));
    }

    /** The same, if it is known at the moment: not while its satellite is away. */
    public Optional<String> deviceNow(String resource, String node) {
        return ask(ClusterMXBean::listVolumes).stream()
                .filter(row -> row.resource().equals(resource) && row.node().equals(node))
                .map(VolumeRow::device)
                .filter(device -> !device.isEmpty())
                .findFirst();
    }

    /** Waits until every satellite is connected. */
    public void awaitOnline() {
        Eventually.nothingIsMissing(() -> ask(ClusterMXBean::listNodes).stream()
                .filter(row -> !row.state().equals("ONLINE"))
                .map(NodeRow::toString)
                .findFirst());
    }

    /** Waits until the resource has the state on all of its nodes, with all connections. */
    public void awaitState(String resource, String state) {
        Eventually.nothingIsMissing(() -> ask(ClusterMXBean::listResources).stream()
                .filter(row -> row.resource().equals(resource))
                .filter(row -> !row.state().equals(state) || !row.connections().equals("Ok"))
                .map(ResourceRow::toString)
                .findFirst());
    }

    /** Waits until a problem of this code is shown for the resource on the node. */
    public ResourceRow awaitProblem(String resource, String node, String code) {
        Eventually.nothingIsMissing(() -> resource(resource, node)
                        .filter(row -> row.problem().startsWith(code + ":"))
                        .isPresent()
                ? Optional.empty()
                : Optional.of("no " + code + " in " + resource(resource, node)));
        return resource(resource, node).orElseThrow();
    }

    /** Waits until nothing of a definition is listed any more. */
    public void awaitGone(String resource) {
        Eventually.nothingIsMissing(() -> ask(ClusterMXBean::listResourceDefinitions).stream()
                .filter(row -> row.resource().equals(resource))
                .map(row -> row + ", " + ask(ClusterMXBean::listResources))
                .findFirst());
    }

    /** Logs of all, for a failure's message. */
    public String logs() {
        StringBuilder text = new StringBuilder();
        text.append("---- controller\n").append(controller.log());
        satellites
                .values()
                .forEach(satellite -> text.append("---- ")
                        .append(satellite.name())
                        .append('\n')
                        .append(satellite.log()));
        return text.toString();
    }

    @Override
    public void close() {
        client.close();
        controller.close();
        satellites.values().forEach(Heddled::close);
    }
}
