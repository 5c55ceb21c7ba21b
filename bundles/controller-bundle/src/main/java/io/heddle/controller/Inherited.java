package io.heddle.controller;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StoragePool;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Finds which value of a property holds, the nearest level first. */
final class Inherited {
    private Inherited() {}

    /** Of a definition: its own, its group's, the controller's. */
    static Optional<String> of(ClusterState state, ResourceDefinition definition, String key) {
        return first(key, List.of(definition.properties(), group(state, definition), controller(state)));
    }

    /** Of a definition on a node: as {@link #of}, with the node before the controller. */
    static Optional<String> of(ClusterState state, ResourceDefinition definition, Node node, String key) {
        return first(
                key, List.of(definition.properties(), group(state, definition), node.properties(), controller(state)));
    }

    /** Of a pool: its own, its node's, the controller's. */
    static Optional<String> of(ClusterState state, Node node, StoragePool pool, String key) {
        return first(key, List.of(pool.properties(), node.properties(), controller(state)));
    }

    /** Of a node: its own, the controller's. */
    static Optional<String> of(ClusterState state, Node node, String key) {
        return first(key, List.of(node.properties(), controller(state)));
    }

    private static SortedMap<String, String> controller(ClusterState state) {
        return state.settings().properties();
    }

    private static SortedMap<String, String> group(ClusterState state, ResourceDefinition definition) {
        return Optional.ofNullable(state.resourceGroups().get(definition.group()))
                .map(group -> group.properties())
                .orElseGet(() -> Ordered.map(null));
    }

    private static Optional<String> first(String key, List<SortedMap<String, String>> nearestFirst) {
        return nearestFirst.stream()
                .flatMap(level -> Stream.ofNullable(level.get(key)))
                .findFirst();
    }
}
