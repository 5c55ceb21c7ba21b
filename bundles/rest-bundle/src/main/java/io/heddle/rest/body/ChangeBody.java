package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of properties, and of what else the object has. Fields that belong to other kinds of objects are not looked at.
 *
 * @param overrideProps properties to put
 * @param deleteProps properties to remove
 * @param deleteNamespaces namespaces to remove
 * @param nodeType type of a node
 * @param sizeKib size of a volume definition
 * @param flags flags of a volume definition
 * @param resourceGroup resource group of a definition
 * @param layerStack layers of a definition
 * @param drbdPeerSlots bitmap slots of a definition
 * @param drbdPort TCP port of a definition
 * @param description text of a group
 * @param selectFilter where replicas of a group are placed
 */
public record ChangeBody(
        @Nullable Map<String, @Nullable String> overrideProps,
        @Nullable List<@Nullable String> deleteProps,
        @Nullable List<@Nullable String> deleteNamespaces,
        @Nullable String nodeType,
        @Nullable Long sizeKib,
        @Nullable List<@Nullable String> flags,
        @Nullable String resourceGroup,
        @Nullable List<@Nullable String> layerStack,
        @Nullable Integer drbdPeerSlots,
        @Nullable Integer drbdPort,
        @Nullable String description,
        @Nullable SelectFilterBody selectFilter) {}
