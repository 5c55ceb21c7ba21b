package io.heddle.lvmthin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.command.CommandResult;
import io.heddle.core.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which devices each VG is on. LVM reads the label of every device of the machine whatever VG it is asked about, so that one disk
 * that hangs would hang every command (seen with 2.03.16, also with its hints); told the devices ({@code --devices}), it opens
 * no other. What is known here may be outdated: who finds so forgets it, and asks LVM without it.
 */
final class GroupDevices {
    /** Fields of {@code pvs} that tell it. */
    static final String FIELDS = "vg_name,pv_name";

    private final Map<String, List<String>> known = new ConcurrentHashMap<>();

    /** Whether the devices of all of these VGs are known. */
    boolean knows(Collection<String> groups) {
        return known.keySet().containsAll(groups);
    }

    /** Takes what {@code pvs} printed, of VGs all of whose devices are there. */
    void learn(CommandResult result) {
        if (!result.succeeded()) {
            return;
        }
        try {
            Map<String, List<String>> found = new TreeMap<>();
            Set<String> incomplete = new HashSet<>();
            for (JsonNode part : Json.mapper().readTree(result.output()).path("report")) {
                for (JsonNode row : part.path("pv")) {
                    String group = row.path("vg_name").asText();
                    String device = row.path("pv_name").asText();
                    found.computeIfAbsent(group, name -> new ArrayList<>()).add(device);
                    if (!device.startsWith("/") || device.contains(",")) {
                        incomplete.add(group);
                    }
                }
            }
            found.keySet().removeAll(incomplete);
            found.remove("");
            known.putAll(found);
        } catch (JsonProcessingException unreadable) {
            // Nothing is known then, and every command may look everywhere, as ever.
            known.clear();
        }
    }

    void forget(String group) {
        known.remove(group);
    }

    /** Arguments that keep a command to the devices of a VG; none if they are not known. */
    List<String> option(String group) {
        List<String> devices = known.get(group);
        return devices == null ? List.of() : List.of("--devices", String.join(",", devices));
    }
}
