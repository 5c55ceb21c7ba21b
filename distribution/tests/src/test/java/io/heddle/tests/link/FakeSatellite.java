package io.heddle.tests.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import io.heddle.satellite.link.ControllerEnd;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** A satellite that keeps its spec in memory, by the rules of the contract. */
final class FakeSatellite implements ControllerEnd {
    final List<NodeSpec> taken = new CopyOnWriteArrayList<>();
    final List<SpecDelta> changes = new CopyOnWriteArrayList<>();
    final List<NodeAction> actions = new CopyOnWriteArrayList<>();
    final List<Consumer<StatusDelta>> followers = new CopyOnWriteArrayList<>();
    volatile Function<NodeAction, CompletionStage<Void>> performing = action -> CompletableFuture.completedFuture(null);
    volatile Runnable beforeTaking = () -> {};
    private volatile Optional<NodeSpec> spec = Optional.empty();
    private volatile Optional<SpecVersion> newest = Optional.empty();
    private volatile NodeStatus status;

    FakeSatellite(NodeName node) {
        status = new NodeStatus(
                node,
                node + ".example",
                "0.1.0",
                Instant.EPOCH,
                0,
                new KernelStatus(KernelStatus.Dialect.NONE, "", "", "6.1", Optional.empty()),
                List.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                List.of());
    }

    static StatusDelta change(long revision) {
        return new StatusDelta(
                Instant.ofEpochSecond(revision),
                revision,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                new TreeSet<>(),
                Optional.empty());
    }

    void report(StatusDelta delta) {
        status = status.apply(delta);
        followers.forEach(follower -> follower.accept(delta));
    }

    /** Makes it forget, or change, what it holds, as a disk put back would. */
    void hold(Optional<NodeSpec> other) {
        spec = other;
        newest = other.map(NodeSpec::version);
    }

    @Override
    public Optional<SpecVersion> held() {
        return newest;
    }

    @Override
    public void take(NodeSpec offered) {
        beforeTaking.run();
        if (newest.isPresent() && !newest.get().accepts(offered.version())) {
            throw new HeddleException(ErrorCode.STALE_CONTROLLER, "refused", "older", "none");
        }
        spec = Optional.of(offered);
        newest = Optional.of(offered.version());
        taken.add(offered);
    }

    @Override
    public boolean take(SpecDelta delta) {
        beforeTaking.run();
        if (spec.isEmpty() || spec.get().version().revision() != delta.base()) {
            return false;
        }
        spec = Optional.of(spec.get().apply(delta));
        newest = Optional.of(delta.version());
        changes.add(delta);
        return true;
    }

    @Override
    public void acceptOlder() {
        newest = Optional.empty();
    }

    @Override
    public NodeStatus status() {
        return status;
    }

    @Override
    public AutoCloseable follow(Consumer<StatusDelta> listener) {
        followers.add(listener);
        return () -> followers.remove(listener);
    }

    @Override
    public CompletionStage<Void> perform(NodeAction action) {
        actions.add(action);
        return performing.apply(action);
    }
}
