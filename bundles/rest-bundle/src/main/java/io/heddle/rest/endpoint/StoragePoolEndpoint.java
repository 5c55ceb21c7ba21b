package io.heddle.rest.endpoint;

import static io.heddle.rest.endpoint.Wishes.required;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.PoolName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.StoragePoolBody;
import io.heddle.rest.json.StoragePoolJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/** Storage pools of a node. */
@Singleton
@Path("nodes/{node}/storage-pools")
public final class StoragePoolEndpoint {
    /** Older ways to say what a pool stands on, each a property; a thin pool of LVM took two. */
    private static final List<String> OLDER_BACKINGS =
            List.of("StorDriver/LvmVg", "StorDriver/ZPool", "StorDriver/ZPoolThin", "StorDriver/FileDir");

    private static final String OLDER_THIN_POOL = "StorDriver/ThinPool";

    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public StoragePoolEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response list(@PathParam("node") String name) {
        ClusterView view = services.view();
        return Rows.list(StoragePoolRows.of(view, node(view, name)));
    }

    @GET
    @Path("{pool}")
    public Response one(@PathParam("node") String nodeName, @PathParam("pool") String poolName) {
        ClusterView view = services.view();
        Node node = node(view, nodeName);
        PoolName pool = new PoolName(poolName);
        return Rows.one(
                StoragePoolRows.of(view, node, pool).orElseThrow(() -> NotFound.storagePool(node.name(), pool)));
    }

    @POST
    public CompletionStage<Response> create(@PathParam("node") String node, StoragePoolBody body) {
        return answers.of(201, Action.CREATE, ObjectKind.STORAGE_POOL, () -> {
            Wishes.unsupported(
                    Wishes.asked(body.sharedSpace()) || Wishes.asked(body.externalLocking()),
                    "a pool shared by several nodes",
                    "give each node a pool of its own");
            String kind = required(body.providerKind(), "provider_kind");
            Wishes.unsupported(
                    kind.equalsIgnoreCase(StoragePoolJson.DISKLESS_KIND),
                    "another pool for diskless resources",
                    "use " + StoragePoolJson.DISKLESS_POOL + ", which every node has");
            SortedMap<String, String> properties = Wishes.properties(body.props());
            String backing = takeBacking(properties);
            return services.cluster()
                    .createStoragePool(new StoragePoolCreation(
                            new NodeName(node),
                            new PoolName(required(body.storagePoolName(), "storage_pool_name")),
                            new DriverKind(kind),
                            backing,
                            properties));
        });
    }

    /** Takes what the pool stands on out of the properties. */
    private static String takeBacking(Map<String, String> properties) {
        String backing = properties.remove(StoragePoolJson.BACKING);
        String thinPool = properties.remove(OLDER_THIN_POOL);
        for (String older : OLDER_BACKINGS) {
            String value = properties.remove(older);
            if (backing == null && value != null) {
                backing = thinPool == null ? value : value + "/" + thinPool;
            }
        }
        return required(backing, "props/" + StoragePoolJson.BACKING);
    }

    @PUT
    @Path("{pool}")
    public CompletionStage<Response> modify(
            @PathParam("node") String node, @PathParam("pool") String pool, ChangeBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.STORAGE_POOL,
                () -> services.cluster()
                        .modifyStoragePool(new NodeName(node), new PoolName(pool), Wishes.change(body)));
    }

    @DELETE
    @Path("{pool}")
    public CompletionStage<Response> delete(@PathParam("node") String node, @PathParam("pool") String pool) {
        return answers.ofDeletion(ObjectKind.STORAGE_POOL, () -> {
            PoolName name = new PoolName(pool);
            if (name.equals(StoragePoolJson.DISKLESS_POOL)) {
                throw new HeddleException(
                        ErrorCode.INVALID_NAME,
                        "cannot delete " + name,
                        "every node has it, for its diskless resources",
                        "leave it; it takes no space");
            }
            return services.cluster().deleteStoragePool(new NodeName(node), name);
        });
    }

    private static Node node(ClusterView view, String text) {
        NodeName name = new NodeName(text);
        return view.state().node(name).orElseThrow(() -> NotFound.node(name));
    }
}
