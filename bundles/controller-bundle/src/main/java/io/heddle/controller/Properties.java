package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.option.Property;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.SpecBuilder;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks changes of properties, and says what a version does not act on. */
final class Properties {
    private Properties() {}

    /**
     * A change in the form that is stored.
     *
     * @throws HeddleException UNKNOWN_PROPERTY, INVALID_PROPERTY, NOT_SUPPORTED
     */
    static PropertyChange check(PropertyLevel level, PropertyChange change) {
        return new PropertyChange(
                PropertyCatalogue.check(level, change.override()), change.delete(), change.deleteNamespaces());
    }

    /** Refuses a preferred interface that the node does not have, where only that node is meant. */
    static void requireInterface(Node node, SortedMap<String, String> properties) {
        String named = properties.get(SpecBuilder.PREFERRED_INTERFACE);
        boolean known = named == null
                || node.netInterfaces().keySet().stream()
                        .anyMatch(name -> name.value().equalsIgnoreCase(named));
        if (!known) {
            throw new HeddleException(
                    ErrorCode.INVALID_PROPERTY,
                    "cannot set " + SpecBuilder.PREFERRED_INTERFACE + " to '" + named + "'",
                    node.name() + " has the interfaces "
                            + node.netInterfaces().keySet().stream()
                                    .map(NetInterfaceName::value)
                                    .collect(Collectors.joining(", ")),
                    "name one of them, or create it: 'node interface create " + node.name() + "'");
        }
    }

    /** A remark for what was set, is kept, and has no effect. */
    static Optional<Reply> withoutEffect(
            SortedMap<String, String> set, ObjectKind kind, SortedMap<String, String> objects) {
        List<String> kept = set.keySet().stream()
                .filter(key -> PropertyCatalogue.find(key)
                        .filter(property -> !property.acts())
                        .isPresent())
                .toList();
        return kept.isEmpty()
                ? Optional.empty()
                : Optional.of(Replies.info(
                        Action.MODIFY,
                        kind,
                        String.join(", ", kept) + (kept.size() == 1 ? " is" : " are")
                                + " kept, and this version does not act on it",
                        objects));
    }

    /** What a pool was made with is said by its backing; clients repeat it as properties. */
    static SortedMap<String, String> withoutFixed(SortedMap<String, String> given) {
        TreeMap<String, String> others = new TreeMap<>(given);
        others.keySet()
                .removeIf(key -> PropertyCatalogue.find(key)
                        .filter(property -> property.type() == Property.Type.FIXED)
                        .isPresent());
        return others;
    }
}
