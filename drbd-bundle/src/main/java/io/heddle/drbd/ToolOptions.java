package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.OptionSection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which options the installed drbd-utils know: drbdadm refuses a whole file for one that it does not. Those of drbd-utils 9.22
 * (Debian 12) and older are known to every version that Heddle works with; for others drbdsetup is asked, once.
 */
final class ToolOptions implements Predicate<DrbdOption> {
    /** What drbdadm of 9.22.0 cannot read. */
    private static final Set<String> NEWER = Set.of(
            "DrbdOptions/Resource/drbd8-api-compatibility",
            "DrbdOptions/Net/load-balance-paths",
            "DrbdOptions/Net/rdma-ctrl-rcvbuf-size",
            "DrbdOptions/Net/rdma-ctrl-sndbuf-size",
            "DrbdOptions/Net/tls",
            "DrbdOptions/Net/tls-certificate",
            "DrbdOptions/Net/tls-keyring",
            "DrbdOptions/Net/tls-privkey",
            "DrbdOptions/Disk/bitmap",
            "DrbdOptions/Disk/block-size",
            "DrbdOptions/Disk/discard-granularity",
            "DrbdOptions/Disk/max-bio-size",
            "DrbdOptions/PeerDevice/peer-tiebreaker",
            "DrbdOptions/PeerDevice/resync-without-replication");

    /**
     * Options of new-minor that drbdsetup has had for long, and drbdadm can read only since drbd-utils 9.24, with which block-size
     * came.
     */
    private static final Map<String, String> READ_SINCE = Map.of("max-bio-size", "block-size");

    private static final Map<OptionSection, String[]> COMMANDS = Map.of(
            OptionSection.RESOURCE, new String[] {"resource-options"},
            OptionSection.NET, new String[] {"new-peer"},
            OptionSection.DISK, new String[] {"disk-options", "new-minor"},
            OptionSection.PEER_DEVICE, new String[] {"peer-device-options"});

    private static final Pattern OPTION = Pattern.compile("<option name=\"([^\"]+)\"");

    private final DrbdTools tools;
    private final Map<OptionSection, Set<String>> known = new EnumMap<>(OptionSection.class);

    ToolOptions(DrbdTools tools) {
        this.tools = tools;
    }

    @Override
    public boolean test(DrbdOption option) {
        return !NEWER.contains(option.key())
                || names(option.section()).contains(READ_SINCE.getOrDefault(option.name(), option.name()));
    }

    private synchronized Set<String> names(OptionSection section) {
        Set<String> names = known.get(section);
        if (names == null) {
            names = new HashSet<>();
            for (String command : COMMANDS.getOrDefault(section, new String[0])) {
                CommandResult result = tools.drbdsetupQuery("xml-help", command);
                if (!result.succeeded()) {
                    throw result.failure(
                            ErrorCode.COMMAND_FAILED,
                            "cannot tell which options drbdsetup knows",
                            "see that drbd-utils is installed in full; it is tried again");
                }
                Matcher option = OPTION.matcher(result.output());
                while (option.find()) {
                    names.add(option.group(1));
                }
            }
            known.put(section, names);
        }
        return names;
    }
}
