package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.Stage;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.plan.Plan;
import io.heddle.core.plan.Step;
import io.heddle.core.plan.StepText;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.Observation;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;

/**
 * Three machines, one thread, and a controller that changes its mind: processes die between any two steps and between the effect
 * of a step and its return, power fails, networks are cut. In the end all is as wanted, and nothing happened on the way that must
 * not happen. Whatever goes wrong is repeated by its seed.
 */
class ConvergenceTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final int TURNS = 400;
    private static final int TURNS_TO_THE_END = 3000;
    private static final int TURNS_TO_A_HAND = 500;

    @TempDir
    Path directory;

    private final World world = new World();
    private final TreeMap<NodeName, Alive> processes = new TreeMap<>();
    private final List<Wish> wishes = new ArrayList<>();
    private final List<Machine.Disk> foreign = new ArrayList<>();
    private final Threads threads = new Threads(Duration.ofSeconds(1));
    private Random random = new Random(0);
    private double danger;
    private int incarnations;
    private int crashes;

    @AfterEach
    void endThreads() {
        threads.close();
    }

    /** The satellite of a machine, as long as it lives. */
    private final class Alive {
        final Machine machine;
        final PoolBoard pools = new PoolBoard();
        final ReplicationBoard replication = Boards.replication();
        final DriverTable drivers = new DriverTable();
        final Map<UUID, Unit> units = new TreeMap<>();
        final Confirmation confirmation;
        final Workshop shop;
        final Surveyor surveyor;

        Alive(Machine machine, String bootId) {
            this.machine = machine;
            Path own = directory.resolve(machine.name.value());
            this.confirmation = new Confirmation(own.resolve("confirmed"), bootId);
            drivers.add(new FakeStorage(machine), 1, Version.emptyVersion);
            drivers.add(new FakeDrbd(machine), 2, Version.emptyVersion);
            this.shop = new Workshop(
                    pools,
                    replication,
                    drivers,
                    new RecordKeeper(own.resolve("records")),
                    confirmation,
                    threads,
                    SatelliteSettings.KEEP_NONE,
                    Clock.systemUTC(),
                    BackOff.DEFAULT,
                    () -> {},
                    () -> {});
            this.surveyor = new Surveyor(shop);
        }

        void look() {
            PoolSpec pool = Wish.pool(Wish.POOL);
            pools.pools(new TreeMap<>(Map.of(Wish.POOL, pool)));
            PoolBoard.Look look = pools.begin();
            new FakeStorage(machine)
                    .observe(List.of(pool))
                    .forEach((name, seen) -> pools.saw(look, pool, seen, new HashSet<>()));
            replication.kernel(new FakeDrbd(machine).kernel());
            replication.sawFiles(replication.beginFiles(), Observation.known(machine.configured()));
            replication.present(machine.statuses());
        }

        /** One plan of one resource, carried out; true if nothing is left to do for it. */
        boolean turn(ResourceSpec spec) {
            look();
            Unit.Wanted wanted = new Unit.Wanted(spec, 1);
            Unit unit = units.computeIfAbsent(spec.uuid(), uuid -> new Unit(wanted, Clock.systemUTC()));
            unit.want(wanted);
            if (machine.kernel.get(spec.name().value()) == null) {
                unit.adjusted = false;
            }
            Plan plan = surveyor.plan(unit, spec, Optional.of(nodeSpec())).orElseThrow();
            StepRunner runner = new StepRunner(Wish.CLUSTER, unit, shop);
            try {
                for (Step step : plan.steps()) {
                    perhapsDie();
                    step.accept(runner);
                    perhapsDie();
                }
            } catch (HeddleException failure) {
                return false;
            }
            if (plan.converged() && spec.disposition() == Disposition.REMOVED) {
                gone(machine.name, spec.uuid());
            }
            return plan.converged();
        }

        private NodeSpec nodeSpec() {
            return Wish.node(machine.name.value(), new SpecVersion(1, new UUID(1, 1), 1), List.of(Wish.POOL), wishes);
        }

        List<ResourceSpec> specs() {
            return List.copyOf(nodeSpec().resources().values());
        }
    }

    /** The process is gone in the middle of something. */
    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void perhapsDie() {
        if (random.nextDouble() < danger) {
            throw new Death();
        }
    }

    private Alive start(String node, String bootId) {
        Machine machine = world.machine(node);
        machine.chaos = new Machine.Chaos() {
            @Override
            public void after(String call) {
                perhapsDie();
            }
        };
        machine.space = () -> random.nextBoolean() ? Machine.Metadata.leftover() : null;
        Alive process = new Alive(machine, bootId);
        processes.put(machine.name, process);
        return process;
    }

    // The controller.

    private void gone(NodeName node, UUID uuid) {
        for (Wish wish : List.copyOf(wishes)) {
            Wish.Replica replica = wish.replicas.get(node);
            if (replica != null && replica.uuid.equals(uuid)) {
                wish.replicas.remove(node);
                wish.retiredNodeIds.add(replica.nodeId);
                if (wish.deleting && wish.replicas.isEmpty()) {
                    wishes.remove(wish);
                    wishes.forEach(other -> other.replacesOlder = false);
                }
            }
        }
    }

    private Optional<Wish> living() {
        return wishes.stream().filter(wish -> !wish.deleting).findFirst();
    }

    private void create() {
        Wish wish = new Wish("db1", "_" + incarnations++);
        wish.replica("n1");
        wish.replica("n2");
        wish.volume(0);
        wish.replacesOlder = !wishes.isEmpty();
        wishes.add(wish);
    }

    private void clearFirstGenerations() {
        for (Wish wish : wishes) {
            wish.volumes.forEach((number, volume) -> {
                boolean begun = wish.replicas.keySet().stream()
                        .flatMap(node -> world.machines.get(node).disk(Wish.POOL, wish.backing(number)).stream())
                        .anyMatch(disk -> disk.metadata != null && !disk.metadata.leftover && disk.metadata.upToDate);
                if (begun) {
                    volume.firstGeneration = Optional.empty();
                }
            });
        }
    }

    private void changeMind() {
        Optional<Wish> living = living();
        if (living.isEmpty()) {
            create();
            return;
        }
        Wish wish = living.get();
        boolean settled = wish.volumes.values().stream().allMatch(volume -> volume.firstGeneration.isEmpty());
        switch (random.nextInt(9)) {
            case 0 ->
                wish.volumes.values().stream()
                        .filter(volume -> !volume.deleting)
                        .forEach(volume -> volume.size = volume.size.plus(Bytes.ofMib(32)));
            case 1 -> {
                String node = NODES.get(random.nextInt(3));
                if (!wish.replicas.containsKey(new NodeName(node))) {
                    wish.replica(node);
                }
            }
            case 2 -> {
                long staying = wish.replicas.values().stream()
                        .filter(replica -> !replica.deleting)
                        .count();
                if (settled && staying > 1) {
                    wish.replicas.values().stream()
                            .filter(replica -> !replica.deleting)
                            .skip(random.nextInt((int) staying))
                            .findFirst()
                            .ifPresent(replica -> replica.deleting = true);
                }
            }
            case 3 -> {
                if (!wish.volumes.containsKey(1)
                        && wish.replicas.values().stream().noneMatch(replica -> replica.deleting)) {
                    wish.volume(1);
                }
            }
            case 4 -> {
                if (wish.volumes.containsKey(1)) {
                    wish.volumes.get(1).deleting = true;
                    world.deleted.add(wish.definition + "/1");
                }
            }
            case 5 -> wish.maxBuffers = String.valueOf(2000 + random.nextInt(1000));
            case 6 -> {
                wish.deleting = true;
                world.deleted.add(wish.definition.toString());
            }
            case 7 -> plantForeign(wish);
            default -> {
                Machine machine = world.machine(NODES.get(random.nextInt(3)));
                machine.online = !machine.online;
                world.settle("db1");
            }
        }
    }

    /** Somebody has a volume of the name that a replica is going to have. */
    private void plantForeign(Wish wish) {
        Machine machine = world.machine("n3");
        String name = wish.backing(0);
        if (machine.disk(Wish.POOL, name).isEmpty() && !wish.replicas.containsKey(machine.name)) {
            Machine.Disk disk = new Machine.Disk(Wish.POOL, name, Optional.empty(), Optional.empty(), Bytes.ofMib(8));
            disk.stage = Stage.READY;
            machine.pool(Wish.POOL).disks.put(name, disk);
            foreign.add(disk);
        }
    }

    // The test.

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {0, 100, 200, 300, 400, 500})
    void endsAsWantedWhateverDiesOnTheWay(int first) {
        int seeds = Integer.getInteger("heddle.seeds", 5);
        for (int seed = first; seed < first + seeds; seed++) {
            run(seed);
        }
        assertTrue(crashes > seeds, "the processes died " + crashes + " times only");
    }

    private void run(int seed) {
        random = new Random(seed);
        world.machines.clear();
        world.violations.clear();
        wishes.clear();
        foreign.clear();
        processes.clear();
        for (String node : NODES) {
            start(node, "boot-" + seed).confirmation.confirm();
        }
        create();
        danger = 0.03;
        for (int i = 0; i < TURNS; i++) {
            if (random.nextInt(12) == 0) {
                changeMind();
            }
            turn(i, seed);
            assertEquals(List.of(), world.violations, "seed " + seed + " turn " + i);
        }
        danger = 0;
        world.machines.values().forEach(machine -> machine.online = true);
        world.settle("db1");
        foreign.forEach(disk -> assertTrue(
                world.machine("n3").pool(Wish.POOL).disks.containsValue(disk),
                "a foreign volume is gone, seed " + seed));
        foreign.forEach(
                disk -> world.machine("n3").pool(Wish.POOL).disks.values().remove(disk));
        processes.values().forEach(process -> process.confirmation.confirm());
        int quiet = 0;
        for (int i = 0; i < TURNS_TO_THE_END && quiet < 2; i++) {
            quiet = round() ? quiet + 1 : 0;
            if (i == TURNS_TO_A_HAND) {
                giveUpByHandWhatWasLeftBehind();
            }
            assertEquals(List.of(), world.violations, "seed " + seed + " at the end");
        }
        assertTrue(quiet == 2, () -> "seed " + seed + " did not come to rest: " + wants());
        assertAsWanted(seed);
    }

    private void turn(int number, int seed) {
        List<Alive> alive = List.copyOf(processes.values());
        Alive process = alive.get(random.nextInt(alive.size()));
        List<ResourceSpec> specs = process.specs();
        if (specs.isEmpty()) {
            return;
        }
        if (random.nextInt(3) == 0) {
            process.confirmation.confirm();
        }
        clearFirstGenerations();
        try {
            process.turn(specs.get(random.nextInt(specs.size())));
        } catch (Death death) {
            crashes++;
            String bootId = "boot-" + seed;
            if (random.nextInt(3) == 0) {
                process.machine.losePower();
                bootId += "-" + number;
            }
            start(process.machine.name.value(), bootId);
        }
    }

    private boolean round() {
        boolean all = true;
        clearFirstGenerations();
        for (Alive process : processes.values()) {
            for (ResourceSpec spec : process.specs()) {
                all &= process.turn(spec);
            }
        }
        return all;
    }

    /**
     * A replica that was away and to be deleted while the others grew, and comes back, is refused by them and cannot see that
     * they are good; and a new one that saw it first is as small, and refused as well. Both are held, and somebody does what the
     * corrections say.
     */
    private void giveUpByHandWhatWasLeftBehind() {
        for (Wish wish : wishes) {
            wish.replicas.forEach((node, replica) -> {
                Machine machine = world.machines.get(node);
                Machine.InKernel there = machine.kernel.get(wish.name.value());
                boolean refused =
                        there != null && there.spec.uuid().equals(replica.uuid) && !there.standAlone.isEmpty();
                if (refused && replica.deleting) {
                    wish.volumes
                            .keySet()
                            .forEach(number -> machine.pool(Wish.POOL).disks.remove(wish.backing(number)));
                }
                boolean smaller = refused
                        && there.volumes.entrySet().stream()
                                .anyMatch(volume ->
                                        volume.getValue().asked.compareTo(wish.volumes.get(volume.getKey()).size) < 0);
                if (smaller || (refused && replica.deleting)) {
                    machine.kernel.remove(wish.name.value());
                    connectByHand(wish.name.value());
                }
            });
        }
    }

    private void connectByHand(String resource) {
        for (Machine machine : world.machines.values()) {
            Optional.ofNullable(machine.kernel.get(resource)).ifPresent(there -> there.standAlone.clear());
        }
        world.settle(resource);
    }

    private String wants() {
        StringBuilder text = new StringBuilder();
        for (Alive process : processes.values()) {
            process.look();
            for (ResourceSpec spec : process.specs()) {
                Unit unit = process.units.get(spec.uuid());
                Plan plan = process.surveyor
                        .plan(unit, spec, Optional.of(process.nodeSpec()))
                        .orElseThrow();
                text.append(process.machine.name)
                        .append(plan.steps().stream().map(StepText::of).toList())
                        .append(plan.held())
                        .append(plan.waiting())
                        .append(process.machine.statuses())
                        .append(unit.record())
                        .append(process.machine.pool(Wish.POOL).disks.values())
                        .append(resource(process.machine, spec))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String resource(Machine machine, ResourceSpec spec) {
        Machine.InKernel there = machine.kernel.get(spec.name().value());
        return spec.volumes() + (there == null ? "" : there.volumes.values().toString());
    }

    private void assertAsWanted(int seed) {
        for (Machine machine : world.machines.values()) {
            TreeMap<String, Bytes> wanted = new TreeMap<>();
            for (Wish wish : wishes) {
                if (wish.replicas.containsKey(machine.name)) {
                    wish.volumes.forEach((number, volume) -> {
                        if (!volume.deleting) {
                            wanted.put(wish.backing(number), volume.size);
                        }
                    });
                }
            }
            TreeMap<String, Bytes> found = new TreeMap<>();
            machine.pool(Wish.POOL).disks.forEach((name, disk) -> {
                found.put(name, disk.metadata == null ? Bytes.ZERO : disk.metadata.deviceSize);
                assertEquals(Stage.READY, disk.stage, "seed " + seed);
                assertTrue(
                        disk.metadata != null && disk.metadata.upToDate && !disk.metadata.leftover,
                        "seed " + seed + " " + name);
                assertTrue(machine.isAttached(disk), "seed " + seed + " " + name);
            });
            assertEquals(wanted, found, "seed " + seed + " " + machine.name);
            assertEquals(wanted.isEmpty(), machine.files.isEmpty(), "seed " + seed + " " + machine.name);
            assertEquals(wanted.isEmpty(), machine.kernel.isEmpty(), "seed " + seed + " " + machine.name);
        }
    }
}
