package io.heddle.rest.endpoint;

import static io.heddle.rest.endpoint.Wishes.required;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Volume;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.ResourceBody;
import io.heddle.rest.body.ResourceCreateBody;
import io.heddle.rest.body.ToggleDiskBody;
import io.heddle.rest.json.ResourceJson;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Resources of a definition. */
@Singleton
@Path("resource-definitions/{definition}/resources")
public final class ResourceEndpoint {
    private static final String POOL_PROPERTY = "StorPoolName";
    private static final Set<String> DISKLESS_FLAGS = Set.of("DISKLESS", "DRBD_DISKLESS");

    private final ClusterServices services;
    private final Answers answers;
    private final ResourceRows rows;

    @Inject
    public ResourceEndpoint(ClusterServices services, Answers answers, ResourceRows rows) {
        this.services = services;
        this.answers = answers;
        this.rows = rows;
    }

    @GET
    public Response list(
            @PathParam("definition") String name,
            @QueryParam("effective_props") String effective,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        ResourceName wanted = new ResourceName(name);
        ClusterView view = services.view();
        if (ResourceRows.definition(view.state(), wanted).isEmpty()) {
            throw NotFound.resourceDefinition(wanted);
        }
        return Rows.ofBytes(rows.resources(
                view,
                new ResourceRows.Filter(Set.of(), Set.of(wanted), Set.of(), false),
                Page.of(offset, limit, List.of()),
                Wishes.truth(effective)));
    }

    @GET
    @Path("{node}")
    public Response one(@PathParam("definition") String name, @PathParam("node") String node) {
        return Rows.one(
                resource(name, node).withEffectiveProperties(services.view().state()));
    }

    @GET
    @Path("{node}/volumes")
    public Response volumes(@PathParam("definition") String name, @PathParam("node") String node) {
        return Rows.one(resource(name, node)::writeVolumeArray);
    }

    @GET
    @Path("{node}/volumes/{number}")
    public Response volume(
            @PathParam("definition") String name, @PathParam("node") String node, @PathParam("number") String number) {
        ResourceJson resource = resource(name, node);
        int wanted = Wishes.number(number, "volume number");
        Volume volume = Optional.ofNullable(resource.resource().volumes().get(wanted))
                .orElseThrow(
                        () -> NotFound.volumeDefinition(resource.definition().name(), wanted));
        return Rows.one(resource.volume(services.view().state(), volume));
    }

    @POST
    public CompletionStage<Response> create(@PathParam("definition") String name, ResourceCreateBody[] bodies) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE, () -> {
            List<Wish> wishes = new ArrayList<>();
            for (@Nullable ResourceCreateBody body : bodies) {
                ResourceBody resource = required(required(body, "resource").resource(), "resource");
                wishes.add(new Wish(required(resource.nodeName(), "resource/node_name"), body, resource));
            }
            return create(name, wishes);
        });
    }

    @POST
    @Path("{node}")
    public CompletionStage<Response> createOn(
            @PathParam("definition") String name, @PathParam("node") String node, ResourceCreateBody body) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE, () -> {
            ResourceBody resource = Objects.requireNonNullElse(body.resource(), new ResourceBody(null, null, null));
            return create(name, List.of(new Wish(node, body, resource)));
        });
    }

    @PUT
    @Path("{node}")
    public CompletionStage<Response> modify(
            @PathParam("definition") String name, @PathParam("node") String node, ChangeBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.RESOURCE,
                () -> services.cluster()
                        .modifyResource(new ResourceName(name), new NodeName(node), Wishes.change(body)));
    }

    @PUT
    @Path("{node}/toggle-disk")
    public CompletionStage<Response> toggleDisk(
            @PathParam("definition") String name, @PathParam("node") String node, ToggleDiskBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> {
            Wishes.unsupported(Wishes.asked(body.layerList()), "another layer_list", "leave it out");
            String operation = Objects.requireNonNullElse(body.operation(), "");
            boolean disk = Wishes.asked(body.storagePool()) || Wishes.asked(body.migrateFrom());
            // what a request that comes twice would undo is not guessed
            boolean diskless = switch (operation.isEmpty() && disk ? "INTO_DRBD_DISKFUL" : operation) {
                case "INTO_DRBD_DISKFUL" -> false;
                case "INTO_DRBD_DISKLESS", "INTO_DRBD_CLIENT" -> true;
                default ->
                    throw new HeddleException(
                            ErrorCode.INVALID_INPUT,
                            "cannot toggle the disk of " + name + " on node " + node,
                            "'" + operation + "' is no operation",
                            "one of INTO_DRBD_DISKFUL, INTO_DRBD_DISKLESS, INTO_DRBD_CLIENT");
            };
            if (!Wishes.asked(body.migrateFrom())) {
                return toggle(name, node, diskless, diskless ? null : body.storagePool());
            }
            Wishes.unsupported(diskless, "migrate_from without a disk", "leave migrate_from out");
            return migrate(name, node, required(body.migrateFrom(), "migrate_from"), body.storagePool());
        });
    }

    @PUT
    @Path("{node}/migrate-disk/{from}")
    public CompletionStage<Response> migrateDisk(
            @PathParam("definition") String name, @PathParam("node") String node, @PathParam("from") String from) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> migrate(name, node, from, null));
    }

    @PUT
    @Path("{node}/migrate-disk/{from}/{pool}")
    public CompletionStage<Response> migrateDiskToPool(
            @PathParam("definition") String name,
            @PathParam("node") String node,
            @PathParam("from") String from,
            @PathParam("pool") String pool) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> migrate(name, node, from, pool));
    }

    private CompletionStage<Outcome> migrate(String name, String node, String from, @Nullable String pool) {
        return services.cluster()
                .migrateDisk(new ResourceName(name), new NodeName(node), new NodeName(from), poolOf(pool));
    }

    private static Optional<PoolName> poolOf(@Nullable String pool) {
        return pool == null || pool.isBlank() ? Optional.empty() : Optional.of(new PoolName(pool));
    }

    @PUT
    @Path("{node}/toggle-disk/diskless")
    public CompletionStage<Response> toDiskless(@PathParam("definition") String name, @PathParam("node") String node) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> toggle(name, node, true, null));
    }

    /** There are no pools without a disk; what older clients name is not looked at. */
    @PUT
    @Path("{node}/toggle-disk/diskless/{pool}")
    public CompletionStage<Response> toDisklessPool(
            @PathParam("definition") String name, @PathParam("node") String node) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> toggle(name, node, true, null));
    }

    @PUT
    @Path("{node}/toggle-disk/diskful")
    public CompletionStage<Response> toDiskful(@PathParam("definition") String name, @PathParam("node") String node) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> toggle(name, node, false, null));
    }

    @PUT
    @Path("{node}/toggle-disk/{kind: diskful|storage-pool}/{pool}")
    public CompletionStage<Response> toPool(
            @PathParam("definition") String name, @PathParam("node") String node, @PathParam("pool") String pool) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE, () -> toggle(name, node, false, pool));
    }

    private CompletionStage<Outcome> toggle(String name, String node, boolean diskless, @Nullable String pool) {
        return services.cluster().toggleDisk(new ResourceName(name), new NodeName(node), diskless, poolOf(pool));
    }

    @DELETE
    @Path("{node}")
    public CompletionStage<Response> delete(
            @PathParam("definition") String name,
            @PathParam("node") String node,
            @QueryParam("keep_tiebreaker") String keepTieBreaker) {
        return answers.ofDeletion(ObjectKind.RESOURCE, () -> {
            ResourceName wanted = new ResourceName(name);
            NodeName where = new NodeName(node);
            return Wishes.truth(keepTieBreaker) && isTieBreaker(wanted, where)
                    ? CompletableFuture.completedStage(new Outcome(List.of(kept(wanted, where))))
                    : services.cluster().deleteResource(wanted, where);
        });
    }

    private boolean isTieBreaker(ResourceName name, NodeName node) {
        return services.view()
                .state()
                .resourceDefinition(name)
                .map(definition -> definition.resources().get(node))
                .filter(resource -> resource.tieBreaker() && !resource.deleting())
                .isPresent();
    }

    private static Reply kept(ResourceName name, NodeName node) {
        return new Reply(
                Severity.INFO,
                Action.DELETE,
                ObjectKind.RESOURCE,
                "the tie-breaker of " + name + " on node " + node + " is kept",
                Optional.empty(),
                Ordered.map(Map.of("RscDfn", name.value(), "Node", node.value())));
    }

    /** Ends a deletion that waits for a backing volume out of reach; a path of Heddle's own. */
    @POST
    @Path("{node}/abandon")
    public CompletionStage<Response> abandon(@PathParam("definition") String name, @PathParam("node") String node) {
        return answers.ofDeletion(
                ObjectKind.RESOURCE,
                () -> services.cluster().abandonResource(new ResourceName(name), new NodeName(node)));
    }

    private record Wish(String node, ResourceCreateBody body, ResourceBody resource) {}

    private CompletionStage<Outcome> create(String name, List<Wish> wishes) {
        ResourceName wanted = new ResourceName(name);
        ResourceDefinition definition = services.view()
                .state()
                .resourceDefinition(wanted)
                .orElseThrow(() -> NotFound.resourceDefinition(wanted));
        List<ResourceCreation> creations = new ArrayList<>();
        List<Reply> there = new ArrayList<>();
        for (Wish wish : wishes) {
            ResourceDefinitionEndpoint.refuseOtherLayers(definition, wish.body().layerList());
            ResourceCreation creation = creation(wish);
            Resource present = definition.resources().get(creation.node());
            if (present != null && isAsWished(present, creation)) {
                there.add(alreadyThere(wanted, present.node()));
            } else {
                creations.add(creation);
            }
        }
        if (creations.isEmpty() && !there.isEmpty()) {
            return CompletableFuture.completedStage(new Outcome(there));
        }
        return services.cluster().createResources(wanted, creations).thenApply(outcome -> {
            there.addAll(outcome.replies());
            return new Outcome(there);
        });
    }

    /** Clients of REST v1 create what they need to be there: what is there as they want it is no failure. */
    private static boolean isAsWished(Resource present, ResourceCreation creation) {
        return !present.deleting() && !present.tieBreaker() && present.diskless() == creation.diskless();
    }

    private static Reply alreadyThere(ResourceName name, NodeName node) {
        Problem problem = new Problem(
                ErrorCode.RESOURCE_EXISTS,
                "resource " + name + " is on node " + node + " already",
                "it was created before",
                "nothing is to be done");
        return new Reply(
                Severity.INFO,
                Action.CREATE,
                ObjectKind.RESOURCE,
                problem.what(),
                Optional.of(problem),
                Ordered.map(Map.of("RscDfn", name.value(), "Node", node.value())));
    }

    private static ResourceCreation creation(Wish wish) {
        SortedMap<String, String> properties = Wishes.properties(wish.resource().props());
        String pool = properties.remove(POOL_PROPERTY);
        boolean diskless = isDiskless(Wishes.texts(wish.resource().flags()))
                || StoragePoolJson.DISKLESS_POOL.value().equalsIgnoreCase(pool);
        List<Integer> ports = wish.body().drbdTcpPorts() == null
                ? List.of()
                : wish.body().drbdTcpPorts().stream().filter(Objects::nonNull).toList();
        Wishes.unsupported(ports.size() > 1, "more than one TCP port for a resource", "name one, or none");
        Integer nodeId = wish.body().drbdNodeId();
        return new ResourceCreation(
                new NodeName(wish.node()),
                diskless || pool == null ? Optional.empty() : Optional.of(new PoolName(pool)),
                diskless,
                nodeId == null ? OptionalInt.empty() : OptionalInt.of(nodeId),
                ports.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ports.get(0)),
                properties);
    }

    private static boolean isDiskless(List<String> flags) {
        boolean diskless = false;
        for (String flag : flags) {
            if (!DISKLESS_FLAGS.contains(flag.toUpperCase(Locale.ROOT))) {
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot create a resource with the flag " + flag,
                        "the flags are DISKLESS and DRBD_DISKLESS",
                        "leave it out");
            }
            diskless = true;
        }
        return diskless;
    }

    private ResourceJson resource(String name, String node) {
        ResourceName wantedName = new ResourceName(name);
        NodeName wantedNode = new NodeName(node);
        return rows.resource(services.view(), wantedName, wantedNode)
                .orElseThrow(() -> NotFound.resource(wantedName, wantedNode));
    }
}
