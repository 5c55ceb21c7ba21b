package io.heddle.drbd;

import io.heddle.core.spec.PeerSpec;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Takes from the options of a resource those that DRBD 8.4 knows ({@code drbdsetup-84 help resource-options}, {@code
 * net-options}, {@code disk-options}), and remembers what it left out. One object serves one file.
 */
final class Drbd84Options {
    private static final Set<String> RESOURCE = Set.of("cpu-mask", "on-no-data-accessible");

    private static final Set<String> NET = Set.of(
            "after-sb-0pri",
            "after-sb-1pri",
            "after-sb-2pri",
            "allow-two-primaries",
            "always-asbp",
            "congestion-extents",
            "congestion-fill",
            "connect-int",
            "cram-hmac-alg",
            "csums-after-crash-only",
            "csums-alg",
            "data-integrity-alg",
            "ko-count",
            "max-buffers",
            "max-epoch-size",
            "on-congestion",
            "ping-int",
            "ping-timeout",
            "protocol",
            "rcvbuf-size",
            "rr-conflict",
            "sndbuf-size",
            "socket-check-timeout",
            "tcp-cork",
            "timeout",
            "use-rle",
            "verify-alg");

    private static final Set<String> DISK = Set.of(
            "al-extents",
            "al-updates",
            "c-delay-target",
            "c-fill-target",
            "c-max-rate",
            "c-min-rate",
            "c-plan-ahead",
            "discard-zeroes-if-aligned",
            "disable-write-same",
            "disk-barrier",
            "disk-drain",
            "disk-flushes",
            "disk-timeout",
            "fencing",
            "md-flushes",
            "on-io-error",
            "read-balancing",
            "resync-after",
            "resync-rate",
            "rs-discard-granularity");

    /** Handlers that came with DRBD 9. */
    private static final Set<String> NEW_HANDLERS = Set.of("quorum-lost");

    /** Values that came with DRBD 9, of options that 8.4 has. */
    private static final Map<String, Set<String>> NEW_VALUES =
            Map.of("rr-conflict", Set.of("retry-connect", "auto-discard"));

    private final SortedSet<String> leftOut = new TreeSet<>();

    SortedMap<String, String> resource(Map<String, String> options) {
        return known(options, RESOURCE);
    }

    /** Options of the net section; {@code fencing} is none of them in 8.4 and goes to the disk section. */
    SortedMap<String, String> net(Map<String, String> options) {
        SortedMap<String, String> others = new TreeMap<>(options);
        others.remove("fencing");
        return known(others, NET);
    }

    SortedMap<String, String> disk(Map<String, String> options) {
        return known(options, DISK);
    }

    SortedMap<String, String> handlers(Map<String, String> handlers) {
        SortedMap<String, String> kept = new TreeMap<>(handlers);
        for (String handler : NEW_HANDLERS) {
            if (kept.remove(handler) != null) {
                leftOut.add(handler);
            }
        }
        return kept;
    }

    /** What DRBD 9 sets for a volume of the connection to a peer and 8.4 in the disk section of that volume. */
    SortedMap<String, String> diskOfConnection(PeerSpec peer, int volume) {
        SortedMap<String, String> options = new TreeMap<>(peer.peerDeviceOptions());
        peer.volumes().stream()
                .filter(there -> there.number() == volume)
                .forEach(there -> options.putAll(there.peerDeviceOptions()));
        String fencing = peer.netOptions().get("fencing");
        if (fencing != null) {
            options.put("fencing", fencing);
        }
        return known(options, DISK);
    }

    /** Names of the options that were left out so far. */
    SortedSet<String> leftOut() {
        return leftOut;
    }

    private SortedMap<String, String> known(Map<String, String> options, Set<String> names) {
        SortedMap<String, String> kept = new TreeMap<>();
        options.forEach((name, value) -> {
            boolean newValue = NEW_VALUES.getOrDefault(name, Set.of()).contains(value);
            if (names.contains(name) && !newValue) {
                kept.put(name, value);
            } else {
                leftOut.add(newValue ? name + " " + value : name);
            }
        });
        return kept;
    }
}
