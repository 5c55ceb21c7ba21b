package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeGroup;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.ResourceGroupBody;
import io.heddle.rest.body.SelectFilterBody;
import io.heddle.rest.body.SizeQueryBody;
import io.heddle.rest.body.SpawnBody;
import io.heddle.rest.body.VolumeGroupBody;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.ResourceGroupJson;
import io.heddle.rest.json.SizeReportJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
        List<JsonPart> rows = new ArrayList<>();
        require(name).volumeGroups().values().forEach(volume -> rows.add(out -> ResourceGroupJson.write(out, volume)));
        return Rows.list(rows);
    }

    @POST
    @Path("{group}/volume-groups")
    public CompletionStage<Response> createVolumeGroup(@PathParam("group") String name, VolumeGroupBody body) {
        return answers.of(201, Action.CREATE, ObjectKind.VOLUME_GROUP, () -> {
            refuseProperties(body.props() != null && !body.props().isEmpty());
            Integer number = body.volumeNumber();
            return services.cluster()
                    .createVolumeGroup(
                            new ResourceGroupName(name),
                            number == null || number < 0 ? OptionalInt.empty() : OptionalInt.of(number),
                            Wishes.isGross(body.flags()));
        });
    }

    @PUT
    @Path("{group}/volume-groups/{number}")
    public CompletionStage<Response> modifyVolumeGroup(
            @PathParam("group") String name, @PathParam("number") String number, ChangeBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.VOLUME_GROUP, () -> {
            refuseProperties(!Wishes.change(body).isEmpty());
            ResourceGroup group = require(name);
            int wanted = Wishes.number(number, "volume number");
            VolumeGroup present = group.volumeGroups().get(wanted);
            if (present == null) {
                throw NotFound.volumeGroup(group.name(), wanted);
            }
            // what is not named stays: '-GROSS_SIZE' takes it away
            boolean gross = Wishes.isGross(body.flags())
                    || (present.gross() && !Wishes.texts(body.flags()).contains("-" + Wishes.GROSS_SIZE));
            return services.cluster().modifyVolumeGroup(group.name(), wanted, gross);
        });
    }

    private static void refuseProperties(boolean asked) {
        Wishes.unsupported(asked, "properties of a volume group", "set them on the resource group");
    }

    @DELETE
    @Path("{group}/volume-groups/{number}")
    public CompletionStage<Response> deleteVolumeGroup(
            @PathParam("group") String name, @PathParam("number") String number) {
        return answers.ofDeletion(
                ObjectKind.VOLUME_GROUP,
                () -> services.cluster()
                        .deleteVolumeGroup(new ResourceGroupName(name), Wishes.number(number, "volume number")));
    }

    @POST
    @Path("{group}/spawn")
    public CompletionStage<Response> spawn(
            @PathParam("group") String name, SpawnBody body, @Context HttpServletRequest request) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE_DEFINITION, () -> {
            Wishes.unsupported(Wishes.asked(body.volumePassphrases()), "encryption", "encrypt above the volume");
            Wishes.unsupported(
                    Wishes.asked(body.resourceDefinitionExternalName()),
                    "an external name",
                    "send resource_definition_name");
            Wishes.unsupported(
                    body.peerSlots() != null,
                    "a number of peer slots as a field of a spawning",
                    "set the property PeerSlotsNewResource on the group");
            SelectFilterBody filter = body.selectFilter();
            Wishes.unsupported(
                    filter != null && Wishes.asked(filter.layerStack()),
                    "other layers than those of the group",
                    "set them on the group, or create the definition by itself");
            return services.cluster()
                    .spawn(
                            new ResourceGroupName(name),
                            new Spawning(
                                    new ResourceName(
                                            Wishes.required(body.resourceDefinitionName(), "resource_definition_name")),
                                    sizes(body.volumeSizes()),
                                    Wishes.asked(body.partial()),
                                    Wishes.asked(body.definitionsOnly()),
                                    Guards.checked(Wishes.properties(body.resourceDefinitionProps()), request),
                                    Wishes.placement(filter)));
        });
    }

    private static List<Bytes> sizes(@Nullable List<@Nullable Long> kib) {
        List<Bytes> sizes = new ArrayList<>();
        if (kib != null) {
            kib.forEach(size -> sizes.add(Bytes.ofKib(Wishes.required(size, "volume_sizes"))));
        }
        return sizes;
    }

    @GET
    @Path("{group}/query-max-volume-size")
    public Response largest(@PathParam("group") String name) {
        SizeReport report = services.view().sizes(new ResourceGroupName(name), PlacementWish.OPEN);
        return Rows.one(out -> SizeReportJson.writeLargest(out, report));
    }

    @POST
    @Path("{group}/query-size-info")
    public Response sizeInfo(@PathParam("group") String name, SizeQueryBody body) {
        SizeReport report = services.view().sizes(new ResourceGroupName(name), Wishes.placement(body.selectFilter()));
        return Rows.one(out -> SizeReportJson.write(out, report));
    }

    private ResourceGroup require(String text) {
        ResourceGroupName name = new ResourceGroupName(text);
        return services.view().state().resourceGroup(name).orElseThrow(() -> NotFound.resourceGroup(name));
    }

    @POST
    public CompletionStage<Response> create(ResourceGroupBody body, @Context HttpServletRequest request) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE_GROUP, () -> {
            Wishes.unsupported(
                    body.peerSlots() != null,
                    "a number of peer slots as a field of a group",
                    "set the property PeerSlotsNewResource on it");
            PropertyChange properties = new PropertyChange(
                    Guards.checked(Wishes.properties(body.props()), request), Ordered.set(null), Ordered.set(null));
            return services.cluster()
                    .createResourceGroup(
                            new ResourceGroupName(Wishes.required(body.name(), "name")),
                            change(body.description(), body.selectFilter(), properties));
        });
    }

    @PUT
    @Path("{group}")
    public CompletionStage<Response> modify(
            @PathParam("group") String name, ChangeBody body, @Context HttpServletRequest request) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.RESOURCE_GROUP,
                () -> services.cluster()
                        .modifyResourceGroup(
                                new ResourceGroupName(name),
                                change(
                                        body.description(),
                                        body.selectFilter(),
                                        Guards.checked(Wishes.change(body), request))));
    }

    @DELETE
    @Path("{group}")
    public CompletionStage<Response> delete(@PathParam("group") String name) {
        return answers.ofDeletion(
                ObjectKind.RESOURCE_GROUP, () -> services.cluster().deleteResourceGroup(new ResourceGroupName(name)));
    }

    private static ResourceGroupChange change(
            @Nullable String description, @Nullable SelectFilterBody filter, PropertyChange properties) {
        if (filter == null) {
            return new ResourceGroupChange(
                    Optional.ofNullable(description),
                    OptionalInt.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    properties);
        }
        Wishes.placeable(filter);
        Wishes.unsupported(
                filter.additionalPlaceCount() != null,
                "a number of additional replicas for a group",
                "say how many there shall be: place_count");
        Integer count = filter.placeCount();
        return new ResourceGroupChange(
                Optional.ofNullable(description),
                count == null ? OptionalInt.empty() : OptionalInt.of(count),
                filter.storagePoolList() == null && filter.storagePool() == null
                        ? Optional.empty()
                        : Optional.of(Wishes.pools(filter)),
                Optional.ofNullable(filter.nodeNameList()).map(names -> Wishes.names(names, NodeName::new)),
                Optional.ofNullable(filter.providerList()).map(Wishes::kinds),
                Optional.ofNullable(filter.layerStack()).map(Wishes::layers),
                properties);
    }
}
