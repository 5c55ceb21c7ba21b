package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for DRBD's internal metadata on backing devices, creates it on new ones and moves it on grown ones. Decides nothing. */
final class Metadata {
    private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);
    /** The current UUID of metadata that never saw data (drbd.h, UUID_JUST_CREATED). */
    static final String JUST_CREATED = "0000000000000004";

    private static final String NONE_FOUND = "No valid meta data found";
    private static final String HELD = "Exclusive open failed";
    private static final Pattern GENERATION = Pattern.compile("(?m)^([0-9A-F]{16}):[0-9A-F]{16}:");
    /** Where drbdmeta looks for file systems before it writes, and where superblocks of DRBD can lie at the end. */
    private static final int HEAD = 1024 * 1024;

    private static final int TAIL = 64 * 1024;
    private static final int BLOCK = 4096;

    private final DrbdTools tools;
    private final Path lastKnownSizes;

    /** {@code lastKnownSizes} is where drbdmeta keeps the size that it last saw of each minor's device. */
    Metadata(DrbdTools tools, Path lastKnownSizes) {
        this.tools = tools;
        this.lastKnownSizes = lastKnownSizes;
    }

    /**
     * Whether metadata is there. The answer ABSENT needs drbdmeta's own words; any other failure is no answer.
     *
     * @param nodeId this node's id
     * @throws HeddleException METADATA_UNREADABLE if the metadata is of the other DRBD or makes no sense, OBSERVATION_FAILED
     */
    MetadataState look(int minor, MetadataFormat format, String device, int nodeId) {
        if (generation(minor, format, device, nodeId).isPresent()) {
            return MetadataState.PRESENT;
        }
        if (generation(minor, format.other(), device, nodeId).isPresent()) {
            throw new HeddleException(
                    ErrorCode.METADATA_UNREADABLE,
                    "cannot use the metadata on " + device,
                    "it was made by DRBD " + format.other().version() + ", and DRBD " + format.version() + " is loaded",
                    "load the DRBD that it was made with");
        }
        return MetadataState.ABSENT;
    }

    /**
     * The current generation's UUID in the metadata on a device, as 16 digits; empty if there is no metadata of the format.
     *
     * @throws HeddleException METADATA_UNREADABLE, OBSERVATION_FAILED
     */
    Optional<String> generation(int minor, MetadataFormat format, String device, int nodeId) {
        CommandResult result = format == MetadataFormat.V09
                ? tools.drbdmetaQuery(minor, format, device, "get-gi", "--node-id=" + nodeId)
                : tools.drbdmetaQuery(minor, format, device, "get-gi");
        Matcher matcher = GENERATION.matcher(result.output());
        if (result.succeeded() && matcher.find()) {
            return Optional.of(matcher.group(1));
        }
        if (result.succeeded()) {
            throw result.failure(
                    ErrorCode.METADATA_UNREADABLE,
                    "cannot read the metadata on " + device,
                    "run the command by hand and see what it prints");
        }
        // get-gi says nothing when there is no metadata, and dump-md says it in words.
        CommandResult dump = result.exitCode() == 1 && result.errorOutput().isBlank()
                ? tools.drbdmetaQuery(minor, format, device, "dump-md")
                : result;
        if (dump.exitCode() == 1 && dump.errorOutput().strip().equals(NONE_FOUND)) {
            return Optional.empty();
        }
        throw dump.failure(
                ErrorCode.OBSERVATION_FAILED,
                "cannot tell whether there is metadata on " + device,
                "see dmesg for errors of the device; it is looked at again");
    }

    /**
     * Size of the DRBD device that a replica's metadata at a device's end was last used with; empty if it never was.
     *
     * @throws HeddleException METADATA_MISSING, METADATA_UNREADABLE if another replica's lies there, OBSERVATION_FAILED
     */
    Optional<Bytes> sizeInUse(String device, long identity) {
        Superblock found = read(device, end(device)).orElseThrow(() -> missing(device));
        if (found.device() != identity) {
            throw new HeddleException(
                    ErrorCode.METADATA_UNREADABLE,
                    "cannot use the metadata on " + device,
                    "it is not this replica's: its device-uuid is " + hex(found.device()) + ", not " + hex(identity),
                    "see how other content came onto the backing volume; to give this replica up, delete this resource on"
                            + " this node and create it again, so that it is copied from a peer");
        }
        return found.size().isZero() ? Optional.empty() : Optional.of(found.size());
    }

    private static String hex(long identity) {
        return String.format(Locale.ROOT, "%016X", identity);
    }

    /**
     * Refuses a device that is going to be attached and has no metadata at its end. {@code drbdadm} would take what lies where
     * the device ended when drbdmeta last saw it, the same one's of long ago or another's, for the metadata (seen with 9.22).
     *
     * @throws HeddleException METADATA_MISSING
     */
    void requireAtEnd(String device) {
        try {
            if (Superblock.at(Path.of(device), Superblock.end(Path.of(device))).isEmpty()) {
                throw missing(device);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be read, and is not for drbdadm either", device, e);
        }
    }

    /**
     * Has the metadata lie at the end of the device; see {@link io.heddle.core.driver.ReplicationDriver#moveMetadata}.
     *
     * @throws HeddleException METADATA_MISSING, IN_USE, OBSERVATION_FAILED, COMMAND_FAILED
     */
    void move(int minor, MetadataFormat format, String device, long identity, SortedSet<Bytes> formerSizes) {
        refuseInUse(minor, format, device, "cannot move the metadata on " + device);
        Bytes end = end(device);
        if (own(device, end, identity).isPresent()) {
            return;
        }
        // DRBD leaves behind what it moved itself, and a sync copies what a peer's DRBD left: the last place is the
        // right one
        List<Bytes> former = new ArrayList<>(formerSizes.headSet(end));
        Collections.reverse(former);
        Bytes from = former.stream()
                .filter(size -> own(device, size, identity).isPresent())
                .findFirst()
                .orElseThrow(() -> missing(device));
        Optional<Superblock> moved = own(device, from, identity);
        if (read(device, end).isPresent()) {
            clearForeign(device);
        }
        move(minor, format, device, from);
        sync(Path.of(device));
        if (!own(device, end, identity).equals(moved)) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot move the metadata on " + device,
                    "it is not at the device's end after drbdmeta has moved it",
                    "see dmesg for errors of the device; it is tried again");
        }
    }

    /**
     * Makes the metadata at the end of a device another replica's; see {@link
     * io.heddle.core.driver.ReplicationDriver#adoptMetadata}.
     *
     * @param origin identity that it has
     * @param identity identity that it gets, or has by now
     * @throws HeddleException METADATA_MISSING, METADATA_UNREADABLE, IN_USE, OBSERVATION_FAILED, COMMAND_FAILED
     */
    void adopt(int minor, MetadataFormat format, String device, long origin, long identity, boolean leads) {
        String what = "cannot take over the metadata on " + device;
        refuseInUse(minor, format, device, what);
        Superblock found = read(device, end(device)).orElseThrow(() -> missing(device));
        if (found.device() != origin && found.device() != identity) {
            throw new HeddleException(
                    ErrorCode.METADATA_UNREADABLE,
                    what,
                    "its device-uuid is " + hex(found.device()) + ", and that of the replica in the snapshot is "
                            + hex(origin),
                    "see how other content came onto the volume; delete this resource and restore it again");
        }
        try {
            Superblock.adopt(Path.of(device), found.format(), identity, leads);
        } catch (IOException e) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    what,
                    String.valueOf(e),
                    "see dmesg for errors of the device; it is tried again",
                    e);
        }
        sync(Path.of(device));
    }

    /** Space that a volume has grown into may hold another's whole metadata at its end; drbdmeta would not move to there. */
    private static void clearForeign(String device) {
        try {
            Superblock.clear(Path.of(device));
        } catch (IOException e) {
            throw unseen(device, e);
        }
    }

    private static Optional<Superblock> own(String device, Bytes end, long identity) {
        return read(device, end).filter(found -> found.device() == identity);
    }

    private void move(int minor, MetadataFormat format, String device, Bytes from) {
        // What drbdmeta remembers may be of an earlier time or of another volume of that minor, and it takes no
        // argument.
        DurableFile.secret(lastKnownSizes.resolve("drbd-minor-" + minor + ".lkbd"))
                .replace((from.value() + "\t" + device + "\n").getBytes(StandardCharsets.UTF_8));
        CommandResult result = tools.drbdmeta(minor, format, device, "check-resize");
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot move the metadata on " + device);
        }
    }

    private static Bytes end(String device) {
        try {
            return Superblock.end(Path.of(device));
        } catch (IOException e) {
            throw unseen(device, e);
        }
    }

    private static Optional<Superblock> read(String device, Bytes end) {
        try {
            return Superblock.at(Path.of(device), end);
        } catch (IOException e) {
            throw unseen(device, e);
        }
    }

    private static HeddleException unseen(String device, IOException because) {
        return new HeddleException(
                ErrorCode.OBSERVATION_FAILED,
                "cannot look for metadata on " + device,
                String.valueOf(because),
                "see dmesg for errors of the device; it is looked at again",
                because);
    }

    private static HeddleException missing(String device) {
        return new HeddleException(
                ErrorCode.METADATA_MISSING,
                "cannot use the metadata on " + device,
                "none lies at the device's end",
                "do not create it: see what became of the backing device, and restore it or delete this replica");
    }

    /**
     * Creates metadata on a device that is nobody's yet, and has it on disk when it returns. What an earlier user left at the
     * beginning or end is cleared first: drbdmeta would refuse to write beside a file system even by force, and would turn
     * metadata of another format into its own, with its generations and its number of peers.
     *
     * @throws HeddleException IN_USE if the device is attached, mounted or held otherwise, with nothing changed; COMMAND_FAILED,
     *     METADATA_UNREADABLE if what was written is not what was asked
     */
    void create(int minor, MetadataFormat format, String device, int maximumPeers, long identity) {
        refuseInUse(minor, format, device, "cannot create metadata on " + device);
        clearEnds(Path.of(device));
        CommandResult result = tools.createMetadata(minor, format, device, maximumPeers);
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot create metadata on " + device);
        }
        try {
            Superblock.mark(Path.of(device), format, identity);
        } catch (IOException e) {
            throw notPrepared(device, e);
        }
        sync(Path.of(device));
        check(result, format, device, maximumPeers, identity);
    }

    /**
     * Refuses a device that somebody holds: {@code drbdmeta --force} answers itself yes to that question as well, and writes
     * over what is attached or mounted (seen with drbd-utils 9.22).
     */
    private void refuseInUse(int minor, MetadataFormat format, String device, String what) {
        CommandResult look = tools.drbdmetaQuery(minor, format, device, "dump-md");
        if (look.errorOutput().contains(HELD)) {
            throw look.failure(
                    ErrorCode.IN_USE,
                    what,
                    "see what has it open (lsblk, drbdsetup status); metadata is written on what nobody uses only");
        }
    }

    private static void check(
            CommandResult created, MetadataFormat format, String device, int maximumPeers, long identity) {
        boolean right = read(device, end(device))
                .filter(found -> found.format() == format
                        && found.generation() == Long.parseUnsignedLong(JUST_CREATED, 16)
                        && found.device() == identity
                        && (format == MetadataFormat.V08 || found.maximumPeers() == maximumPeers))
                .isPresent();
        if (!right) {
            throw created.failure(
                    ErrorCode.METADATA_UNREADABLE,
                    "the metadata just created on " + device + " is not as asked",
                    "see dmesg for errors of the device; it is created again");
        }
    }

    /** Overwrites what is not zero in the head and the tail, so that a thin or sparse volume stays thin. */
    private static void clearEnds(Path device) {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size() / BLOCK * BLOCK;
            long head = Math.min(HEAD, size);
            for (long at = 0; at < size; at = at + BLOCK == head ? Math.max(head, size - TAIL) : at + BLOCK) {
                clear(channel, at);
            }
            channel.force(true);
        } catch (IOException e) {
            throw notPrepared(device.toString(), e);
        }
    }

    private static HeddleException notPrepared(String device, IOException because) {
        return new HeddleException(
                ErrorCode.COMMAND_FAILED,
                "cannot prepare " + device + " for metadata",
                String.valueOf(because),
                "see dmesg for errors of the device; it is tried again",
                because);
    }

    private static void clear(FileChannel channel, long at) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        int read = 1;
        while (block.hasRemaining() && read > 0) {
            read = channel.read(block, at + block.position());
        }
        ByteBuffer zeros = ByteBuffer.allocate(BLOCK);
        if (block.flip().mismatch(zeros) < 0) {
            return;
        }
        while (zeros.hasRemaining()) {
            channel.write(zeros, at + zeros.position());
        }
    }

    private static void sync(Path device) {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot sync the metadata on " + device,
                    String.valueOf(e),
                    "see dmesg for errors of the device; it is created again",
                    e);
        }
    }
}
