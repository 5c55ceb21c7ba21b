package io.heddle.drbd;

import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.IoLease;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.VolumeSource;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.Content;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The replication driver of DRBD. It keeps nothing that matters: files and kernel are read anew, so that another version can
 * take its place at any moment. When it goes, its readers of events end and DRBD runs on.
 */
@Component(property = "driver.kind=DRBD")
public final class DrbdDriver implements ReplicationDriver {
    private static final String STATE_DIRECTORY = "heddle.state-directory";
    private static final String DRBD_DIRECTORY = "heddle.drbd-directory";

    private final ResourceFiles files;
    private final DrbdTools tools;
    private final KernelProbe kernel;
    private final Metadata metadata;
    private final AdjustedBefore before;
    private final Resources resources;
    private final Configuration configuration;
    private final SplitBrains splitBrains;
    private final TakeOver takeOver;
    private final SuspendedIo suspendedIo;
    private final Set<EventsReader> readers = ConcurrentHashMap.newKeySet();
    private volatile Optional<Problem> includeProblem = Optional.empty();

    /** Serves the directories that the launcher's configuration names. */
    @Activate
    public DrbdDriver(BundleContext context) {
        this(
                new ExecCommandRunner(),
                Path.of("/"),
                Path.of(property(context, STATE_DIRECTORY, "/var/lib/heddle")).resolve("satellite/drbd"),
                Path.of(property(context, DRBD_DIRECTORY, "/etc/drbd.d")),
                Duration.ofSeconds(20));
        resumeLeftovers();
    }

    /**
     * Serves given directories.
     *
     * @param runner runs the tools
     * @param root where proc, sys and var/lib/drbd lie, {@code /} but in tests
     * @param directory where the resource files go
     * @param drbdDirectory where drbdadm looks by itself
     * @param resizing how long a device may take to have its new size
     */
    DrbdDriver(CommandRunner runner, Path root, Path directory, Path drbdDirectory, Duration resizing) {
        tools = new DrbdTools(runner);
        files = new ResourceFiles(directory, drbdDirectory);
        kernel = new KernelProbe(root, tools);
        metadata = new Metadata(tools, root.resolve("var/lib/drbd"));
        before = new AdjustedBefore(files, tools, kernel, directory.resolve("adjusted"), AdjustedBefore.Pace.USUAL);
        resources = new Resources(files, tools, kernel, metadata, before, resizing);
        configuration = new Configuration(files, kernel, resources, new ToolOptions(tools));
        splitBrains = new SplitBrains(files, tools, kernel, resources);
        takeOver = new TakeOver(
                resources::look, resources::adjustAgain, tools, TakeOver::unreachable, TakeOver.Patience.USUAL);
        suspendedIo =
                new SuspendedIo(resources::look, tools, new IoLeases(runner, kernel, directory.resolve("io-leases")));
    }

    /** Ends the readers of events. */
    @Deactivate
    public void deactivate() {
        readers.forEach(EventsReader::close);
        readers.clear();
        before.close();
    }

    @Override
    public KernelStatus kernel() {
        KernelStatus status = kernel.status();
        if (status.dialect() == Dialect.NONE || includeProblem.isEmpty()) {
            return status;
        }
        return new KernelStatus(
                status.dialect(),
                status.moduleVersion(),
                status.utilsVersion(),
                status.kernelRelease(),
                includeProblem,
                status.transports());
    }

    @Override
    public AutoCloseable watch(ReplicationListener listener) {
        EventsReader reader = new EventsReader(tools, this::facts, listener, EventsReader.Pace.USUAL);
        readers.add(reader);
        reader.start();
        return () -> {
            readers.remove(reader);
            reader.close();
        };
    }

    @Override
    public Bytes grossSize(Bytes net, int maximumPeers) {
        return MetadataSize.gross(net, maximumPeers);
    }

    @Override
    public List<ConfiguredResource> configured() {
        return files.configured();
    }

    @Override
    public boolean isConfigured(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        return configuration.isCurrent(cluster, resource, devices);
    }

    @Override
    public void configure(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        configuration.write(cluster, resource, devices);
        include();
    }

    @Override
    public MetadataState metadata(ResourceSpec resource, int volumeNumber, String device) {
        MetadataFormat format = MetadataFormat.of(kernel.dialect());
        return metadata.look(volume(resource, volumeNumber).minor(), format, device, resource.nodeId());
    }

    @Override
    public Optional<Bytes> sizeInMetadata(ResourceSpec resource, int volumeNumber, String device) {
        return metadata.sizeInUse(
                device, Superblock.identity(volume(resource, volumeNumber).uuid()));
    }

    @Override
    public void moveMetadata(ResourceSpec resource, int volumeNumber, String device, SortedSet<Bytes> formerSizes) {
        MetadataFormat format = MetadataFormat.of(kernel.dialect());
        VolumeSpec volume = volume(resource, volumeNumber);
        metadata.move(volume.minor(), format, device, Superblock.identity(volume.uuid()), formerSizes);
    }

    @Override
    public void adoptMetadata(ResourceSpec resource, int volumeNumber, String device) {
        VolumeSpec volume = volume(resource, volumeNumber);
        VolumeSource source = volume.source()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot take over the metadata of volume " + volumeNumber + " of resource " + resource.name(),
                        "nobody says whose it was",
                        "delete this resource on this node and create it again, so that it is copied from a peer"));
        metadata.adopt(
                volume.minor(),
                MetadataFormat.of(kernel.dialect()),
                device,
                Superblock.identity(source.replica()),
                Superblock.identity(volume.uuid()),
                source.leads());
    }

    @Override
    public void createMetadata(ResourceSpec resource, int volumeNumber, String device) {
        VolumeSpec volume = volume(resource, volumeNumber);
        int maximumPeers = volume.backing()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot create metadata for volume " + volumeNumber + " of resource " + resource.name(),
                        "it has no disk here",
                        "nothing to do: a diskless volume needs none"))
                .maximumPeers();
        metadata.create(
                volume.minor(),
                MetadataFormat.of(kernel.dialect()),
                device,
                maximumPeers,
                Superblock.identity(volume.uuid()));
    }

    @Override
    public void adjust(ResourceSpec resource) {
        resources.adjust(resource);
    }

    @Override
    public void down(String resource) {
        resources.down(resource);
    }

    @Override
    public void removeConfiguration(UUID cluster, String resource, UUID incarnation) {
        configuration.remove(resource, incarnation);
    }

    @Override
    public void skipInitialSync(ResourceSpec resource, int volumeNumber) {
        resources.skipInitialSync(resource, volumeNumber);
    }

    @Override
    public void startInitialSync(ResourceSpec resource, int volumeNumber) {
        resources.startInitialSync(resource, volumeNumber);
    }

    @Override
    public void resize(ResourceSpec resource, int volumeNumber, Bytes net) {
        resources.resize(resource, volumeNumber, net);
        readers.forEach(reader -> reader.look(resource.name().value()));
    }

    @Override
    public void forgetPeer(ResourceSpec resource, int nodeId) {
        resources.forgetPeer(resource, nodeId);
    }

    @Override
    public void pauseSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        resources.pauseSync(resource, peer, volumeNumber);
    }

    @Override
    public void resumeSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        resources.resumeSync(resource, peer, volumeNumber);
    }

    @Override
    public void reconnect(ResourceSpec resource, NodeName peer) {
        resources.reconnect(resource, peer);
    }

    @Override
    public void promote(ResourceSpec resource, boolean peerIsDead) {
        resources.promote(resource, peerIsDead);
    }

    @Override
    public void demote(ResourceSpec resource) {
        resources.demote(resource);
    }

    @Override
    public Content content(ResourceSpec resource) {
        return splitBrains.content(resource);
    }

    @Override
    public OptionalLong written(int minor) {
        return kernel.written(minor);
    }

    @Override
    public void leave(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        splitBrains.leave(resource, peers, mark);
    }

    @Override
    public void discardMyData(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        splitBrains.discardMyData(resource, peers, mark);
    }

    @Override
    public boolean stopDiscarding(ResourceSpec resource, boolean onlyIfRefused) {
        return splitBrains.stopDiscarding(resource, onlyIfRefused);
    }

    @Override
    public void connect(ResourceSpec resource, SortedSet<NodeName> peers) {
        splitBrains.connect(resource, peers);
    }

    @Override
    public void takeOver(ResourceSpec resource, NodeName peer) {
        takeOver.takeOver(resource, peer);
    }

    @Override
    public void leaseIo(IoLease lease) {
        suspendedIo.lease(lease);
    }

    @Override
    public void suspendIo(UUID lease) {
        suspendedIo.suspend(lease);
    }

    @Override
    public boolean resumeIo(UUID lease) {
        return suspendedIo.resume(lease);
    }

    /** Has what an earlier satellite left suspended resumed; called once, at the start. */
    void resumeLeftovers() {
        suspendedIo.resumeLeftovers();
    }

    /** The include file serves people's tools only, so its absence stops nothing; it is shown with the kernel. */
    private void include() {
        try {
            files.include();
            includeProblem = Optional.empty();
        } catch (HeddleException e) {
            includeProblem = Optional.of(e.problem());
        }
    }

    private Optional<KernelState.FileFacts> facts(String resource) {
        Optional<ResourceFile> file = files.read(resource).filter(ResourceFile::isWhole);
        return file.filter(each -> each.hosts().size() > 1).map(each -> {
            Map<Integer, String> devices = new TreeMap<>();
            each.volumes().forEach(volume -> volume.device().ifPresent(device -> devices.put(volume.number(), device)));
            return new KernelState.FileFacts(each.hosts().get(1), devices);
        });
    }

    private static VolumeSpec volume(ResourceSpec resource, int number) {
        return resource.volumes().stream()
                .filter(volume -> volume.number() == number)
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.VOLUME_NOT_FOUND,
                        "cannot work on volume " + number + " of resource " + resource.name(),
                        "the specification has no such volume",
                        "nothing to do: the next specification decides"));
    }

    private static String property(BundleContext context, String key, String absent) {
        String value = context.getProperty(key);
        return value == null || value.isBlank() ? absent : value;
    }
}
