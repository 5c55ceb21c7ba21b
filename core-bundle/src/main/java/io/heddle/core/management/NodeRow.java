package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * A node.
 *
 * @param node its name
 * @param type what it is for
 * @param addresses each address with port and encryption
 * @param state how the link to its satellite stands
 * @param since since when, ISO 8601
 * @param problem what stands in the way, empty text if nothing
 * @param correction what to do about it
 * @param fingerprint SHA-256 of its public key, empty text before it showed one
 * @param hostName what it calls itself, empty text if unknown
 * @param version version of Heddle there, empty text if unknown
 * @param replication which DRBD is loaded and what that allows
 * @param drivers drivers that are up
 * @param unclaimed what on it no specification names
 * @param evacuating whether it is being emptied
 * @param evacuation each resource that is still on it then, with how it stands
 * @param properties its properties
 */
public record NodeRow(
        String node,
        String type,
        List<String> addresses,
        String state,
        String since,
        String problem,
        String correction,
        String fingerprint,
        String hostName,
        String version,
        String replication,
        List<String> drivers,
        List<String> unclaimed,
        boolean evacuating,
        List<String> evacuation,
        Map<String, String> properties) {}
