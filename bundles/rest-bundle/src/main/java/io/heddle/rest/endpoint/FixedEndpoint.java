package io.heddle.rest.endpoint;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Node;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.StoragePoolJson;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is only read: counts, the lists that are empty as yet, and the description of this API. */
@Singleton
@Path("")
public final class FixedEndpoint {
    private static final String DESCRIPTION = "/io/heddle/rest/openapi.yaml";

    private final ClusterServices services;

    @Inject
    public FixedEndpoint(ClusterServices services) {
        this.services = services;
    }

    /** Names of pools over all nodes: REST v1 has definitions of pools, Heddle's pools need none. */
    @GET
    @Path("storage-pool-definitions")
    public Response definitions() {
        Set<PoolName> names = new TreeSet<>();
        names.add(StoragePoolJson.DISKLESS_POOL);
        for (Node node : services.view().state().nodes().values()) {
            names.addAll(node.storagePools().keySet());
        }
        List<JsonPart> rows = new ArrayList<>();
        for (PoolName name : names) {
            rows.add(out -> {
                out.writeStartObject();
                out.writeStringField("storage_pool_name", name.value());
                out.writeEndObject();
            });
        }
        return Rows.list(rows);
    }

    @GET
    @Path("error-reports")
    public Response errorReports() {
        return Rows.none();
    }

    @GET
    @Path("stats/{kind}")
    public Response count(@PathParam("kind") String kind) {
        ClusterView view = services.view();
        long count = switch (kind) {
            case "nodes" -> view.state().nodes().size();
            case "resource-definitions" -> view.state().resourceDefinitions().size();
            case "resource-groups" -> view.state().resourceGroups().size();
            case "resources" ->
                view.state().resourceDefinitions().values().stream()
                        .map(ResourceDefinition::resources)
                        .mapToLong(resources -> resources.size())
                        .sum();
            case "storage-pools" ->
                view.state().nodes().values().stream()
                        .map(Node::storagePools)
                        .mapToLong(pools -> pools.size() + 1L)
                        .sum();
            case "error-reports" -> 0;
            default -> throw new NotFoundException();
        };
        return Rows.one(out -> {
            out.writeStartObject();
            out.writeNumberField("count", count);
            out.writeEndObject();
        });
    }

    /** The OpenAPI document of what is served here. */
    @GET
    @Path("openapi")
    public Response description() {
        try (InputStream stream = FixedEndpoint.class.getResourceAsStream(DESCRIPTION)) {
            if (stream == null) {
                throw new IOException(DESCRIPTION + " is not in the bundle");
            }
            return Response.ok(stream.readAllBytes(), MediaType.valueOf("application/yaml"))
                    .build();
        } catch (IOException e) {
            throw new HeddleException(
                    ErrorCode.INTERNAL_ERROR,
                    "cannot read the description of this API",
                    e.getMessage(),
                    "install rest-bundle again",
                    e);
        }
    }
}
