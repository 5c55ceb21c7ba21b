package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetadataSizeTest {
    private static final Pattern DATA_END = Pattern.compile("(?m)^# bm_offset ([0-9]+)");

    /** Sizes and the {@code bm_offset} that drbdmeta 9.22 dumps for them: where the data ends. */
    @ParameterizedTest
    @CsvSource({
        "1048576,1,1007616",
        "134217728,1,134176768",
        "134221824,1,134176768",
        "268435456,1,268390400",
        "1073741824,1,1073672192",
        "1073742336,1,1073668096",
        "10737418240,1,10737053696",
        "1099511627776,1,1099478036480",
        "16777216,7,16736256",
        "134217728,7,134152192",
        "268435456,7,268341248",
        "1073741824,7,1073475584",
        "1099511627776,7,1099276709888",
        "4198400,31,4153344",
        "16781312,31,16728064",
        "1073938432,31,1072881664",
        "1099511627776,31,1098471403520"
    })
    void leavesAsMuchForDataAsDrbdmetaDoes(long device, int peers, long data) {
        assertEquals(data, MetadataSize.net(device, peers));
    }

    @Test
    void theGrossSizeIsTheSmallestThatSuffices() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long net = 4096L * (1 + (long) (random.nextDouble() * (1L << random.nextInt(1, 34))));
            int peers = random.nextInt(1, 32);

            long gross = MetadataSize.gross(new Bytes(net), peers).value();

            assertEquals(0, gross % 4096);
            assertTrue(MetadataSize.net(gross, peers) >= net, () -> net + " for " + peers);
            assertTrue(MetadataSize.net(gross - 4096, peers) < net, () -> net + " for " + peers);
        }
    }

    @Test
    void aPoolThatRoundsUpNeverLosesRoom() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            long device = 4096L * (100 + random.nextInt(1 << 24));
            int peers = random.nextInt(1, 32);
            long larger = device + 4096L * random.nextInt(1 << 10);

            assertTrue(MetadataSize.net(larger, peers) >= MetadataSize.net(device, peers));
        }
    }

    @Test
    void refusesASizeThatNoDeviceHas() {
        HeddleException refused =
                assertThrows(HeddleException.class, () -> MetadataSize.gross(new Bytes(Long.MAX_VALUE), 7));

        assertEquals(ErrorCode.INVALID_SIZE, refused.code());
    }

    @Test
    @Timeout(300)
    void agreesWithTheRealDrbdmeta(@TempDir Path directory) throws IOException {
        LoopDevice.assumeUsable();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 12; i++) {
            int peers = 1 + random.nextInt(31);
            Bytes net = Bytes.ofKib(4L * (1024 + random.nextInt(1 << random.nextInt(4, 22))));
            Bytes gross = MetadataSize.gross(net, peers);
            for (MetadataFormat format : MetadataFormat.values()) {
                long data = dataEnd(directory.resolve("backing"), gross, format, peers);

                assertTrue(
                        data >= net.value(),
                        () -> "net " + net.value() + " peers " + peers + " " + format + " has room for " + data
                                + ", seed " + seed);
                if (format == MetadataFormat.V09) {
                    assertEquals(net.value(), data, () -> "peers " + peers + ", seed " + seed);
                }
            }
        }
    }

    private static long dataEnd(Path file, Bytes size, MetadataFormat format, int peers) throws IOException {
        Files.deleteIfExists(file);
        try (RandomAccessFile backing = new RandomAccessFile(file.toFile(), "rw")) {
            backing.setLength(size.value());
        }
        ExecCommandRunner runner = new ExecCommandRunner();
        try (LoopDevice loop = LoopDevice.of(file)) {
            CommandResult created = new DrbdTools(runner).createMetadata(LoopDevice.MINOR, format, loop.path(), peers);
            assertTrue(created.succeeded(), created::explanation);
            CommandResult dump = runner.run(Command.query(
                    Duration.ofMinutes(1),
                    "drbdmeta",
                    Integer.toString(LoopDevice.MINOR),
                    format.word(),
                    loop.path(),
                    "internal",
                    "dump-md"));
            assertTrue(dump.succeeded(), dump::explanation);
            Matcher offset = DATA_END.matcher(dump.output());
            assertTrue(offset.find(), dump::output);
            return Long.parseLong(offset.group(1));
        }
    }
}
