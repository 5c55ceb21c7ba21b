package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ReplicationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EventsReaderTest {
    private static final String STREAM = "drbdsetup events2 --timestamps --statistics";
    private static final String LOOK = "drbdsetup events2 --now --timestamps --statistics db1";
    private static final String AT = "2026-11-22T12:35:05.644228+00:00 ";
    private static final String[] DUMP = {
        AT
                + "exists resource name:db1 role:Secondary suspended:no force-io-failures:no may_promote:no promotion_score:0",
        AT + "exists connection name:db1 peer-node-id:1 conn-name:n2 connection:Connected role:Secondary",
        AT + "exists device name:db1 volume:0 minor:1000 backing_dev:/dev/x disk:Inconsistent client:no quorum:yes"
                + " size:65536",
        AT + "exists peer-device name:db1 peer-node-id:1 conn-name:n2 volume:0 replication:Established"
                + " peer-disk:Inconsistent peer-client:no resync-suspended:no out-of-sync:65536",
        AT + "exists -"
    };

    private final ScriptedRunner runner = new ScriptedRunner();
    private final Told told = new Told();
    private final EventsReader reader = new EventsReader(
                    new DrbdTools(runner),
                    name -> Optional.empty(),
                    told,
                    new EventsReader.Pace(
                            Duration.ofMillis(20),
                            Duration.ofMillis(50),
                            Duration.ofMillis(20),
                            Duration.ofMillis(200)))
            .start();

    /** What the listener was told, in order. */
    private static final class Told implements ReplicationListener {
        private final BlockingQueue<Object> calls = new LinkedBlockingQueue<>();

        @Override
        public void present(List<ReplicationStatus> all) {
            calls.add(all);
        }

        @Override
        public void changed(ReplicationStatus resource) {
            calls.add(resource);
        }

        @Override
        public void gone(String resource) {
            calls.add(resource);
        }

        @Override
        public void unknown(Problem problem) {
            calls.add(problem);
        }

        <T> T next(Class<T> type) throws InterruptedException {
            return type.cast(calls.poll(60, TimeUnit.SECONDS));
        }
    }

    @AfterEach
    void end() {
        reader.close();
        runner.streams().forEach(stream -> assertTrue(stream.isClosed(), "a process outlived the reader"));
    }

    private ScriptedRunner.Stream stream(int number) throws InterruptedException {
        while (runner.streams().size() <= number) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return runner.streams().get(number);
    }

    @Test
    void tellsAllAtTheEndOfTheFirstDumpAndNothingBefore() throws InterruptedException {
        stream(0).print(DUMP);

        List<?> all = told.next(List.class);

        assertEquals(1, all.size());
        assertEquals(
                DiskState.INCONSISTENT,
                ((ReplicationStatus) all.get(0)).devices().get(0).disk());
        assertEquals(STREAM, runner.ran().get(0));
    }

    @Test
    void tellsOneChangeForTheLinesThatComeTogether() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);

        stream(0)
                .print(
                        AT + "change resource name:db1 may_promote:yes promotion_score:10102",
                        AT + "change device name:db1 volume:0 minor:1000 backing_dev:/dev/x disk:UpToDate client:no"
                                + " quorum:yes size:65536",
                        AT + "change peer-device name:db1 peer-node-id:1 conn-name:n2 volume:0 peer-disk:UpToDate"
                                + " peer-client:no out-of-sync:0");

        ReplicationStatus changed = told.next(ReplicationStatus.class);
        assertTrue(changed.mayPromote());
        assertEquals(DiskState.UP_TO_DATE, changed.devices().get(0).disk());
        assertEquals(
                DiskState.UP_TO_DATE,
                changed.connections().get(0).volumes().get(0).peerDisk());
    }

    @Test
    void aLineThatChangesNothingWeTellIsNotTold() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);

        stream(0).print(AT + "change device name:db1 volume:0 minor:1000 backing_dev:/dev/x disk:Inconsistent read:9");
        stream(0).print(AT + "call helper name:db1 peer-node-id:1 conn-name:n2 helper:disconnected");
        stream(0).print(AT + "destroy resource name:db1");

        assertEquals("db1", told.next(String.class));
    }

    @Test
    void whenTheProcessEndsTheStateIsUnknownUntilTheNextDump() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);

        stream(0).end(20, "modprobe: FATAL: Module drbd not found\nFailed to modprobe drbd (No such file)\n");

        assertEquals(ErrorCode.MODULE_ABSENT, told.next(Problem.class).code());
        stream(1).print(AT + "exists -");
        assertEquals(List.of(), told.next(List.class));
    }

    @Test
    void anUnreadableLineIsCountedReportedAndLeadsToANewStart() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);

        stream(0).print("change device name:db1 and some words");

        Problem problem = told.next(Problem.class);
        assertEquals(ErrorCode.OUTPUT_UNREADABLE, problem.code());
        assertTrue(problem.why().contains("and some words"), problem::why);
        assertEquals(1, reader.unreadableLines());
        stream(1).print(DUMP);
        assertEquals(1, told.next(List.class).size());
        assertTrue(stream(0).isClosed());
    }

    @Test
    void aValueThatIsNoNumberIsUnreadableAsWell() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);

        stream(0).print(AT + "change device name:db1 volume:0 minor:1000 size:much");

        assertEquals(ErrorCode.OUTPUT_UNREADABLE, told.next(Problem.class).code());
    }

    @Test
    void linesOfAnEarlierProcessAreNotHeard() throws InterruptedException {
        stream(0).print(DUMP);
        told.next(List.class);
        stream(0).end(1, "killed");
        told.next(Problem.class);

        stream(1);
        stream(0).print(DUMP);
        stream(1).print(AT + "exists -");

        assertEquals(List.of(), told.next(List.class));
    }

    @Test
    void aFreshLookShowsASizeThatNoEventTold() throws InterruptedException {
        runner.answer(LOOK, 0, String.join("\n", DUMP).replace("size:65536", "size:131072") + "\n", "");
        stream(0).print(DUMP);
        told.next(List.class);

        reader.look("db1");

        assertEquals(
                131072,
                told.next(ReplicationStatus.class).devices().get(0).size().kib());
    }

    @Test
    void aSyncIsLookedAtWhileItRunsSinceEightTellsNoProgress() throws IOException, InterruptedException {
        String dump = Files.readString(RecordedEventsTest.RECORDED.resolve("drbd-8.4.11/syncing.n1.events2.txt"));
        runner.answer(LOOK.replace("db1", "db2"), 0, dump.replace("out-of-sync:120892", "out-of-sync:90000"), "");
        stream(0).print(dump.split("\n"));
        told.next(List.class);

        ReplicationStatus later = told.next(ReplicationStatus.class);

        assertEquals(
                90000, later.connections().get(0).volumes().get(0).outOfSync().kib());
    }

    @Test
    void eachRecordedStreamEndsInTheSameStateAsItsLinesOneByOne() throws IOException, InterruptedException {
        int number = 0;
        for (Path recording : RecordedEventsTest.recordings()) {
            if (!recording.getFileName().toString().startsWith("stream-")) {
                continue;
            }
            stream(number).print(Files.readAllLines(recording).toArray(String[]::new));
            stream(number).print(AT + "exists -");

            List<ReplicationStatus> expected =
                    RecordedEventsTest.read(recording).all();
            Object last = told.calls.poll(60, TimeUnit.SECONDS);
            while (!expected.equals(last)) {
                last = told.calls.poll(60, TimeUnit.SECONDS);
                assertTrue(last != null, () -> recording + " never ended as expected");
            }
            stream(number).end(0, "");
            while (!(last instanceof Problem)) {
                last = told.calls.poll(60, TimeUnit.SECONDS);
            }
            number++;
        }
        assertTrue(number > 20);
    }
}
