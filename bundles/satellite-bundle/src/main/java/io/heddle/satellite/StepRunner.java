package io.heddle.satellite;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.Stage;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import io.heddle.core.plan.AnsweredWord;
import io.heddle.core.plan.ResourceRecord;
import io.heddle.core.plan.Step;
import io.heddle.core.plan.StepVisitor;
import io.heddle.core.spec.PoolSpec;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the steps of one resource through the drivers, and writes on the boards what they have done. After a failure the
 * boards know nothing of what was touched until it was looked at again. One for each plan; blocks its thread.
 */
final class StepRunner implements StepVisitor<@Nullable Void> {
    private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

    private final UUID cluster;
    private final Unit unit;
    private final Workshop shop;

    StepRunner(UUID cluster, Unit unit, Workshop shop) {
        this.cluster = cluster;
        this.unit = unit;
        this.shop = shop;
    }

    @Override
    public @Nullable Void activateVolume(Step.ActivateVolume step) {
        return storage(
                step.pool(),
                step.identity().name(),
                driver -> shop.pools().put(driver.activate(step.pool(), step.identity())));
    }

    @Override
    public @Nullable Void createVolume(Step.CreateVolume step) {
        return storage(
                step.pool(),
                step.identity().name(),
                driver -> shop.pools().put(driver.create(step.pool(), step.identity(), step.size())));
    }

    @Override
    public @Nullable Void restoreVolume(Step.RestoreVolume step) {
        return storage(
                step.pool(),
                step.identity().name(),
                driver -> shop.pools().put(driver.restore(step.pool(), step.snapshot(), step.identity())));
    }

    @Override
    public @Nullable Void adoptMetadata(Step.AdoptMetadata step) {
        return replication(driver -> driver.adoptMetadata(step.resource(), step.number(), step.device()));
    }

    @Override
    public @Nullable Void growVolume(Step.GrowVolume step) {
        return storage(
                step.pool(),
                step.identity().name(),
                driver -> shop.pools().put(driver.grow(step.pool(), step.identity(), step.size())));
    }

    @Override
    public @Nullable Void markVolumeReady(Step.MarkVolumeReady step) {
        return storage(step.pool(), step.identity().name(), driver -> {
            driver.markReady(step.pool(), step.identity());
            shop.pools()
                    .volume(step.pool().name(), step.identity().name())
                    .known()
                    .flatMap(found -> found)
                    .ifPresent(found -> shop.pools().put(ready(found)));
        });
    }

    @Override
    public @Nullable Void deleteVolume(Step.DeleteVolume step) {
        return storage(step.pool(), step.identity().name(), driver -> {
            driver.delete(step.pool(), step.identity());
            shop.pools().gone(step.pool().name(), step.identity().name());
        });
    }

    @Override
    public @Nullable Void configureResource(Step.ConfigureResource step) {
        unit.adjusted = false;
        String name = step.resource().name().value();
        return file(name, driver -> {
            shop.replication()
                    .file(name)
                    .known()
                    .flatMap(found -> found)
                    .filter(before -> before.resource().equals(Optional.of(unit.uuid())))
                    .ifPresent(before -> unit.noteDisks(before, step.resource()));
            driver.configure(cluster, step.resource(), step.devices());
            shop.replication()
                    .putFile(new ConfiguredResource(
                            name,
                            Optional.of(cluster),
                            Optional.of(unit.uuid()),
                            step.resource().quorum(),
                            step.resource().voters(),
                            Ordered.map(null),
                            step.resource().fixedOptions(),
                            step.resource().tieBreakers()));
        });
    }

    @Override
    public @Nullable Void createMetadata(Step.CreateMetadata step) {
        return replication(driver -> driver.createMetadata(step.resource(), step.number(), step.device()));
    }

    @Override
    public @Nullable Void moveMetadata(Step.MoveMetadata step) {
        return replication(
                driver -> driver.moveMetadata(step.resource(), step.number(), step.device(), step.formerSizes()));
    }

    @Override
    public @Nullable Void adjustResource(Step.AdjustResource step) {
        unit.adjusted = false;
        return replication(driver -> {
            driver.adjust(step.resource());
            unit.adjusted = true;
        });
    }

    @Override
    public @Nullable Void skipInitialSync(Step.SkipInitialSync step) {
        return replication(driver -> driver.skipInitialSync(step.resource(), step.number()));
    }

    @Override
    public @Nullable Void startInitialSync(Step.StartInitialSync step) {
        return replication(driver -> driver.startInitialSync(step.resource(), step.number()));
    }

    @Override
    public @Nullable Void demoteResource(Step.DemoteResource step) {
        return replication(driver -> {
            try {
                driver.demote(step.resource());
            } catch (HeddleException failure) {
                if (failure.code() != ErrorCode.IN_USE) {
                    throw failure;
                }
                LOG.info("resource={} stays Primary: {}", step.resource().name(), failure.why());
            }
        });
    }

    @Override
    public @Nullable Void rememberForcedPrimary(Step.RememberForcedPrimary step) {
        return keep(known().withForcedPrimary(step.forced()));
    }

    @Override
    public @Nullable Void resizeDevice(Step.ResizeDevice step) {
        return replication(driver -> driver.resize(step.resource(), step.number(), step.size()));
    }

    @Override
    public @Nullable Void forgetPeer(Step.ForgetPeer step) {
        return replication(driver -> {
            driver.forgetPeer(step.resource(), step.nodeId());
            unit.forgot(step.nodeId());
        });
    }

    @Override
    public @Nullable Void downResource(Step.DownResource step) {
        unit.adjusted = false;
        return replication(driver -> driver.down(step.resource().value()));
    }

    @Override
    public @Nullable Void removeConfiguration(Step.RemoveConfiguration step) {
        String name = step.resource().value();
        return file(name, driver -> {
            driver.removeConfiguration(cluster, name, step.incarnation());
            shop.replication().fileGone(name);
        });
    }

    @Override
    public @Nullable Void rememberVolume(Step.RememberVolume step) {
        return keep(known().with(step.volume(), step.made()));
    }

    @Override
    public @Nullable Void approveRemoval(Step.ApproveRemoval step) {
        return keep(known().withRemovalApproved());
    }

    @Override
    public @Nullable Void discardMyData(Step.DiscardMyData step) {
        unit.cutOffs.doubt();
        LOG.warn(
                "resource={} gives up its changes in favour of {}, on word {}",
                step.resource().name(),
                step.peers(),
                step.word());
        try {
            replication(driver -> driver.leave(step.resource(), step.peers(), step.mark()));
            for (Step.KeptVolume kept : step.snapshots()) {
                storage(
                        kept.pool(),
                        kept.identity().name(),
                        driver -> driver.snapshot(kept.pool(), kept.identity(), kept.name()));
            }
            return replication(driver -> driver.discardMyData(step.resource(), step.peers(), step.mark()));
        } catch (RuntimeException failure) {
            // it is not begun again: nobody would know what was written after the snapshots
            keep(known().withWord(new AnsweredWord(
                    step.word(), AnsweredWord.State.BEGUN, problem(failure).text())));
            throw failure;
        } finally {
            shop.lookAtPools();
        }
    }

    @Override
    public @Nullable Void stopDiscarding(Step.StopDiscarding step) {
        return replication(driver -> {
            if (driver.stopDiscarding(step.resource(), step.onlyIfRefused())) {
                unit.adjusted = false;
                unit.cutOffs.doubt();
                keep(known().withWord(step.then()));
            }
        });
    }

    @Override
    public @Nullable Void connectPeers(Step.ConnectPeers step) {
        return replication(driver -> driver.connect(step.resource(), step.peers()));
    }

    @Override
    public @Nullable Void takeOver(Step.TakeOver step) {
        return replication(driver -> driver.takeOver(step.resource(), step.peer()));
    }

    @Override
    public @Nullable Void rememberCutOff(Step.RememberCutOff step) {
        return keep(known().withCutOff(step.peer(), step.seen()));
    }

    @Override
    public @Nullable Void forgetCutOff(Step.ForgetCutOff step) {
        return keep(known().withoutCutOff(step.peer()));
    }

    @Override
    public @Nullable Void rememberWord(Step.RememberWord step) {
        unit.cutOffs.doubt();
        return keep(known().withWord(step.word()));
    }

    @Override
    public @Nullable Void giveDiskUp(Step.GiveDiskUp step) {
        return keep(known().withGivenUp(step.volume()));
    }

    private ResourceRecord known() {
        return unit.record().orElse(ResourceRecord.NOTHING);
    }

    private @Nullable Void keep(ResourceRecord now) {
        shop.records().write(unit.uuid(), now);
        unit.record(now);
        return done();
    }

    private @Nullable Void storage(PoolSpec pool, String volume, Consumer<StorageDriver> change) {
        Lock queue = shop.threads().queue(pool.name());
        interruptibly(queue);
        try {
            change.accept(shop.drivers()
                    .storage(pool.kind())
                    .orElseThrow(() -> DriverTable.absent(pool.kind()).exception()));
        } catch (RuntimeException failure) {
            shop.pools().doubt(pool.name(), volume, problem(failure));
            shop.lookAtPools();
            throw failure;
        } finally {
            queue.unlock();
        }
        return done();
    }

    private @Nullable Void replication(Consumer<ReplicationDriver> change) {
        change.accept(shop.drivers()
                .replication()
                .orElseThrow(() -> DriverTable.absentReplication().exception()));
        return done();
    }

    private @Nullable Void file(String name, Consumer<ReplicationDriver> change) {
        try {
            return replication(change);
        } catch (RuntimeException failure) {
            shop.replication().doubtFile(name, problem(failure));
            shop.lookAtReplication();
            throw failure;
        }
    }

    private static void interruptibly(Lock queue) {
        try {
            queue.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "a change of a storage pool was not begun",
                    "the satellite is being stopped",
                    "nothing to do: it is taken up again at the next start",
                    e);
        }
    }

    private static Problem problem(RuntimeException failure) {
        return HeddleException.of(failure).problem();
    }

    private static BackingVolume ready(BackingVolume volume) {
        return new BackingVolume(
                volume.pool(),
                volume.name(),
                volume.cluster(),
                volume.volume(),
                Stage.READY,
                volume.size(),
                volume.device(),
                volume.allocated(),
                volume.fault());
    }

    /** Void has no other value. */
    private static @Nullable Void done() {
        return null;
    }
}
