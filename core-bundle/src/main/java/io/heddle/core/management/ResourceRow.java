package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * A resource on a node.
 *
 * @param resource its name
 * @param node its node
 * @param port TCP port of DRBD
 * @param usage InUse, Unused or Unknown
 * @param connections Ok, or each connection that is not
 * @param state state of its worst disk
 * @param phase how far the satellite is
 * @param syncs how each sync or verify gets on
 * @param steps what it does now, or waits for
 * @param problem what stands in the way, empty text if nothing
 * @param correction what to do about it
 * @param createdAt when it was asked for, ISO 8601
 * @param properties its properties
 */
public record ResourceRow(
        String resource,
        String node,
        int port,
        String usage,
        String connections,
        String state,
        String phase,
        List<String> syncs,
        List<String> steps,
        String problem,
        String correction,
        String createdAt,
        Map<String, String> properties) {}
