package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for DRBD's internal metadata on backing devices, and creates it on new ones. Decides nothing. */
final class Metadata {
    /** The current UUID of metadata that never saw data (drbd.h, UUID_JUST_CREATED). */
    static final String JUST_CREATED = "0000000000000004";

    private static final String NONE_FOUND = "No valid meta data found";
    private static final String HELD = "Exclusive open failed";
    private static final Pattern GENERATION = Pattern.compile("(?m)^([0-9A-F]{16}):[0-9A-F]{16}:");
    private static final Pattern MAX_PEERS = Pattern.compile("(?m)^max-peers ([0-9]+);");
    /** Where drbdmeta looks for file systems before it writes, and where superblocks of DRBD can lie at the end. */
    private static final int HEAD = 1024 * 1024;

    private static final int TAIL = 64 * 1024;
    private static final int BLOCK = 4096;

    private final DrbdTools tools;

    Metadata(DrbdTools tools) {
        this.tools = tools;
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
     * Creates metadata on a device that is nobody's yet, and has it on disk when it returns. What an earlier user left at the
     * beginning or end is cleared first: drbdmeta would refuse to write beside a file system even by force, and would turn
     * metadata of another format into its own, with its generations and its number of peers.
     *
     * @throws HeddleException IN_USE if the device is attached, mounted or held otherwise, with nothing changed; COMMAND_FAILED,
     *     METADATA_UNREADABLE if what was written is not what was asked
     */
    void create(int minor, MetadataFormat format, String device, int maximumPeers) {
        refuseInUse(minor, format, device);
        clearEnds(Path.of(device));
        CommandResult result = tools.createMetadata(minor, format, device, maximumPeers);
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot create metadata on " + device);
        }
        sync(Path.of(device));
        check(minor, format, device, maximumPeers);
    }

    /**
     * Refuses a device that somebody holds: {@code drbdmeta --force} answers itself yes to that question as well, and writes
     * over what is attached or mounted (seen with drbd-utils 9.22).
     */
    private void refuseInUse(int minor, MetadataFormat format, String device) {
        CommandResult look = tools.drbdmetaQuery(minor, format, device, "dump-md");
        if (look.errorOutput().contains(HELD)) {
            throw look.failure(
                    ErrorCode.IN_USE,
                    "cannot create metadata on " + device,
                    "see what has it open (lsblk, drbdsetup status); metadata is created on what nobody uses only");
        }
    }

    private void check(int minor, MetadataFormat format, String device, int maximumPeers) {
        CommandResult dump = tools.drbdmetaQuery(minor, format, device, "dump-md");
        Matcher peers = MAX_PEERS.matcher(dump.output());
        boolean right = dump.succeeded()
                && dump.output().contains(JUST_CREATED)
                && (format == MetadataFormat.V08 || (peers.find() && Integer.parseInt(peers.group(1)) == maximumPeers));
        if (!right) {
            throw dump.failure(
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
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot prepare " + device + " for metadata",
                    String.valueOf(e),
                    "see dmesg for errors of the device; it is tried again",
                    e);
        }
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
