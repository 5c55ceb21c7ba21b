package io.heddle.jmx;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.OptionPlace;
import io.heddle.core.management.DrbdOptionRow;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.OptionSection;
import io.heddle.core.plan.OptionResolver;
import io.heddle.core.plan.OptionResolver.Effective;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Lists DRBD options with what holds and where it comes from. */
final class OptionRows {
    private static final int NO_VOLUME = -1;

    private final ClusterState state;
    private final boolean all;
    private final String module;
    private final String node;
    private final List<DrbdOptionRow> rows = new ArrayList<>();

    private OptionRows(ClusterState state, boolean all, String module, String node) {
        this.state = state;
        this.all = all;
        this.module = module;
        this.node = node;
    }

    /**
     * What holds at a place. For a resource on a node these are all options of all of its connections and volumes, as DRBD there
     * is given them.
     *
     * @param all whether what only has DRBD's default is listed as well
     * @throws io.heddle.core.error.HeddleException if it is not there
     */
    static List<DrbdOptionRow> of(ClusterView view, OptionPlace place, boolean all) {
        ClusterState state = view.state();
        if (place instanceof OptionPlace.OfResource resource) {
            OptionRows rows = new OptionRows(
                    state, all, module(view, resource.node()), resource.node().value());
            rows.resource(resource);
            return rows.rows;
        }
        OptionRows rows = new OptionRows(state, all, "", "");
        for (OptionSection section : OptionSection.values()) {
            if (section.levels().contains(place.level())) {
                rows.section(section, place.effective(state, section), "", NO_VOLUME);
            }
        }
        return rows.rows;
    }

    private static String module(ClusterView view, NodeName node) {
        return view.status(node).map(status -> status.kernel().usableVersion()).orElse("");
    }

    private void resource(OptionPlace.OfResource place) {
        ResourceDefinition definition = state.resourceDefinition(place.resource())
                .orElseThrow(() -> NotFound.resourceDefinition(place.resource()));
        Resource own = definition.resources().get(place.node());
        if (own == null) {
            throw NotFound.resource(place.resource(), place.node());
        }
        if (!definition.replicated()) {
            return;
        }
        section(OptionSection.RESOURCE, OptionResolver.resourceOptions(state, definition, own), "", NO_VOLUME);
        section(OptionSection.HANDLERS, OptionResolver.handlers(state, definition), "", NO_VOLUME);
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            section(
                    OptionSection.DISK,
                    OptionResolver.diskOptions(state, definition, own, volume),
                    "",
                    volume.number());
        }
        for (Resource other : definition.resources().values()) {
            if (!other.node().equals(own.node())) {
                NodePair nodes = new NodePair(own.node(), other.node());
                String peer = other.node().value();
                section(OptionSection.NET, OptionResolver.netOptions(state, definition, nodes), peer, NO_VOLUME);
                for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
                    section(
                            OptionSection.PEER_DEVICE,
                            OptionResolver.peerDeviceOptions(state, definition, nodes, volume),
                            peer,
                            volume.number());
                }
            }
        }
    }

    private void section(OptionSection section, SortedMap<String, Effective> set, String peer, int volume) {
        for (Effective effective : OptionResolver.complete(section, set).values()) {
            if (all || !effective.isDefault()) {
                rows.add(row(effective, peer, volume));
            }
        }
    }

    private DrbdOptionRow row(Effective effective, String peer, int volume) {
        boolean lacking = !effective.isDefault() && !effective.option().knownTo(module);
        return new DrbdOptionRow(
                effective.option().section().word(),
                effective.option().name(),
                effective.value(),
                effective.from(),
                peer,
                volume,
                effective.option().range(),
                effective.option().initial().orElse(""),
                effective.option().change().text(),
                lacking ? "DRBD " + module + " on " + node + " does not have it, and it is left out there" : "");
    }
}
