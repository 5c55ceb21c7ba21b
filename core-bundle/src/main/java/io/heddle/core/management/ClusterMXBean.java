package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * Everything the console can do, as {@code io.heddle:type=Cluster}. An operation returns when the cluster is as wanted or
 * when it is known what is missing. One that is refused throws a {@link javax.management.MBeanException} whose message has
 * the lines {@code CODE: what}, {@code why: ...} and {@code correction: ...}, and no class of Heddle's inside.
 */
@Description("The cluster: every operation of the console")
public interface ClusterMXBean {
    /** Name under which it is registered. */
    String OBJECT_NAME = "io.heddle:type=Cluster";

    @Description("The controller: version, epoch, identity")
    @Requires(AccessRole.VIEWER)
    ControllerRow getController();

    @Description("Nodes with their addresses and states")
    @Requires(AccessRole.VIEWER)
    List<NodeRow> listNodes();

    @Description("Registers a node and connects to its satellite")
    List<ReplyRow> createNode(
            @Description("name, as uname -n prints it there") String node,
            @Description("SATELLITE, COMBINED, CONTROLLER or AUXILIARY; empty: SATELLITE") String type,
            @Description("literal IPv4 or IPv6 address") String address,
            @Description("TCP port of the satellite, 0: 3366") int linkPort,
            @Description("TLS or PLAIN; empty: TLS") String encryption,
            @Description("one-time code that the satellite printed; empty: its claim-from lets this controller in")
                    String code);

    @Description("Removes a node that has no resources")
    List<ReplyRow> deleteNode(@Description("its name") String node);

    @Description("Gives a node up for good that is switched off or broken")
    List<ReplyRow> loseNode(
            @Description("its name") String node,
            @Description("resources whose last UpToDate copy may be lost with it, separated by commas; empty: none")
                    String losing);

    @Description(
            "Empties a node: its replicas are made elsewhere and then go from it, and nothing more is placed on it")
    List<ReplyRow> evacuateNode(
            @Description("its name") String node,
            @Description("nodes that may take replicas, separated by commas; empty: any") String targets,
            @Description("nodes that may take none, separated by commas") String excluded);

    @Description("Ends the emptying of a node: what is on it stays")
    List<ReplyRow> restoreNode(@Description("its name") String node);

    @Description("Connects to a node's satellite at once")
    List<ReplyRow> reconnectNode(@Description("its name") String node);

    @Description("Connects to a node's satellite, which is to take this controller although it has seen a newer one")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> reconnectNodeAsOlder(@Description("its name") String node);

    @Description("Pairs with a node's satellite on purpose, forgetting the key pinned so far")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> claimNode(
            @Description("its name") String node,
            @Description("one-time code that the satellite printed; empty: its claim-from lets this controller in")
                    String code);

    @Description("Sets a property of a node; an empty value removes it")
    List<ReplyRow> setNodeProperty(
            @Description("node") String node, @Description("key") String key, @Description("value") String value);

    @Description("Addresses of a node")
    @Requires(AccessRole.VIEWER)
    List<NetInterfaceRow> listNetInterfaces(@Description("its name") String node);

    @Description("Adds an address to a node")
    List<ReplyRow> createNetInterface(
            @Description("node") String node,
            @Description("name of the address") String name,
            @Description("literal IPv4 or IPv6 address") String address,
            @Description("TCP port of the satellite, 0: 3366") int linkPort,
            @Description("TLS or PLAIN; empty: TLS") String encryption,
            @Description("whether the controller is to use it") boolean active);

    @Description("Changes an address of a node")
    List<ReplyRow> modifyNetInterface(
            @Description("node") String node,
            @Description("name of the address") String name,
            @Description("literal IPv4 or IPv6 address") String address,
            @Description("TCP port of the satellite, 0: as it is") int linkPort,
            @Description("TLS or PLAIN; empty: as it is") String encryption,
            @Description("whether the controller is to use it") boolean active);

    @Description("Removes an address from a node")
    List<ReplyRow> deleteNetInterface(
            @Description("node") String node, @Description("name of the address") String name);

    @Description("Storage pools with free and total capacity")
    @Requires(AccessRole.VIEWER)
    List<StoragePoolRow> listStoragePools();

    @Description("Registers a storage pool that is there on a node")
    List<ReplyRow> createStoragePool(
            @Description("driver kind: LVM_THIN, LVM, FILE_THIN, FILE, ZFS_THIN, ZFS") String driver,
            @Description("node") String node,
            @Description("name of the pool") String pool,
            @Description("what it stands on: vg/thinpool, vg, zpool/dataset, or a directory") String poolName);

    @Description("Sets a property of a storage pool; an empty value removes it")
    List<ReplyRow> setStoragePoolProperty(
            @Description("node") String node,
            @Description("pool") String pool,
            @Description("key") String key,
            @Description("value") String value);

    @Description("Removes a storage pool from Heddle; what it stands on stays")
    List<ReplyRow> deleteStoragePool(@Description("node") String node, @Description("pool") String pool);

    @Description("Snapshots of resources")
    @Requires(AccessRole.VIEWER)
    List<SnapshotRow> listSnapshots();

    @Description("Takes a snapshot of a resource on all nodes that have a replica; of several at the same moment")
    List<ReplyRow> createSnapshot(
            @Description("resources, with commas between") String resources,
            @Description("name of the snapshot") String snapshot);

    @Description("Deletes a snapshot on all of its nodes")
    List<ReplyRow> deleteSnapshot(
            @Description("resource") String resource, @Description("name of the snapshot") String snapshot);

    @Description("Makes another resource of what a snapshot keeps")
    List<ReplyRow> restoreSnapshot(
            @Description("resource") String resource,
            @Description("name of the snapshot") String snapshot,
            @Description("name of the other resource, which is made") String newResource,
            @Description("nodes to restore it on, with commas between; empty for all that have a part of it")
                    String nodes);

    @Description("Has a resource go back to a snapshot; what was written since is lost")
    List<ReplyRow> rollBackToSnapshot(
            @Description("resource") String resource, @Description("name of the snapshot") String snapshot);

    @Description("Sets a property of a snapshot; an empty value removes it")
    List<ReplyRow> setSnapshotProperty(
            @Description("resource") String resource,
            @Description("name of the snapshot") String snapshot,
            @Description("key, beginning with Aux/") String key,
            @Description("value") String value);

    @Description("Resource groups: templates that resource definitions follow")
    @Requires(AccessRole.VIEWER)
    List<ResourceGroupRow> listResourceGroups();

    @Description("Creates a resource group")
    List<ReplyRow> createResourceGroup(
            @Description("its name") String group,
            @Description("free text") String description,
            @Description("diskful replicas that are placed of its definitions, 0: 2") int placeCount,
            @Description("storage pools that may be used, with commas between; empty: any") String pools,
            @Description("nodes that may be used, with commas between; empty: any") String nodes,
            @Description("driver kinds that may be used, with commas between; empty: any") String drivers,
            @Description("layers: DRBD,STORAGE or STORAGE; empty: DRBD,STORAGE") String layers);

    @Description("Changes a resource group; what is placed already stays where it is")
    List<ReplyRow> modifyResourceGroup(
            @Description("its name") String group,
            @Description("free text; empty: as it is, -: none") String description,
            @Description("diskful replicas that are placed of its definitions, 0: as it is") int placeCount,
            @Description("storage pools that may be used, with commas between; empty: as it is, -: any") String pools,
            @Description("nodes that may be used, with commas between; empty: as it is, -: any") String nodes,
            @Description("driver kinds that may be used, with commas between; empty: as it is, -: any") String drivers,
            @Description("layers: DRBD,STORAGE or STORAGE; empty: as it is, -: DRBD,STORAGE") String layers);

    @Description("Sets a property of a resource group; an empty value removes it")
    List<ReplyRow> setResourceGroupProperty(
            @Description("resource group") String group,
            @Description("key") String key,
            @Description("value") String value);

    @Description("Deletes a resource group that no resource definition is in")
    List<ReplyRow> deleteResourceGroup(@Description("its name") String group);

    @Description("Volumes of what is spawned from resource groups")
    @Requires(AccessRole.VIEWER)
    List<VolumeGroupRow> listVolumeGroups();

    @Description("Adds a volume to what is spawned from a resource group")
    List<ReplyRow> createVolumeGroup(
            @Description("resource group") String group,
            @Description("volume number, -1: the lowest free one") int number,
            @Description("whether sizes include DRBD's metadata") boolean gross);

    @Description("Takes a volume out of what is spawned from a resource group from then on")
    List<ReplyRow> deleteVolumeGroup(
            @Description("resource group") String group, @Description("volume number") int number);

    @Description("Makes a resource definition with its volumes by a resource group, and places it")
    List<ReplyRow> spawn(
            @Description("resource group") String group,
            @Description("name of the resource definition") String resource,
            @Description("sizes of its volumes, such as 4G, with commas between") String sizes,
            @Description("whether there may be more or fewer sizes than volume groups") boolean partial,
            @Description("whether nothing is placed") boolean definitionsOnly);

    @Description("What resource groups can still take")
    @Requires(AccessRole.VIEWER)
    List<SizeRow> listSizes();

    @Description("Resource definitions")
    @Requires(AccessRole.VIEWER)
    List<ResourceDefinitionRow> listResourceDefinitions();

    @Description("Creates a resource definition")
    List<ReplyRow> createResourceDefinition(
            @Description("its name") String resource,
            @Description("resource group; empty: the default one") String group,
            @Description("layers: DRBD,STORAGE or STORAGE; empty: DRBD,STORAGE") String layers);

    @Description("Sets a property of a resource definition; an empty value removes it")
    List<ReplyRow> setResourceDefinitionProperty(
            @Description("resource definition") String resource,
            @Description("key") String key,
            @Description("value") String value);

    @Description("Deletes a resource definition with all of its resources and their data")
    List<ReplyRow> deleteResourceDefinition(@Description("its name") String resource);

    @Description("Volume definitions")
    @Requires(AccessRole.VIEWER)
    List<VolumeDefinitionRow> listVolumeDefinitions();

    @Description("Adds a volume to a resource definition")
    List<ReplyRow> createVolumeDefinition(
            @Description("resource definition") String resource,
            @Description("size, such as 4G; without a unit KiB") String size,
            @Description("whether the size includes DRBD's metadata") boolean gross,
            @Description("volume number, -1: the lowest free one") int number);

    @Description("Grows a volume on all of its nodes")
    List<ReplyRow> setVolumeDefinitionSize(
            @Description("resource definition") String resource,
            @Description("volume number") int number,
            @Description("new size, such as 8G; without a unit KiB") String size);

    @Description("Sets a property of a volume definition; an empty value removes it")
    List<ReplyRow> setVolumeDefinitionProperty(
            @Description("resource definition") String resource,
            @Description("volume number") int number,
            @Description("key") String key,
            @Description("value") String value);

    @Description("Deletes a volume of a resource definition with its data on all nodes")
    List<ReplyRow> deleteVolumeDefinition(
            @Description("resource definition") String resource, @Description("volume number") int number);

    @Description("Resources on nodes")
    @Requires(AccessRole.VIEWER)
    List<ResourceRow> listResources();

    @Description("Volumes of resources on nodes")
    @Requires(AccessRole.VIEWER)
    List<VolumeRow> listVolumes();

    @Description("Places a resource on named nodes: all or none")
    List<ReplyRow> createResource(
            @Description("resource definition") String resource,
            @Description("nodes, with commas between") String nodes,
            @Description("storage pool; empty: what StorPoolName says, or the only pool of the node") String pool,
            @Description("whether it is to have no disk there") boolean diskless);

    @Description("Places replicas where they fit best")
    List<ReplyRow> autoPlace(
            @Description("resource definition") String resource,
            @Description("how many diskful replicas there shall be, 0: as the resource group says") int placeCount,
            @Description("storage pools that may be used, with commas between; empty: any") String pools,
            @Description("nodes that may be used, with commas between; empty: any") String nodes);

    @Description("Sets a property of a resource; an empty value removes it")
    List<ReplyRow> setResourceProperty(
            @Description("resource definition") String resource,
            @Description("node") String node,
            @Description("key") String key,
            @Description("value") String value);

    @Description("Deletes a resource of a node with its data")
    List<ReplyRow> deleteResource(
            @Description("resource definition") String resource, @Description("node") String node);

    @Description("Ends a deletion that waits for a backing volume out of reach, which is left as it is")
    List<ReplyRow> abandonResource(
            @Description("resource definition") String resource, @Description("node") String node);

    @Description("Whether the replicas of a resource are all UpToDate, and what is missing; who waits asks again")
    @Requires(AccessRole.VIEWER)
    SyncRow syncStatus(
            @Description("resource definition") String resource,
            @Description("node whose replica counts; empty: all of them") String node);

    @Description("Gives a resource of a node a disk, or takes it away with its data, while it stays in service")
    List<ReplyRow> toggleDisk(
            @Description("resource definition") String resource,
            @Description("node") String node,
            @Description("storage pool of the disk; empty: the one that is named on a level above, or the only one")
                    String pool,
            @Description("whether it is to have no disk there") boolean diskless);

    @Description(
            "Moves a replica: gives a resource of a node a disk, and takes the one on another node away when that is UpToDate")
    List<ReplyRow> migrateDisk(
            @Description("resource definition") String resource,
            @Description("node that gets the disk") String node,
            @Description("storage pool of the disk; empty: the one that is named on a level above, or the only one")
                    String pool,
            @Description("node whose replica goes then") String from);

    @Description("Makes a node Primary for a resource")
    List<ReplyRow> promoteResource(
            @Description("resource definition") String resource,
            @Description("node") String node,
            @Description("your word that the unseen peer does not run; only DRBD 8.4 needs it") boolean peerIsDead);

    @Description("Makes a node Secondary for a resource")
    List<ReplyRow> demoteResource(
            @Description("resource definition") String resource, @Description("node") String node);

    @Description("Evidence of a split brain: what each side knows of the peers that it is cut off from")
    @Requires(AccessRole.VIEWER)
    List<SplitBrainRow> listSplitBrains(@Description("resource definition; empty: all") String resource);

    @Description("Resolves a split brain: the named nodes give up their changes, of which a snapshot is taken first")
    List<ReplyRow> resolveSplitBrain(
            @Description("resource definition") String resource,
            @Description("nodes whose changes go, with commas between") String discard,
            @Description("your word that what goes need not be kept") boolean withoutSnapshot);

    @Description("Takes back what was decided on a split brain, as far as it is not done")
    List<ReplyRow> withdrawSplitBrainResolution(@Description("resource definition") String resource);

    @Description("Paths that are set between two nodes for a resource: path, node and interface")
    @Requires(AccessRole.VIEWER)
    List<PathRow> listPaths(
            @Description("resource definition") String resource,
            @Description("node; empty: all pairs") String one,
            @Description("the other node") String other);

    @Description(
            "Sets a named path between two nodes for a resource: an interface of each. Paths replace the preferred interfaces")
    List<ReplyRow> createPath(
            @Description("resource definition") String resource,
            @Description("node") String one,
            @Description("the other node") String other,
            @Description("name of the path") String path,
            @Description("network interface of the first node") String oneInterface,
            @Description("network interface of the other node") String otherInterface);

    @Description("Removes a named path between two nodes for a resource")
    List<ReplyRow> deletePath(
            @Description("resource definition") String resource,
            @Description("node") String one,
            @Description("the other node") String other,
            @Description("name of the path") String path);

    @Description("What is on nodes and in no specification; it is never touched")
    @Requires(AccessRole.VIEWER)
    List<UnclaimedRow> listUnclaimed();

    @Description("Takes resources back that nodes have and nobody wants any more, as they were wanted last")
    List<ReplyRow> adoptResource(
            @Description("resource definition") String resource,
            @Description("nodes that are given up, with commas between: what they have is not waited for")
                    String without);

    @Description("Strikes something from what a node lists as unclaimed; it stays as it is")
    List<ReplyRow> forgetUnclaimed(
            @Description("node") String node, @Description("the UUID that is listed") String identity);

    @Description("Properties of the controller level, inherited by everything")
    @Requires(AccessRole.VIEWER)
    Map<String, String> listControllerProperties();

    @Description("Sets a property of the controller level; an empty value removes it")
    List<ReplyRow> setControllerProperty(@Description("key") String key, @Description("value") String value);

    @Description("Sets and unsets DRBD options; a handler, which DRBD runs as root, takes an administrator")
    List<ReplyRow> setDrbdOptions(
            @Description("controller, resource-group/GROUP, resource-definition/RESOURCE,"
                            + " volume-definition/RESOURCE/NUMBER, resource/RESOURCE/NODE, node-connection/NODE/NODE,"
                            + " resource-connection/RESOURCE/NODE/NODE or peer-device/RESOURCE/NODE/NODE/NUMBER")
                    String place,
            @Description("such as max-buffers=36864 c-plan-ahead=10; NAME= unsets; handler-NAME=COMMAND on a line")
                    String options);

    @Description("DRBD options that hold, and where each comes from; for resource/RESOURCE/NODE all that DRBD is given")
    @Requires(AccessRole.VIEWER)
    List<DrbdOptionRow> listDrbdOptions(
            @Description("as for setDrbdOptions") String place,
            @Description("whether those are shown as well that only have DRBD's default") boolean all);

    @Description("Networks that the REST API lets in without a token, each with its role")
    @Requires(AccessRole.VIEWER)
    Map<String, String> listRestNetworks();

    @Description("Lets a network use the REST API without a token")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> openRest(
            @Description("network, such as 10.1.0.0/16") String network,
            @Description("VIEWER, OPERATOR or ADMIN") String role);

    @Description("Takes back what openRest gave")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> closeRest(@Description("network, as it was given") String network);

    @Description("Web sites whose pages may change things over the REST API; replaces those named before")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> allowRestOrigins(
            @Description("origins such as https://ui.example.org, with commas between; empty: none") String origins);

    @Description("The whole desired state as JSON, secrets included")
    @Requires(AccessRole.ADMIN)
    String exportState();

    @Description("Takes an exported state into an empty cluster")
    @Requires(AccessRole.ADMIN)
    List<ReplyRow> importState(@Description("the document") String document);
}
