package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Says what a change of DRBD options takes: most hold at once, some need the connection or the device to be made anew. */
final class OptionReplies {
    private static final String TRANSPORT = OptionSection.NET.prefix() + "transport";

    private OptionReplies() {}

    /**
     * Remarks on a change.
     *
     * @param before what was set
     * @param after what is set now
     * @param nodes nodes that it reaches
     */
    static List<Reply> of(
            SortedMap<String, String> before,
            SortedMap<String, String> after,
            Collection<NodeName> nodes,
            StatusBoard board,
            ObjectKind kind,
            SortedMap<String, String> objects) {
        List<DrbdOption> changed = changed(before, after);
        requireTransport(before, after, nodes, board);
        List<Reply> replies = new ArrayList<>();
        String reconnecting = named(changed, DrbdOption.Change.NEW_CONNECTION);
        if (!reconnecting.isEmpty()) {
            replies.add(Replies.warning(
                    Action.MODIFY,
                    kind,
                    new Problem(
                            ErrorCode.RECONNECTS,
                            reconnecting
                                    + " holds for connections that are made anew; those that stand stay as they are",
                            "DRBD takes that only for a new connection, and Heddle takes none away for it: the replicas"
                                    + " would be apart",
                            "it comes when a node is restarted. To have it now, take one connection after the other away, when"
                                    + " little is written: drbdadm disconnect RESOURCE:PEER on one of its two nodes, and wait"
                                    + " until both are UpToDate before the next"),
                    objects));
        }
        for (DrbdOption.Change later : List.of(DrbdOption.Change.NEXT_CONNECT, DrbdOption.Change.NEXT_DEVICE)) {
            String named = named(changed, later);
            if (!named.isEmpty()) {
                replies.add(Replies.info(Action.MODIFY, kind, named + " holds " + later.text(), objects));
            }
        }
        List<DrbdOption> set = changed.stream()
                .filter(option -> after.containsKey(option.key()))
                .toList();
        replies.addAll(unknown(set, nodes, board, kind, objects));
        return replies;
    }

    /** A connection cannot be made over a transport that a node does not have, and would be gone with its next break. */
    private static void requireTransport(
            SortedMap<String, String> before,
            SortedMap<String, String> after,
            Collection<NodeName> nodes,
            StatusBoard board) {
        String wanted = after.get(TRANSPORT);
        if (wanted == null || wanted.equals(before.get(TRANSPORT))) {
            return;
        }
        for (NodeName node : nodes) {
            SortedSet<String> there = board.status(node)
                    .map(status -> status.kernel().transports())
                    .orElse(Ordered.set(null));
            if (!there.isEmpty() && !there.contains(wanted)) {
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot set " + TRANSPORT + " to " + wanted,
                        node + " does not have the module drbd_transport_" + wanted + "; it has "
                                + String.join(", ", there) + ", and could make no connection",
                        "install that module on the nodes concerned, or leave the transport as it is");
            }
        }
    }

    private static List<DrbdOption> changed(SortedMap<String, String> before, SortedMap<String, String> after) {
        TreeSet<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(after.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(before.get(key), after.get(key)))
                .flatMap(key -> DrbdOptionCatalogue.find(key).stream())
                .toList();
    }

    private static String named(List<DrbdOption> changed, DrbdOption.Change change) {
        return changed.stream()
                .filter(option -> option.change() == change)
                .map(DrbdOption::name)
                .collect(Collectors.joining(", "));
    }

    /** What the DRBD of a node does not have is left out there; drbd-bundle does that, and here it is said. */
    private static List<Reply> unknown(
            List<DrbdOption> set,
            Collection<NodeName> nodes,
            StatusBoard board,
            ObjectKind kind,
            SortedMap<String, String> objects) {
        TreeMap<String, List<NodeName>> lacking = new TreeMap<>();
        for (NodeName node : nodes) {
            String version = board.status(node)
                    .map(status -> status.kernel().usableVersion())
                    .orElse("");
            String lost = set.stream()
                    .filter(option -> !option.knownTo(version))
                    .map(DrbdOption::name)
                    .collect(Collectors.joining(", "));
            if (!lost.isEmpty()) {
                lacking.computeIfAbsent("DRBD " + version + " does not have " + lost, key -> new ArrayList<>())
                        .add(node);
            }
        }
        List<Reply> replies = new ArrayList<>();
        lacking.forEach((why, where) -> replies.add(Replies.warning(
                Action.MODIFY,
                kind,
                new Problem(
                        ErrorCode.NOT_SUPPORTED,
                        "kept, and left out on "
                                + where.stream().map(NodeName::value).collect(Collectors.joining(", ")),
                        why,
                        "load a newer DRBD module there, or unset it"),
                objects)));
        return replies;
    }
}
