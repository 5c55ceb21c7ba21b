package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.ResourceGroupJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Resource groups. */
@Singleton
@Path("resource-groups")
public final class ResourceGroupEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public ResourceGroupEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response groups(
            @QueryParam("resource_groups") List<String> names,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        Page page = Page.of(offset, limit, properties);
        Set<ResourceGroupName> wanted = Wishes.filter(names, ResourceGroupName::new);
        List<JsonPart> rows = new ArrayList<>();
        for (ResourceGroup group : services.view().state().resourceGroups().values()) {
            if ((names.isEmpty() || wanted.contains(group.name())) && page.matches(group.properties())) {
                rows.add(out -> ResourceGroupJson.write(out, group));
            }
        }
        return Rows.list(page.of(rows));
    }

    @GET
    @Path("{group}")
    public Response group(@PathParam("group") String name) {
        ResourceGroup group = require(name);
        return Rows.one(out -> ResourceGroupJson.write(out, group));
    }

    @GET
    @Path("{group}/volume-groups")
    public Response volumeGroups(@PathParam("group") String name) {
        require(name);
        return Rows.none();
    }

    private ResourceGroup require(String text) {
        ResourceGroupName name = new ResourceGroupName(text);
        return services.view().state().resourceGroup(name).orElseThrow(() -> NotFound.resourceGroup(name));
    }

    private static boolean says(@Nullable Object value) {
        return value != null && !(value instanceof Collection<?> values && values.isEmpty());
    }

    @PUT
    @Path("{group}")
    public CompletionStage<Response> modify(
            @PathParam("group") String name, ChangeBody body, @Context HttpServletRequest request) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE_GROUP, () -> {
            // a client that changes nothing there sends an empty object
            Wishes.unsupported(
                    body.selectFilter() != null
                            && body.selectFilter().values().stream().anyMatch(ResourceGroupEndpoint::says),
                    "a rule of placement for a group",
                    "leave select_filter out");
            Wishes.unsupported(body.description() != null, "another description of a group", "leave it out");
            PropertyChange change = Guards.checked(Wishes.change(body), request);
            return services.cluster().modifyResourceGroup(new ResourceGroupName(name), change);
        });
    }
}
