package io.heddle.jmx;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A controller in memory that keeps DRBD options by core's own rules, with {@code db1} on two nodes. */
final class FakeCluster implements ClusterServices, ClusterView, ClusterEvents {
    static final NodeName N1 = new NodeName("n1");
    static final NodeName N2 = new NodeName("n2");
    static final ResourceName DB1 = new ResourceName("db1");

    private final List<Consumer<ClusterEvent>> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterState state = ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null)));

    FakeCluster() {
        edit(Optional.empty(), edit -> {
            edit.put(new ResourceGroup(ResourceGroup.DEFAULT, UUID.randomUUID(), "", Ordered.map(null)));
            edit.put(node(N1, "10.1.0.1"));
            edit.put(node(N2, "10.1.0.2"));
            edit.put(definition());
        });
    }

    private static Node node(NodeName name, String address) {
        NetInterface link = new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress(address), 3366, LinkEncryption.TLS);
        return new Node(
                name,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(link.name(), link)),
                link.name(),
                Ordered.map(null),
                Ordered.map(null),
                Optional.empty(),
                false,
                Instant.EPOCH);
    }

    private static ResourceDefinition definition() {
        VolumeDefinition volume = new VolumeDefinition(
                0, UUID.randomUUID(), Bytes.ofMib(64), 1000, Ordered.map(null), Optional.empty(), false);
        ResourceDefinition definition = new ResourceDefinition(
                DB1,
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("s"),
                Ordered.map(Map.of(0, volume)),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
        return definition.withResource(resource(N1, 0)).withResource(resource(N2, 1));
    }

    private static Resource resource(NodeName node, int id) {
        return new Resource(
                node,
                UUID.randomUUID(),
                id,
                7000 + id,
                false,
                false,
                Ordered.map(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
    }

    synchronized void edit(Optional<ResourceName> resource, Consumer<StateEdit> change) {
        StateEdit edit = new StateEdit(state, new NumberCursor());
        change.accept(edit);
        state = edit.finish(state.revision() + 1);
        ClusterEvent event =
                new ClusterEvent(ClusterEvent.Kind.STATE_CHANGED, Optional.empty(), resource, "changed", Instant.EPOCH);
        listeners.forEach(listener -> listener.accept(event));
    }

    @Override
    public Cluster cluster() {
        return (Cluster) Proxy.newProxyInstance(
                Cluster.class.getClassLoader(), new Class<?>[] {Cluster.class}, (proxy, method, arguments) -> {
                    PropertyChange change = (PropertyChange) arguments[arguments.length - 1];
                    try {
                        edit(Optional.empty(), edit -> modify(edit, method.getName(), arguments, change));
                    } catch (HeddleException refused) {
                        return CompletableFuture.failedFuture(refused);
                    }
                    return CompletableFuture.completedFuture(new Outcome(List.of(new Reply(
                            Severity.SUCCESS,
                            Action.MODIFY,
                            ObjectKind.CONTROLLER,
                            "modified",
                            Optional.empty(),
                            Ordered.map(null)))));
                });
    }

    private static void modify(StateEdit edit, String method, Object[] arguments, PropertyChange change) {
        ClusterState now = edit.state();
        switch (method) {
            case "modifyController" ->
                edit.put(now.settings()
                        .withProperties(applied(
                                PropertyLevel.CONTROLLER, change, now.settings().properties())));
            case "modifyResourceGroup" -> {
                ResourceGroup group = now.resourceGroups().get((ResourceGroupName) arguments[0]);
                edit.put(group.withProperties(applied(PropertyLevel.RESOURCE_GROUP, change, group.properties())));
            }
            case "modifyResourceDefinition" -> {
                ResourceDefinition definition = edit.requireDefinition((ResourceName) arguments[0]);
                edit.put(definition.withProperties(
                        applied(PropertyLevel.RESOURCE_DEFINITION, change, definition.properties())));
            }
            case "modifyVolumeDefinition" -> {
                ResourceDefinition definition = edit.requireDefinition((ResourceName) arguments[0]);
                VolumeDefinition volume = definition.volumeDefinitions().get((Integer) arguments[1]);
                edit.put(definition.withVolumeDefinition(
                        volume.withProperties(applied(PropertyLevel.VOLUME_DEFINITION, change, volume.properties()))));
            }
            case "modifyResource" -> {
                ResourceDefinition definition = edit.requireDefinition((ResourceName) arguments[0]);
                Resource resource = definition.resources().get((NodeName) arguments[1]);
                edit.put(definition.withResource(
                        resource.withProperties(applied(PropertyLevel.RESOURCE, change, resource.properties()))));
            }
            case "modifyNodeConnection" -> {
                NodePair nodes = (NodePair) arguments[0];
                edit.put(now.settings()
                        .withNodeConnection(
                                nodes,
                                applied(
                                        PropertyLevel.NODE_CONNECTION,
                                        change,
                                        now.settings().nodeConnection(nodes))));
            }
            case "modifyResourceConnection" -> {
                ResourceDefinition definition = edit.requireDefinition((ResourceName) arguments[0]);
                NodePair nodes = (NodePair) arguments[1];
                ResourceConnection connection = definition.connection(nodes);
                edit.put(definition.withConnection(
                        nodes,
                        connection.withProperties(
                                applied(PropertyLevel.RESOURCE_CONNECTION, change, connection.properties()))));
            }
            case "modifyPeerDevice" -> {
                ResourceDefinition definition = edit.requireDefinition((ResourceName) arguments[0]);
                NodePair nodes = (NodePair) arguments[1];
                ResourceConnection connection = definition.connection(nodes);
                edit.put(definition.withConnection(
                        nodes,
                        connection.withPeerDevice(
                                0, applied(PropertyLevel.PEER_DEVICE, change, connection.peerDevice(0)))));
            }
            default -> throw new AssertionError(method);
        }
    }

    private static SortedMap<String, String> applied(
            PropertyLevel level, PropertyChange change, SortedMap<String, String> properties) {
        return new PropertyChange(
                        PropertyCatalogue.check(level, change.override()), change.delete(), change.deleteNamespaces())
                .applyTo(properties);
    }

    @Override
    public ClusterView view() {
        return this;
    }

    @Override
    public Subscription subscribe(Consumer<ClusterEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public ClusterState state() {
        return state;
    }

    @Override
    public Optional<NodeStatus> status(NodeName node) {
        return Optional.empty();
    }

    @Override
    public LinkStatus link(NodeName node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<ResourceName, String> evacuation(NodeName node) {
        return new TreeMap<>();
    }

    @Override
    public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
        return new SizeReport(
                Bytes.ofMib(64),
                Bytes.ofMib(100),
                Bytes.ofMib(200),
                List.of(new SizeReport.Place(new NodeName("n1"), new PoolName("pool"), true, 20)),
                "");
    }

    @Override
    public ControllerStatus controller() {
        throw new UnsupportedOperationException();
    }
}
