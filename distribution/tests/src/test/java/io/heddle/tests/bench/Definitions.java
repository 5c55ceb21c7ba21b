package io.heddle.tests.bench;

import io.heddle.tests.cluster.Eventually;
import java.util.List;
import java.util.Optional;

/** What the parts create over REST. */
final class Definitions {
    private static final String DEFINITIONS = "/v1/resource-definitions";

    private Definitions() {}

    /** One definition and its volume definition, each durable when it is answered. */
    static void create(RestClient client, String name, String layers) {
        client.post(
                DEFINITIONS, "{\"resource_definition\":{\"name\":\"" + name + "\",\"layer_data\":[" + layers + "]}}");
        client.post(DEFINITIONS + "/" + name + "/volume-definitions", "{\"volume_definition\":{\"size_kib\":1048576}}");
    }

    /** As most are: replicated by DRBD. */
    static void create(RestClient client, String name) {
        create(client, name, "{\"type\":\"DRBD\"},{\"type\":\"STORAGE\"}");
    }

    static void delete(RestClient client, String name) {
        client.delete(DEFINITIONS + "/" + name);
    }

    /** Places it on exactly these nodes. */
    static void place(RestClient client, String name, List<String> nodes) {
        client.post(
                DEFINITIONS + "/" + name + "/autoplace",
                "{\"select_filter\":{\"place_count\":" + nodes.size()
                        + ",\"storage_pool\":\"pool\",\"node_name_list\":[\"" + String.join("\",\"", nodes) + "\"]}}");
    }

    static void placeOn(RestClient client, String name, String node) {
        client.post(
                DEFINITIONS + "/" + name + "/resources/" + node,
                "{\"resource\":{\"node_name\":\"" + node + "\",\"props\":{\"StorPoolName\":\"pool\"}}}");
    }

    /** A node whose satellite waits on a port of the loopback address, with one pool. */
    static void node(RestClient client, String name, int port, String kind, String backing) {
        client.post(
                "/v1/nodes",
                "{\"name\":\"" + name + "\",\"type\":\"SATELLITE\",\"net_interfaces\":[{\"name\":\"default\","
                        + "\"address\":\"127.0.0.1\",\"satellite_port\":" + port
                        + ",\"satellite_encryption_type\":\"SSL\",\"is_active\":true}]}");
        String pools = "/v1/nodes/" + name + "/storage-pools";
        String pool = "{\"storage_pool_name\":\"pool\",\"provider_kind\":\"" + kind
                + "\",\"props\":{\"StorDriver/StorPoolName\":\"" + backing + "\"}}";
        // Refused as long as the satellite is not connected.
        Eventually.nothingIsMissing(
                () -> client.request("POST", pools, pool) == 201 ? Optional.empty() : Optional.of(client.beginning()));
    }
}
