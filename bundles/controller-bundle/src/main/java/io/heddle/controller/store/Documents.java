package io.heddle.controller.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.Node;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.RowKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;

/**
 * Turns rows into records and back. Fields that this version does not know, written by a newer one, are remembered by row
 * and written again with the row, so that going back and forth between versions loses nothing.
 */
final class Documents {
    private final Map<RowKey, Unknown> unknownFields = new HashMap<>();

    /** The record of a row; anything that is wrong with it is an exception. */
    Object read(RowKey key, String body) {
        Object document = Json.read(body, type(key.kind()));
        if (!rowKey(document).equals(key)) {
            throw new HeddleException(
                    ErrorCode.STORE_FAILED,
                    "the row does not belong to its key",
                    "its document says " + rowKey(document).key(),
                    "restore the row from a backup");
        }
        String ours = Json.write(document);
        if (!ours.equals(body)) {
            Unknown unknown = Unknown.of(tree(body), tree(ours));
            if (!unknown.isEmpty()) {
                unknownFields.put(key, unknown);
            }
        }
        return document;
    }

    String write(RowKey key, Object document) {
        String ours = Json.write(document);
        Unknown unknown = unknownFields.get(key);
        if (unknown == null) {
            return ours;
        }
        ObjectNode merged = tree(ours);
        unknown.mergeInto(merged);
        return merged.toString();
    }

    void forget(RowKey key) {
        unknownFields.remove(key);
    }

    static RowKey rowKey(Object document) {
        if (document instanceof Node node) {
            return RowKey.of(node.name());
        } else if (document instanceof ResourceDefinition definition) {
            return RowKey.ofDefinition(definition.uuid());
        } else if (document instanceof ResourceGroup group) {
            return RowKey.of(group.name());
        }
        return RowKey.CLUSTER;
    }

    private static Class<?> type(RowKey.Kind kind) {
        return switch (kind) {
            case CLUSTER -> ClusterSettings.class;
            case NODE -> Node.class;
            case RESOURCE_GROUP -> ResourceGroup.class;
            case RESOURCE_DEFINITION -> ResourceDefinition.class;
        };
    }

    private static ObjectNode tree(String body) {
        try {
            return (ObjectNode) Json.mapper().readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("read once already", e);
        }
    }

    /**
     * What a document has that ours lacks.
     *
     * @param fields whole fields that are unknown here
     * @param inside unknown fields within objects that are known here
     */
    private record Unknown(Map<String, JsonNode> fields, Map<String, Unknown> inside) {
        static Unknown of(ObjectNode theirs, ObjectNode ours) {
            Unknown unknown = new Unknown(new LinkedHashMap<>(), new LinkedHashMap<>());
            for (Entry<String, JsonNode> field : theirs.properties()) {
                JsonNode own = ours.get(field.getKey());
                if (own == null) {
                    if (!field.getValue().isNull()) {
                        unknown.fields.put(field.getKey(), field.getValue());
                    }
                } else if (own instanceof ObjectNode ownObject && field.getValue() instanceof ObjectNode theirObject) {
                    Unknown deeper = of(theirObject, ownObject);
                    if (!deeper.isEmpty()) {
                        unknown.inside.put(field.getKey(), deeper);
                    }
                }
            }
            return unknown;
        }

        boolean isEmpty() {
            return fields.isEmpty() && inside.isEmpty();
        }

        /** Puts the fields back; those of an object that was removed since do not come back. */
        void mergeInto(ObjectNode document) {
            fields.forEach((name, value) -> {
                if (!document.has(name)) {
                    document.set(name, value);
                }
            });
            inside.forEach((name, deeper) -> {
                if (document.get(name) instanceof ObjectNode object) {
                    deeper.mergeInto(object);
                }
            });
        }
    }
}
