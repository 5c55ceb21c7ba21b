package io.heddle.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What REST tells of what can be set, and of what holds. */
class PropertyInfoTest {
    private RestServer server;

    @BeforeEach
    void start() throws Exception {
        server = RestServer.serving(new MemoryCluster());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    controller | DrbdOptions/Net/max-buffers TcpPortAutoRange | StorDriver/LvmVg DrbdOptions/Net/shared-secret
                    nodes | PrefNic AutoplaceTarget | DrbdOptions/Net/max-buffers
                    nodes/n1/storage-pools | MaxOversubscriptionRatio | StorDriver/ThinPool
                    resource-groups | DrbdOptions/Handlers/split-brain | TcpPortAutoRange
                    resource-definitions | DrbdOptions/PeerDevice/c-fill-target | TcpPortAutoRange
                    resource-definitions/db1/volume-definitions | DrbdOptions/Disk/disk-timeout | DrbdOptions/Net/max-buffers
                    resource-definitions/db1/resources | FileSystem/Type | DrbdOptions/Net/max-buffers
                    resource-definitions/db1/resource-connections | DrbdOptions/Net/fencing | DrbdOptions/Disk/al-extents
                    node-connections | DrbdOptions/PeerDevice/c-max-rate | DrbdOptions/Disk/al-extents
                    """)
    void describesWhatCanBeSetOnEachKindOfObject(String path, String there, String absent) throws Exception {
        Answer answer = server.get("/v1/" + path + "/properties/info");

        assertEquals(200, answer.status(), answer.body());
        for (String key : there.split(" ")) {
            assertTrue(answer.json().has(key), key);
            assertFalse(answer.json().get(key).get("info").asText().isBlank());
        }
        for (String key : absent.split(" ")) {
            assertFalse(answer.json().has(key), key);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "storage-pool-definitions",
        "resource-groups/DfltRscGrp/volume-groups",
        "resource-definitions/db1/resources/n1/volumes"
    })
    void describesNothingWhereNothingCanBeSet(String path) throws Exception {
        assertEquals("{}", server.get("/v1/" + path + "/properties/info").body());
    }

    @Test
    void givesKindRangeDefaultAndUnit() throws Exception {
        JsonNode described = server.get("/v1/controller/properties/info").json();

        JsonNode ahead = described.get("DrbdOptions/PeerDevice/c-plan-ahead");
        assertEquals("range", ahead.get("prop_type").asText());
        assertEquals("(0 - 300)", ahead.get("value").asText());
        assertEquals("20", ahead.get("dflt").asText());
        assertEquals("1/10 seconds", ahead.get("unit").asText());
        assertEquals(
                "(?:dont-care|resource-only|resource-and-stonith)",
                described.get("DrbdOptions/Net/fencing").get("value").asText());
        assertFalse(described.get("DrbdOptions/Net/verify-alg").has("dflt"));
        assertTrue(described
                .get("DrbdOptions/Net/transport")
                .get("info")
                .asText()
                .contains("one that stands is left alone"));
    }

    /** What a form says is wrong must be refused, and the default must be right: the forms and the checks are one catalogue. */
    @Test
    void itsFormsAndTheChecksAgree() throws Exception {
        JsonNode all = server.get("/v1/controller/properties/info/all").json();

        int matched = 0;
        for (PropertyLevel level : PropertyLevel.values()) {
            JsonNode described = all.get(
                    level == PropertyLevel.STORAGE_POOL
                            ? "STORAGEPOOL"
                            : level.name().toUpperCase(Locale.ROOT));
            for (Map.Entry<String, JsonNode> entry : described.properties()) {
                JsonNode form = entry.getValue();
                if (form.has("dflt")) {
                    String initial = form.get("dflt").asText();
                    PropertyCatalogue.check(level, Map.of(entry.getKey(), initial));
                    String value = form.path("value").asText();
                    if (!value.startsWith("(") || value.startsWith("(?")) {
                        assertTrue(value.isEmpty() || Pattern.matches(value, initial), entry.toString());
                        matched++;
                    }
                }
            }
        }
        assertTrue(matched > 50, "only " + matched);
    }

    private void makeReplicas() throws Exception {
        for (int i = 1; i <= 2; i++) {
            server.post(
                    "/v1/nodes",
                    "{\"name\":\"n" + i + "\",\"net_interfaces\":[{\"name\":\"default\",\"address\":\"10.1.0." + i
                            + "\"}]}");
            server.post(
                    "/v1/nodes/n" + i + "/storage-pools",
                    "{\"storage_pool_name\":\"pool\",\"provider_kind\":\"LVM_THIN\","
                            + "\"props\":{\"StorDriver/StorPoolName\":\"vg/pool\"}}");
        }
        server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"db1\"}}");
        server.post("/v1/resource-definitions/db1/volume-definitions", "{\"volume_definition\":{\"size_kib\":65536}}");
        assertEquals(
                201,
                server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}")
                        .status());
    }

    @Test
    void showsWhatHoldsForAResourceAndTheLevelItComesFrom() throws Exception {
        makeReplicas();
        server.post(
                "/v1/controller/properties",
                "{\"override_props\":{\"DrbdOptions/Net/max-buffers\":\"8000\",\"DrbdOptions/Disk/al-extents\":\"1000\"}}");
        server.put("/v1/resource-groups/DfltRscGrp", "{\"override_props\":{\"DrbdOptions/Net/max-buffers\":\"9000\"}}");
        server.put(
                "/v1/resource-definitions/db1/resources/n1",
                "{\"override_props\":{\"DrbdOptions/Disk/al-extents\":\"1001\"}}");
        server.put(
                "/v1/resource-definitions/db1/volume-definitions/0",
                "{\"override_props\":{\"DrbdOptions/Disk/al-extents\":\"1002\"}}");
        server.put(
                "/v1/resource-definitions/db1/resource-connections/n1/n2",
                "{\"override_props\":{\"DrbdOptions/Net/max-buffers\":\"9001\"}}");

        JsonNode one = held("/v1/resource-definitions/db1/resources/n1");
        JsonNode buffers = one.get("DrbdOptions/Net/max-buffers");
        assertEquals("9000", buffers.get("value").asText());
        assertEquals("RESOURCE_GROUP", buffers.get("type").asText());
        assertEquals("resource group DfltRscGrp", buffers.get("descr").asText());
        assertEquals(1, buffers.get("other").size());
        assertEquals("8000", buffers.get("other").get(0).get("value").asText());
        assertEquals("CONTROLLER", buffers.get("other").get(0).get("type").asText());
        assertEquals("HEDDLE", one.get("DrbdOptions/Net/protocol").get("type").asText());
        assertEquals("1001", one.get("DrbdOptions/Disk/al-extents").get("value").asText());
        assertFalse(one.has("DrbdOptions/Net/ping-int"));

        JsonNode other = held("/v1/resource-definitions/db1/resources/n2");
        assertEquals(
                "1000", other.get("DrbdOptions/Disk/al-extents").get("value").asText());
        assertFalse(other.get("DrbdOptions/Disk/al-extents").has("other"));

        JsonNode volume = held("/v1/resource-definitions/db1/resources/n1/volumes/0");
        assertEquals(
                "1002", volume.get("DrbdOptions/Disk/al-extents").get("value").asText());
        assertEquals(2, volume.get("DrbdOptions/Disk/al-extents").get("other").size());

        JsonNode connection = held("/v1/resource-definitions/db1/resource-connections/n2/n1");
        assertEquals(
                "9001",
                connection.get("DrbdOptions/Net/max-buffers").get("value").asText());
        assertEquals(
                "RESOURCE_CONNECTION",
                connection.get("DrbdOptions/Net/max-buffers").get("type").asText());
    }

    @Test
    void listsHaveWhatHoldsOnlyWhereItIsAskedFor() throws Exception {
        makeReplicas();

        for (String path : new String[] {"/v1/view/resources", "/v1/resource-definitions/db1/resources"}) {
            JsonNode plain = server.get(path).json();
            JsonNode asked = server.get(path + "?effective_props=true").json();
            assertEquals(2, plain.size());
            assertFalse(plain.get(0).has("effective_props"));
            assertEquals(
                    held("/v1/resource-definitions/db1/resources/n2"),
                    asked.get(1).get("effective_props"));
        }
    }

    private JsonNode held(String path) throws Exception {
        return server.get(path).json().get("effective_props");
    }
}
