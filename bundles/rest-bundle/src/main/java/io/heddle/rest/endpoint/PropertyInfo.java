package io.heddle.rest.endpoint;

import io.heddle.core.option.PropertyLevel;
import io.heddle.rest.json.JsonBytes;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.PropertyInfoJson;
import io.heddle.rest.reply.Answers;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.glassfish.jersey.process.Inflector;
import org.glassfish.jersey.server.model.Resource;

/**
 * What can be set on each kind of object, from the catalogues. The same for all objects of a kind, so the names in these paths are
 * not looked at.
 */
public final class PropertyInfo {
    /** What of REST v1 has properties, and of what level they are; nothing can be set on what has none here. */
    private static final Map<String, PropertyLevel> LEVELS = Map.of(
            "controller", PropertyLevel.CONTROLLER,
            "nodes", PropertyLevel.NODE,
            "nodes/{node}/storage-pools", PropertyLevel.STORAGE_POOL,
            "resource-groups", PropertyLevel.RESOURCE_GROUP,
            "resource-definitions", PropertyLevel.RESOURCE_DEFINITION,
            "resource-definitions/{definition}/volume-definitions", PropertyLevel.VOLUME_DEFINITION,
            "resource-definitions/{definition}/resources", PropertyLevel.RESOURCE,
            "resource-definitions/{definition}/resource-connections", PropertyLevel.RESOURCE_CONNECTION,
            "node-connections", PropertyLevel.NODE_CONNECTION);

    /** What of REST v1 has properties elsewhere; here they are set on other objects. */
    private static final Set<String> WITHOUT = Set.of(
            "storage-pool-definitions",
            "resource-groups/{group}/volume-groups",
            "resource-definitions/{definition}/resources/{node}/volumes");

    private PropertyInfo() {}

    /** The paths, each with its answer, which is written once. */
    public static Set<Resource> resources() {
        TreeMap<String, byte[]> answers = new TreeMap<>();
        LEVELS.forEach((path, level) ->
                answers.put(path + "/properties/info", JsonBytes.of(out -> PropertyInfoJson.write(out, level))));
        WITHOUT.forEach(path -> answers.put(path + "/properties/info", new byte[] {'{', '}'}));
        answers.put("controller/properties/info/all", JsonBytes.of(all()));
        return answers.entrySet().stream()
                .map(answer -> resource(answer.getKey(), answer.getValue()))
                .collect(Collectors.toSet());
    }

    private static JsonPart all() {
        return out -> {
            out.writeStartObject();
            for (PropertyLevel level : PropertyLevel.values()) {
                out.writeFieldName(level == PropertyLevel.STORAGE_POOL ? "STORAGEPOOL" : level.name());
                PropertyInfoJson.write(out, level);
            }
            out.writeEndObject();
        };
    }

    private static Resource resource(String path, byte[] body) {
        Resource.Builder resource = Resource.builder(path);
        resource.addMethod("GET").produces(MediaType.APPLICATION_JSON_TYPE).handledBy(new Fixed(body));
        return resource.build();
    }

    /** Not a lambda, of which Jersey could not find out what it is given. */
    private static final class Fixed implements Inflector<ContainerRequestContext, Response> {
        private final byte[] body;

        Fixed(byte[] body) {
            this.body = body;
        }

        @Override
        public Response apply(ContainerRequestContext request) {
            return Answers.json(200, body);
        }
    }
}
