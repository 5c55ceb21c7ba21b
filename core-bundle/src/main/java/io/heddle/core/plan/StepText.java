package io.heddle.core.plan;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PoolSpec;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Says in words what a step does; shown in a resource's status and in the log. */
public final class StepText implements StepVisitor<String> {
    private static final StepText TEXT = new StepText();

    private StepText() {}

    /** The step as the end of a sentence that begins with "did not" or "going to". */
    public static String of(Step step) {
        return step.accept(TEXT);
    }

    private static String volume(BackingIdentity identity, PoolSpec pool) {
        return "backing volume " + identity.name() + " in storage pool " + pool.name();
    }

    @Override
    public String activateVolume(Step.ActivateVolume step) {
        return "activate " + volume(step.identity(), step.pool());
    }

    @Override
    public String createVolume(Step.CreateVolume step) {
        return "create " + volume(step.identity(), step.pool()) + " with " + step.size();
    }

    @Override
    public String restoreVolume(Step.RestoreVolume step) {
        return "restore " + volume(step.identity(), step.pool()) + " from snapshot "
                + step.snapshot().name();
    }

    @Override
    public String adoptMetadata(Step.AdoptMetadata step) {
        return "make the DRBD metadata on " + step.device() + " that of volume " + step.number();
    }

    @Override
    public String growVolume(Step.GrowVolume step) {
        return "grow " + volume(step.identity(), step.pool()) + " to " + step.size();
    }

    @Override
    public String markVolumeReady(Step.MarkVolumeReady step) {
        return "mark " + volume(step.identity(), step.pool()) + " ready";
    }

    @Override
    public String deleteVolume(Step.DeleteVolume step) {
        return "delete " + volume(step.identity(), step.pool());
    }

    @Override
    public String configureResource(Step.ConfigureResource step) {
        return "write the resource file of " + step.resource().name();
    }

    @Override
    public String createMetadata(Step.CreateMetadata step) {
        return "create the DRBD metadata of volume " + step.number() + " on " + step.device();
    }

    @Override
    public String moveMetadata(Step.MoveMetadata step) {
        return "move the DRBD metadata of volume " + step.number() + " to the end of " + step.device();
    }

    @Override
    public String adjustResource(Step.AdjustResource step) {
        return "adjust " + step.resource().name();
    }

    @Override
    public String skipInitialSync(Step.SkipInitialSync step) {
        return "declare the new replicas of volume " + step.number() + " equal";
    }

    @Override
    public String startInitialSync(Step.StartInitialSync step) {
        return "start the initial sync of volume " + step.number() + " from this node";
    }

    @Override
    public String demoteResource(Step.DemoteResource step) {
        return "make " + step.resource().name() + " Secondary, which was Primary for its first content";
    }

    @Override
    public String rememberForcedPrimary(Step.RememberForcedPrimary step) {
        return step.forced()
                ? "note that it becomes Primary for its first content"
                : "note that it is Primary for its first content no longer";
    }

    @Override
    public String resizeDevice(Step.ResizeDevice step) {
        return "resize volume " + step.number() + " to " + step.size();
    }

    @Override
    public String forgetPeer(Step.ForgetPeer step) {
        return "forget the former peer with node id " + step.nodeId();
    }

    @Override
    public String downResource(Step.DownResource step) {
        return "take " + step.resource() + " down";
    }

    @Override
    public String removeConfiguration(Step.RemoveConfiguration step) {
        return "remove the resource file of " + step.resource();
    }

    @Override
    public String rememberVolume(Step.RememberVolume step) {
        return "note that replica " + step.volume()
                + (step.made().inService() ? " is in service with " : " is made with ")
                + step.made().size();
    }

    @Override
    public String approveRemoval(Step.ApproveRemoval step) {
        return "note that another good copy was seen";
    }

    @Override
    public String discardMyData(Step.DiscardMyData step) {
        return "discard the changes of " + step.resource().name() + " on this node in favour of " + names(step.peers())
                + (step.snapshots().isEmpty()
                        ? ""
                        : ", and keep them first as "
                                + String.join(
                                        ", ",
                                        step.snapshots().stream()
                                                .map(Step.KeptVolume::name)
                                                .toList()));
    }

    @Override
    public String stopDiscarding(Step.StopDiscarding step) {
        return step.then().state() == AnsweredWord.State.CARRIED_OUT
                ? "note that the split brain is resolved as decided, and that peers that come later overwrite nothing more"
                : "overwrite nothing of " + step.resource().name() + " on this node after all: "
                        + step.then().why();
    }

    @Override
    public String connectPeers(Step.ConnectPeers step) {
        return "connect " + step.resource().name() + " to " + names(step.peers()) + " again";
    }

    @Override
    public String takeOver(Step.TakeOver step) {
        String paths = step.resource().peers().stream()
                .filter(peer -> peer.node().equals(step.peer()))
                .flatMap(peer -> peer.paths().stream())
                .map(path -> path.local() + " - " + path.remote())
                .collect(Collectors.joining(", "));
        return "take the connection of " + step.resource().name() + " with " + step.peer() + " over to " + paths;
    }

    @Override
    public String rememberCutOff(Step.RememberCutOff step) {
        return "note that it is cut off from " + step.peer();
    }

    @Override
    public String forgetCutOff(Step.ForgetCutOff step) {
        return "note that it is one with " + step.peer() + " again";
    }

    @Override
    public String rememberWord(Step.RememberWord step) {
        return switch (step.word().state()) {
            case BEGUN -> "note that what was decided on the split brain is begun";
            case CARRIED_OUT -> "note that the split brain is resolved as decided";
            case LAPSED ->
                "note that what was decided on the split brain has lapsed: "
                        + step.word().why();
        };
    }

    private static String names(SortedSet<NodeName> nodes) {
        return String.join(", ", nodes.stream().map(NodeName::value).toList());
    }

    @Override
    public String giveDiskUp(Step.GiveDiskUp step) {
        return "note that volume " + step.number() + " gives its disk up";
    }
}
