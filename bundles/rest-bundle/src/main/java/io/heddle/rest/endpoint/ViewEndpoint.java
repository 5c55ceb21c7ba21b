package io.heddle.rest.endpoint;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.json.JsonPart;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Views over the whole cluster. A filter whose parameter is there but names nothing shows nothing. */
@Singleton
@Path("view")
public final class ViewEndpoint {
    private final ClusterServices services;
    private final ResourceRows rows;

    @Inject
    public ViewEndpoint(ClusterServices services, ResourceRows rows) {
        this.services = services;
        this.rows = rows;
    }

    @GET
    @Path("resources")
    public Response resources(
            @QueryParam("nodes") List<String> nodes,
            @QueryParam("resources") List<String> resources,
            @QueryParam("storage_pools") List<String> pools,
            @QueryParam("props") List<String> properties,
            @QueryParam("effective_props") String effective,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        Set<NodeName> wantedNodes = Wishes.filter(nodes, NodeName::new);
        Set<ResourceName> wantedResources = Wishes.filter(resources, ResourceName::new);
        Set<PoolName> wantedPools = Wishes.filter(pools, PoolName::new);
        boolean nothing = (!nodes.isEmpty() && wantedNodes.isEmpty())
                || (!resources.isEmpty() && wantedResources.isEmpty())
                || (!pools.isEmpty() && wantedPools.isEmpty());
        return Rows.ofBytes(rows.resources(
                services.view(),
                new ResourceRows.Filter(wantedNodes, wantedResources, wantedPools, nothing),
                Page.of(offset, limit, properties),
                Wishes.truth(effective)));
    }

    @GET
    @Path("storage-pools")
    public Response storagePools(
            @QueryParam("nodes") List<String> nodes,
            @QueryParam("storage_pools") List<String> pools,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        ClusterView view = services.view();
        Page page = Page.of(offset, limit, properties);
        Set<NodeName> wantedNodes = Wishes.filter(nodes, NodeName::new);
        Set<PoolName> wantedPools = Wishes.filter(pools, PoolName::new);
        List<JsonPart> shown = new ArrayList<>();
        for (Node node : view.state().nodes().values()) {
            if (nodes.isEmpty() || wantedNodes.contains(node.name())) {
                shown.addAll(
                        pools.isEmpty()
                                ? StoragePoolRows.of(view, node, page)
                                : StoragePoolRows.of(view, node, wantedPools, page));
            }
        }
        return Rows.list(page.of(shown));
    }

    /** All snapshots, or those that filters name; one whose parameter is there but names nothing shows nothing. */
    @GET
    @Path("snapshots")
    public Response snapshots(
            @QueryParam("nodes") List<String> nodes,
            @QueryParam("resources") List<String> resources,
            @QueryParam("snapshots") List<String> names,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        Page page = Page.of(offset, limit, properties);
        Set<ResourceName> wanted = Wishes.filter(resources, ResourceName::new);
        Set<String> on = Set.copyOf(nodes.stream().map(String::toLowerCase).toList());
        List<JsonPart> rows = new ArrayList<>();
        for (ResourceDefinition definition :
                services.view().state().resourceDefinitions().values()) {
            if (resources.isEmpty() || wanted.contains(definition.name())) {
                SnapshotEndpoint.add(rows, services.view(), definition, names, on, page);
            }
        }
        return Rows.list(page.of(rows));
    }
}
