package io.heddle.core.plan;

/**
 * Answers for every kind of step.
 *
 * @param <R> the answer
 */
public interface StepVisitor<R> {
    R activateVolume(Step.ActivateVolume step);

    R createVolume(Step.CreateVolume step);

    R restoreVolume(Step.RestoreVolume step);

    R adoptMetadata(Step.AdoptMetadata step);

    R growVolume(Step.GrowVolume step);

    R markVolumeReady(Step.MarkVolumeReady step);

    R deleteVolume(Step.DeleteVolume step);

    R configureResource(Step.ConfigureResource step);

    R createMetadata(Step.CreateMetadata step);

    R moveMetadata(Step.MoveMetadata step);

    R adjustResource(Step.AdjustResource step);

    R skipInitialSync(Step.SkipInitialSync step);

    R startInitialSync(Step.StartInitialSync step);

    R demoteResource(Step.DemoteResource step);

    R rememberForcedPrimary(Step.RememberForcedPrimary step);

    R resizeDevice(Step.ResizeDevice step);

    R forgetPeer(Step.ForgetPeer step);

    R downResource(Step.DownResource step);

    R removeConfiguration(Step.RemoveConfiguration step);

    R rememberVolume(Step.RememberVolume step);

    R approveRemoval(Step.ApproveRemoval step);

    R stopDiscarding(Step.StopDiscarding step);

    R discardMyData(Step.DiscardMyData step);

    R connectPeers(Step.ConnectPeers step);

    R takeOver(Step.TakeOver step);

    R rememberCutOff(Step.RememberCutOff step);

    R forgetCutOff(Step.ForgetCutOff step);

    R rememberWord(Step.RememberWord step);

    R giveDiskUp(Step.GiveDiskUp step);
}
