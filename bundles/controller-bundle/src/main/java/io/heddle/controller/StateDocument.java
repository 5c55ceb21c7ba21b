package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole desired state as one document; secrets included, so it is to be kept like them.
 *
 * @param format version of this form
 * @param settings what belongs to the cluster as a whole
 * @param nodes all nodes
 * @param resourceGroups all resource groups
 * @param resourceDefinitions all resource definitions, tombstones included
 */
record StateDocument(
        int format,
        ClusterSettings settings,
        List<Node> nodes,
        List<ResourceGroup> resourceGroups,
        List<ResourceDefinition> resourceDefinitions) {
    static final int FORMAT = 1;

    StateDocument {
        if (format != FORMAT || settings == null) {
            throw invalid(
                    format > FORMAT
                            ? "it has format " + format + ", and this version reads " + FORMAT
                            : "it is no exported state",
                    "give a document that 'controller export' of this version or an older one wrote");
        }
        nodes = orEmpty(nodes);
        resourceGroups = orEmpty(resourceGroups);
        resourceDefinitions = orEmpty(resourceDefinitions);
    }

    private static <E> List<E> orEmpty(@Nullable List<E> elements) {
        return elements == null ? List.of() : List.copyOf(elements);
    }

    static StateDocument of(ClusterState state) {
        List<ResourceDefinition> definitions =
                new ArrayList<>(state.resourceDefinitions().values());
        definitions.addAll(state.tombstones());
        return new StateDocument(
                FORMAT,
                state.settings(),
                List.copyOf(state.nodes().values()),
                List.copyOf(state.resourceGroups().values()),
                definitions);
    }

    /**
     * Puts everything into an empty state.
     *
     * @throws HeddleException INVALID_INPUT if what it says contradicts itself
     */
    void putInto(StateEdit edit) {
        requireConsistent();
        edit.put(settings);
        resourceGroups.forEach(edit::put);
        nodes.forEach(edit::put);
        resourceDefinitions.forEach(edit::put);
    }

    private void requireConsistent() {
        Set<Object> names = new HashSet<>();
        for (Node node : nodes) {
            requireNew(names, node.name(), "node " + node.name());
        }
        Set<Object> taken = new HashSet<>();
        for (ResourceDefinition definition : resourceDefinitions) {
            requireNew(taken, definition.uuid(), "the identity of " + definition.name());
            for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
                requireNew(taken, volume.minor(), "minor " + volume.minor());
            }
            for (Resource resource : definition.resources().values()) {
                requireNew(
                        taken,
                        List.of(resource.node(), resource.port()),
                        "port " + resource.port() + " of " + resource.node());
                requireNew(
                        taken,
                        List.of(definition.uuid(), resource.nodeId()),
                        "node id " + resource.nodeId() + " of " + definition.name());
                if (!names.contains(resource.node())) {
                    throw invalid(
                            definition.name() + " is on node " + resource.node() + ", which is not in it",
                            "export the state again");
                }
            }
        }
    }

    private static void requireNew(Set<Object> seen, Object key, String what) {
        if (!seen.add(key)) {
            throw invalid(what + " is in it twice", "export the state again");
        }
    }

    private static HeddleException invalid(String why, String correction) {
        return new HeddleException(ErrorCode.INVALID_INPUT, "cannot import the document", why, correction);
    }
}
