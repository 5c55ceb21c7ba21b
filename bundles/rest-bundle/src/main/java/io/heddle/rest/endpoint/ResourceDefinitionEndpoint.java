package io.heddle.rest.endpoint;

import static io.heddle.rest.endpoint.Wishes.required;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.SyncReport;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.AutoPlaceBody;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.LayerBody;
import io.heddle.rest.body.ResourceDefinitionBody;
import io.heddle.rest.body.ResourceDefinitionCreateBody;
import io.heddle.rest.body.SelectFilterBody;
import io.heddle.rest.body.VolumeDefinitionBody;
import io.heddle.rest.body.VolumeDefinitionCreateBody;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.ResourceDefinitionJson;
import io.heddle.rest.json.SyncJson;
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
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Resource definitions, their volume definitions, and placing them. */
@Singleton
@Path("resource-definitions")
public final class ResourceDefinitionEndpoint {
    private final ClusterServices services;
    private final Answers answers;
    private final ResourceRows rows;

    @Inject
    public ResourceDefinitionEndpoint(ClusterServices services, Answers answers, ResourceRows rows) {
        this.services = services;
        this.answers = answers;
        this.rows = rows;
    }

    @GET
    public Response list(
            @QueryParam("resource_definitions") List<String> names,
            @QueryParam("with_volume_definitions") String withVolumes,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        Set<ResourceName> wanted = Wishes.filter(names, ResourceName::new);
        if (!names.isEmpty() && wanted.isEmpty()) {
            return Rows.none();
        }
        return Rows.ofBytes(rows.definitions(
                services.view(), wanted, Wishes.truth(withVolumes), Page.of(offset, limit, properties)));
    }

    @GET
    @Path("{definition}")
    public Response one(@PathParam("definition") String name) {
        ResourceDefinition definition = definition(name);
        return Rows.one(out -> ResourceDefinitionJson.write(out, definition, true));
    }

    @POST
    public CompletionStage<Response> create(ResourceDefinitionCreateBody body, @Context HttpServletRequest request) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE_DEFINITION, () -> {
            ResourceDefinitionBody wish = required(body.resourceDefinition(), "resource_definition");
            Wishes.unsupported(
                    wish.name() == null && Wishes.asked(wish.externalName()),
                    "a name derived from an external one",
                    "give the definition a name");
            refuseNumbers(body.drbdPort(), body.drbdPeerSlots());
            Wishes.unsupported(
                    Wishes.asked(body.drbdSecret()),
                    "a shared secret of the caller's choice",
                    "leave it out: Heddle draws one, and another when a node is lost");
            Wishes.unsupported(
                    Wishes.asked(body.drbdTransportType()) && !"IP".equalsIgnoreCase(body.drbdTransportType()),
                    "another transport than IP",
                    "leave it out");
            return services.cluster()
                    .createResourceDefinition(new ResourceDefinitionCreation(
                            new ResourceName(required(wish.name(), "resource_definition/name")),
                            Wishes.asked(wish.resourceGroupName())
                                    ? Optional.of(new ResourceGroupName(required(wish.resourceGroupName(), "")))
                                    : Optional.empty(),
                            layers(wish),
                            Guards.checked(Wishes.properties(wish.props()), request)));
        });
    }

    private static List<Layer> layers(ResourceDefinitionBody wish) {
        return wish.layerData() == null
                ? List.of()
                : Wishes.layers(wish.layerData().stream()
                        .filter(Objects::nonNull)
                        .map(LayerBody::type)
                        .toList());
    }

    private static void refuseNumbers(@Nullable Integer port, @Nullable Integer peerSlots) {
        Wishes.unsupported(
                port != null,
                "a TCP port for a whole definition",
                "leave it out: each node gives its resource a free port; or name one when the resource is created");
        Wishes.unsupported(
                peerSlots != null && peerSlots != Numbers.DEFAULT_MAXIMUM_PEERS,
                "another number of peer slots than " + Numbers.DEFAULT_MAXIMUM_PEERS,
                "leave it out");
    }

    @PUT
    @Path("{definition}")
    public CompletionStage<Response> modify(
            @PathParam("definition") String name, ChangeBody body, @Context HttpServletRequest request) {
        return answers.of(200, Action.MODIFY, ObjectKind.RESOURCE_DEFINITION, () -> {
            refuseNumbers(body.drbdPort(), body.drbdPeerSlots());
            Wishes.unsupported(
                    Wishes.asked(body.resourceGroup()), "moving a definition to another group", "leave it out");
            Wishes.unsupported(Wishes.asked(body.layerStack()), "changing the layers of a definition", "leave it out");
            return services.cluster()
                    .modifyResourceDefinition(new ResourceName(name), Guards.checked(Wishes.change(body), request));
        });
    }

    @DELETE
    @Path("{definition}")
    public CompletionStage<Response> delete(@PathParam("definition") String name) {
        return answers.ofDeletion(
                ObjectKind.RESOURCE_DEFINITION,
                () -> services.cluster().deleteResourceDefinition(new ResourceName(name)));
    }

    /** Answered at once; clients that wait ask again. */
    @GET
    @Path("{definition}/sync-status")
    public Response syncStatus(@PathParam("definition") String name, @QueryParam("node") String node) {
        SyncReport report = SyncReport.of(
                services.view(),
                new ResourceName(name),
                Wishes.asked(node) ? Optional.of(new NodeName(node)) : Optional.empty());
        return Rows.one(out -> SyncJson.write(out, report));
    }

    @GET
    @Path("{definition}/volume-definitions")
    public Response volumes(@PathParam("definition") String name) {
        ResourceDefinition definition = definition(name);
        List<JsonPart> shown = new ArrayList<>();
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            shown.add(out -> ResourceDefinitionJson.writeVolume(out, definition, volume));
        }
        return Rows.list(shown);
    }

    @GET
    @Path("{definition}/volume-definitions/{number}")
    public Response volume(@PathParam("definition") String name, @PathParam("number") String number) {
        ResourceDefinition definition = definition(name);
        int wanted = Wishes.number(number, "volume number");
        VolumeDefinition volume = Optional.ofNullable(
                        definition.volumeDefinitions().get(wanted))
                .orElseThrow(() -> NotFound.volumeDefinition(definition.name(), wanted));
        return Rows.one(out -> ResourceDefinitionJson.writeVolume(out, definition, volume));
    }

    @POST
    @Path("{definition}/volume-definitions")
    public CompletionStage<Response> createVolume(
            @PathParam("definition") String name, VolumeDefinitionCreateBody body) {
        return answers.of(200, Action.CREATE, ObjectKind.VOLUME_DEFINITION, () -> {
            VolumeDefinitionBody wish = required(body.volumeDefinition(), "volume_definition");
            Wishes.unsupported(Wishes.asked(body.passphrase()), "an encrypted volume", "leave the passphrase out");
            return services.cluster()
                    .createVolumeDefinition(
                            new ResourceName(name),
                            new VolumeDefinitionCreation(
                                    size(required(wish.sizeKib(), "volume_definition/size_kib")),
                                    Wishes.isGross(wish.flags()),
                                    optional(wish.volumeNumber()),
                                    optional(body.drbdMinorNumber()),
                                    Wishes.properties(wish.props())));
        });
    }

    @PUT
    @Path("{definition}/volume-definitions/{number}")
    public CompletionStage<Response> modifyVolume(
            @PathParam("definition") String name, @PathParam("number") String number, ChangeBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.VOLUME_DEFINITION, () -> {
            Wishes.unsupported(
                    Wishes.isGross(body.flags()),
                    "a new size that includes DRBD's metadata",
                    "give the size of the device");
            return services.cluster()
                    .modifyVolumeDefinition(
                            new ResourceName(name),
                            Wishes.number(number, "volume number"),
                            Optional.ofNullable(body.sizeKib()).map(ResourceDefinitionEndpoint::size),
                            Wishes.change(body));
        });
    }

    @DELETE
    @Path("{definition}/volume-definitions/{number}")
    public CompletionStage<Response> deleteVolume(
            @PathParam("definition") String name, @PathParam("number") String number) {
        return answers.ofDeletion(
                ObjectKind.VOLUME_DEFINITION,
                () -> services.cluster()
                        .deleteVolumeDefinition(new ResourceName(name), Wishes.number(number, "volume number")));
    }

    @POST
    @Path("{definition}/autoplace")
    public CompletionStage<Response> autoPlace(@PathParam("definition") String name, AutoPlaceBody body) {
        return answers.of(201, Action.CREATE, ObjectKind.RESOURCE, () -> {
            ResourceName wanted = new ResourceName(name);
            SelectFilterBody filter = body.selectFilter();
            refuseUnsupported(body, filter);
            ResourceDefinition definition = services.view()
                    .state()
                    .resourceDefinition(wanted)
                    .orElseThrow(() -> NotFound.resourceDefinition(wanted));
            refuseOtherLayers(definition, body.layerList());
            if (filter != null) {
                refuseOtherLayers(definition, filter.layerStack());
            }
            return services.cluster().autoPlace(wanted, Wishes.placement(filter));
        });
    }

    private static void refuseUnsupported(AutoPlaceBody body, @Nullable SelectFilterBody filter) {
        Wishes.unsupported(
                Wishes.asked(body.disklessOnRemaining()),
                "a diskless resource on all other nodes",
                "create them where they are needed");
        if (filter != null) {
            Wishes.placeable(filter);
        }
    }

    /** The layers of a definition are given once; another list at its placement would be passed over in silence. */
    static void refuseOtherLayers(ResourceDefinition definition, @Nullable List<@Nullable String> asked) {
        List<Layer> layers = Wishes.layers(asked);
        Wishes.unsupported(
                !layers.isEmpty() && !layers.equals(definition.layers()),
                "other layers than those of the definition (" + definition.layers() + ")",
                "leave them out, or create a definition with these layers");
    }

    private ResourceDefinition definition(String text) {
        ResourceName name = new ResourceName(text);
        ClusterState state = services.view().state();
        return ResourceRows.definition(state, name).orElseThrow(() -> NotFound.resourceDefinition(name));
    }

    private static Bytes size(long kib) {
        return Bytes.ofKib(kib);
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
