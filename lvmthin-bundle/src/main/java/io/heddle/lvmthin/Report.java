package io.heddle.lvmthin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What lvs or vgs printed. Both print what they can and then fail (exit code 5), so a report of a failed command holds what it
 * holds; what is missing from it is not absent.
 *
 * @param result the command's result
 * @param groups VGs in it, by name
 * @param volumes LVs in it
 */
record Report(CommandResult result, Map<String, VolumeGroup> groups, List<LogicalVolume> volumes) {
    /** Fields of a VG that are asked for, of vgs and of lvs alike. */
    static final String GROUP_FIELDS =
            "vg_name,vg_size,vg_free,vg_extent_size,vg_missing_pv_count,vg_mda_size,vg_mda_free,lv_count";

    /**
     * Fields of an LV that are asked for. None of a segment, since lvs prints a volume of several segments several times then.
     */
    static final String VOLUME_FIELDS = GROUP_FIELDS
            + ",lv_name,lv_uuid,lv_size,lv_attr,pool_lv,data_percent,metadata_percent,lv_path,lv_dm_path,lv_tags";

    /**
     * Reads the JSON of {@code --reportformat json --units b --nosuffix}.
     *
     * @throws HeddleException OUTPUT_UNREADABLE; if the command failed and printed nothing, what its message stands for
     */
    static Report of(CommandResult result) {
        if (!result.succeeded() && result.output().isBlank()) {
            throw LvmFailure.of(result, "cannot look at LVM");
        }
        try {
            JsonNode report = Json.mapper().readTree(result.output()).path("report");
            if (!report.isArray() || report.isEmpty()) {
                throw unreadable(result, "there is no list \"report\"");
            }
            Map<String, VolumeGroup> groups = new LinkedHashMap<>();
            Map<String, LogicalVolume> volumes = new LinkedHashMap<>();
            for (JsonNode part : report) {
                for (JsonNode row : part.path("vg")) {
                    VolumeGroup group = group(row, result);
                    groups.put(group.name(), group);
                }
                for (JsonNode row : part.path("lv")) {
                    VolumeGroup group = group(row, result);
                    groups.put(group.name(), group);
                    LogicalVolume volume = volume(row, result);
                    volumes.put(volume.uuid(), volume);
                }
            }
            return new Report(result, groups, new ArrayList<>(volumes.values()));
        } catch (JsonProcessingException failure) {
            throw unreadable(result, failure.getOriginalMessage());
        }
    }

    /** The volumes of one VG. */
    List<LogicalVolume> volumes(String group) {
        return volumes.stream().filter(volume -> volume.group().equals(group)).toList();
    }

    private static VolumeGroup group(JsonNode row, CommandResult result) {
        return new VolumeGroup(
                text(row, "vg_name", result),
                bytes(row, "vg_size", result),
                bytes(row, "vg_free", result),
                bytes(row, "vg_extent_size", result),
                Math.toIntExact(number(row, "vg_missing_pv_count", result)),
                bytes(row, "vg_mda_size", result),
                bytes(row, "vg_mda_free", result),
                Math.toIntExact(number(row, "lv_count", result)));
    }

    private static LogicalVolume volume(JsonNode row, CommandResult result) {
        return new LogicalVolume(
                text(row, "vg_name", result),
                text(row, "lv_name", result),
                text(row, "lv_uuid", result),
                bytes(row, "lv_size", result),
                new Attributes(text(row, "lv_attr", result)),
                text(row, "pool_lv", result),
                percent(row, "data_percent", result),
                percent(row, "metadata_percent", result),
                Stream.of(text(row, "lv_path", result), text(row, "lv_dm_path", result))
                        .filter(path -> !path.isEmpty())
                        .toList(),
                Stream.of(text(row, "lv_tags", result).split(","))
                        .filter(tag -> !tag.isEmpty())
                        .toList());
    }

    private static String text(JsonNode row, String field, CommandResult result) {
        return Optional.ofNullable(row.get(field))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .orElseThrow(() -> unreadable(result, "a row has no text \"" + field + "\""));
    }

    private static Bytes bytes(JsonNode row, String field, CommandResult result) {
        return new Bytes(number(row, field, result));
    }

    private static long number(JsonNode row, String field, CommandResult result) {
        String text = text(row, field, result);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException failure) {
            throw unreadable(result, "\"" + field + "\" is '" + text + "' and no number");
        }
    }

    private static OptionalDouble percent(JsonNode row, String field, CommandResult result) {
        String text = text(row, field, result);
        try {
            return text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
        } catch (NumberFormatException failure) {
            throw unreadable(result, "\"" + field + "\" is '" + text + "' and no number");
        }
    }

    private static HeddleException unreadable(CommandResult result, String why) {
        return new HeddleException(
                ErrorCode.OUTPUT_UNREADABLE,
                "cannot read what '" + result.command().text() + "' printed",
                why,
                "run it by hand; LVM 2.03 or newer is needed");
    }
}
