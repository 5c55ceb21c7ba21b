package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A resource to create.
 *
 * @param resource what it is
 * @param layerList layers
 * @param drbdNodeId DRBD node id
 * @param drbdTcpPorts TCP ports
 */
public record ResourceCreateBody(
        @Nullable ResourceBody resource,
        @Nullable List<@Nullable String> layerList,
        @Nullable Integer drbdNodeId,
        @Nullable List<@Nullable Integer> drbdTcpPorts) {}
