package io.heddle.tests.link;

import io.heddle.controller.link.LinkListener;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A controller that writes down what the links tell. */
final class RecordingListener implements LinkListener {
    final List<String> told = new CopyOnWriteArrayList<>();
    final Map<NodeName, List<LinkStatus>> links = new ConcurrentHashMap<>();
    final Map<NodeName, String> pins = new ConcurrentHashMap<>();
    final Map<NodeName, NodeStatus> statuses = new ConcurrentHashMap<>();
    final List<StatusDelta> changes = new CopyOnWriteArrayList<>();
    final Map<NodeName, SpecVersion> stored = new ConcurrentHashMap<>();
    final Map<NodeName, NodeSpec> specs = new ConcurrentHashMap<>();
    volatile UUID clusterId;
    volatile SpecVersion version;

    RecordingListener(UUID clusterId, SpecVersion version) {
        this.clusterId = clusterId;
        this.version = version;
    }

    NodeSpec emptySpec(NodeName node) {
        return new NodeSpec(clusterId, node, version, new TreeMap<>(), new TreeMap<>(), new TreeSet<>());
    }

    /** The state in which the link is; empty before anything was told. */
    Optional<LinkStatus.State> state(NodeName node) {
        return last(node).map(LinkStatus::state);
    }

    Optional<LinkStatus> last(NodeName node) {
        List<LinkStatus> all = links.getOrDefault(node, List.of());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    LinkStatus awaits(NodeName node, LinkStatus.State state) {
        Eventually.holds(() -> state(node).equals(Optional.of(state)), () -> links.get(node));
        return last(node).orElseThrow();
    }

    LinkStatus awaits(NodeName node, ErrorCode code) {
        Eventually.holds(
                () -> last(node)
                        .flatMap(LinkStatus::problem)
                        .map(problem -> problem.code() == code)
                        .orElse(false),
                () -> links.get(node));
        return last(node).orElseThrow();
    }

    long count(NodeName node, LinkStatus.State state) {
        return links.getOrDefault(node, List.of()).stream()
                .filter(status -> status.state() == state)
                .count();
    }

    @Override
    public UUID clusterId() {
        return clusterId;
    }

    @Override
    public SpecVersion version() {
        return version;
    }

    @Override
    public NodeSpec spec(NodeName node) {
        return specs.getOrDefault(node, emptySpec(node));
    }

    @Override
    public void paired(NodeName node, String fingerprint) {
        pins.put(node, fingerprint);
        told.add("paired " + node);
    }

    @Override
    public void link(NodeName node, LinkStatus status) {
        links.computeIfAbsent(node, name -> new CopyOnWriteArrayList<>()).add(status);
        told.add("link " + node + " " + status.state());
    }

    @Override
    public void status(NodeName node, NodeStatus status) {
        statuses.put(node, status);
        told.add("status " + node);
    }

    @Override
    public void status(NodeName node, StatusDelta delta) {
        statuses.computeIfPresent(node, (name, old) -> old.apply(delta));
        changes.add(delta);
        told.add("change " + node);
    }

    @Override
    public void stored(NodeName node, SpecVersion version) {
        stored.put(node, version);
        told.add("stored " + node);
    }
}
