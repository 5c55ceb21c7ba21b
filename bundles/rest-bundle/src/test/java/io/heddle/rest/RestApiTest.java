package io.heddle.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, statuses and looseness of REST v1, over HTTP. */
class RestApiTest {
    private final MemoryCluster cluster = new MemoryCluster();
    private RestServer server;

    @BeforeEach
    void start() throws Exception {
        server = RestServer.serving(cluster);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void addNodes(int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            assertEquals(
                    201,
                    server.post(
                                    "/v1/nodes",
                                    "{\"name\":\"n" + i
                                            + "\",\"net_interfaces\":[{\"name\":\"default\",\"address\":\"10.1.0.1"
                                            + i + "\"}]}")
                            .status());
            assertEquals(
                    201,
                    server.post(
                                    "/v1/nodes/n" + i + "/storage-pools",
                                    "{\"storage_pool_name\":\"pool\",\"provider_kind\":\"lvm_thin\","
                                            + "\"props\":{\"StorDriver/StorPoolName\":\"pve/drbdpool\"}}")
                            .status());
        }
    }

    private void addVolume(String name) throws Exception {
        assertEquals(
                201,
                server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"" + name + "\"}}")
                        .status());
        assertEquals(
                200,
                server.post(
                                "/v1/resource-definitions/" + name + "/volume-definitions",
                                "{\"volume_definition\":{\"size_kib\":65536,\"flags\":[]}}")
                        .status());
    }

    @Test
    void tellsItsVersionsAndThatItServes() throws Exception {
        JsonNode version = server.get("/v1/controller/version").json();

        assertEquals("0.1.0", version.get("version").asText());
        assertTrue(version.get("rest_api_version").asText().startsWith("1."));
        assertTrue(version.has("git_hash") && version.has("build_time"));
        assertEquals(200, server.get("/health").status());
    }

    @Test
    void tellsTheEvidenceOfASplitBrainAndTakesTheWordOnIt() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post(
                "/v1/resource-definitions/db1/autoplace",
                "{\"select_filter\":{\"place_count\":2,\"storage_pool_list\":[\"pool\"]}}");

        JsonNode evidence =
                server.get("/v1/resource-definitions/db1/split-brain").json();
        Answer resolved = server.post(
                "/v1/resource-definitions/db1/split-brain/resolve", "{\"discard\":[\"n1\"],\"without_snapshot\":true}");

        assertEquals(2, evidence.get("sides").size());
        assertFalse(evidence.get("diverged").asBoolean());
        assertFalse(evidence.has("ways_out"));
        assertEquals(200, resolved.status(), resolved.body());
        assertTrue(resolved.body().contains("[n1] without snapshot"), resolved.body());
        Answer withdrawn = server.delete("/v1/resource-definitions/db1/split-brain/resolve");
        assertEquals(200, withdrawn.status(), withdrawn.body());
        assertTrue(withdrawn.body().contains("taken back"), withdrawn.body());
        assertEquals(
                404, server.get("/v1/resource-definitions/nosuch/split-brain").status());
    }

    @Test
    void walksFromANodeToAReplicatedVolumeAndBack() throws Exception {
        addNodes(3);
        addVolume("db1");

        Answer placed = server.post(
                "/v1/resource-definitions/db1/autoplace",
                "{\"diskless_on_remaining\":null,\"select_filter\":{\"place_count\":\"3\",\"storage_pool_list\":[\"pool\"]}}");

        assertEquals(201, placed.status(), placed.body());
        JsonNode resources = server.get("/v1/view/resources?resources=DB1").json();
        assertEquals(3, resources.size());
        JsonNode first = resources.get(0);
        assertEquals("n1", first.get("node_name").asText());
        assertEquals(
                "pool", first.get("volumes").get(0).get("storage_pool_name").asText());
        assertEquals(
                "UpToDate", first.get("volumes").get(0).at("/state/disk_state").asText());
        assertTrue(first.at("/layer_object/drbd/connections/n2/connected").asBoolean());
        assertEquals(200, server.delete("/v1/resource-definitions/db1").status());
        assertEquals("[]", server.get("/v1/view/resources").body());
        assertEquals("[]", server.get("/v1/resource-definitions").body());
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /v1/nodes/nosuch, 200, 3000",
        "DELETE, /v1/nodes/nosuch/lost, 200, 3000",
        "DELETE, /v1/nodes/n1/storage-pools/nosuch, 200, 3000",
        "DELETE, /v1/nodes/n1/net-interfaces/nosuch, 200, 3000",
        "DELETE, /v1/resource-definitions/nosuch, 200, 3000",
        "DELETE, /v1/resource-definitions/nosuch/volume-definitions/0, 200, 3000",
        "DELETE, /v1/resource-definitions/db1/resources/n9, 200, 3000",
        "DELETE, /v1/nodes/n1/storage-pools/DfltDisklessStorPool, 500, 208",
        "PUT, /v1/nodes/nosuch, 404, 300",
        "PUT, /v1/nodes/n1/storage-pools/nosuch, 404, 310",
        "PUT, /v1/resource-definitions/nosuch, 404, 301",
        "PUT, /v1/resource-definitions/db1/volume-definitions/7, 404, 303",
        "PUT, /v1/resource-definitions/db1/resources/n9, 404, 302",
        "GET, /v1/nodes/nosuch, 404, 300",
        "GET, /v1/resource-definitions/nosuch, 404, 301",
        "GET, /v1/resource-definitions/nosuch/resources, 404, 301",
        "GET, /v1/nosuch, 404, 234",
        "PATCH, /v1/nodes, 405, 234"
    })
    void answersWhatIsAbsentWithTheStatusThatClientsCompare(String method, String path, int status, int number)
            throws Exception {
        addNodes(1);
        addVolume("db1");

        Answer answer = server.send(server.request(path)
                .method(method, BodyPublishers.ofString("{}"))
                .build());

        assertEquals(status, answer.status(), answer.body());
        assertEquals(number, answer.number(), answer.body());
        assertEquals(
                status == 200 ? 0x8000_0000_0000_0000L : 0xC000_0000_0000_0000L,
                answer.code() & 0xC000_0000_0000_0000L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /v1/nodes | {"name":"n1","net_interfaces":[{"name":"default","address":"10.1.0.1"}]} | NODE_EXISTS
                    /v1/nodes | {"name":"-bad-","net_interfaces":[{"name":"default","address":"10.1.0.1"}]} | INVALID_NAME
                    /v1/nodes | {"name":"n7","net_interfaces":[{"name":"default","address":"10.1.0.300"}]} | INVALID_ADDRESS
                    /v1/nodes | {"name":"n7","type":"oracle","net_interfaces":[]} | INVALID_INPUT
                    /v1/nodes | {"name":"n7"} | INVALID_INPUT
                    /v1/nodes | {} | INVALID_INPUT
                    /v1/nodes/n1/storage-pools | {"storage_pool_name":"pool","provider_kind":"LVM","props":{"StorDriver/StorPoolName":"v"}} | STORAGE_POOL_EXISTS
                    /v1/nodes/n1/storage-pools | {"storage_pool_name":"p%l","provider_kind":"LVM","props":{"StorDriver/StorPoolName":"v"}} | INVALID_NAME
                    /v1/nodes/n1/storage-pools | {"storage_pool_name":"more","provider_kind":"LVM"} | INVALID_INPUT
                    /v1/resource-definitions | {"resource_definition":{"name":"DB1"}} | RESOURCE_DEFINITION_EXISTS
                    /v1/resource-definitions | {"resource_definition":{"name":"1bad"}} | INVALID_NAME
                    /v1/resource-definitions | {"resource_definition":{"name":"x","layer_data":[{"type":"luks"}]}} | NOT_SUPPORTED
                    /v1/resource-definitions | {"resource_definition":{"name":"x"},"drbd_secret":"mine"} | NOT_SUPPORTED
                    /v1/resource-definitions/db1/volume-definitions | {"volume_definition":{"size_kib":1}} | INVALID_SIZE
                    /v1/resource-definitions/db1/volume-definitions | {"volume_definition":{"size_kib":-1}} | INVALID_SIZE
                    /v1/resource-definitions/db1/volume-definitions | {"volume_definition":{"size_kib":"many"}} | INVALID_SIZE
                    /v1/resource-definitions/db1/volume-definitions | {"volume_definition":{"size_kib":4097.5}} | INVALID_SIZE
                    /v1/resource-definitions/db1/volume-definitions | {"volume_definition":{"size_kib":4096,"volume_number":"first"}} | INVALID_INPUT
                    /v1/resource-definitions/db1/autoplace | {"select_filter":{"place_count":9}} | NOT_ENOUGH_NODES
                    /v1/resource-definitions/db1/autoplace | {"select_filter":{"replicas_on_same":["Aux/rack"]}} | NOT_SUPPORTED
                    /v1/resource-definitions/db1/resources | [{"resource":{"node_name":"n1","flags":["INACTIVE"]}}] | NOT_SUPPORTED
                    """)
    void answersBadInputWith500AndOneEntryThatExplains(String path, String body, String error) throws Exception {
        addNodes(1);
        addVolume("db1");

        Answer answer = server.post(path, body);

        assertEquals(500, answer.status(), answer.body());
        assertEquals(error, answer.error(), answer.body());
        assertEquals(1, answer.json().size());
        assertFalse(answer.json().get(0).get("cause").asText().isBlank());
        assertFalse(answer.json().get(0).get("correction").asText().isBlank());
        assertEquals(1, cluster.state().nodes().size());
        assertEquals(1, cluster.state().resourceDefinitions().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "application/x-www-form-urlencoded", ""})
    void readsJsonWhateverTheContentTypeSays(String contentType) throws Exception {
        var request = server.request("/v1/resource-definitions")
                .POST(
                        BodyPublishers.ofString(
                                "{\"resource_definition\":{\"name\":\"db1\",\"props\":{\"Aux/number\":5,\"Aux/none\":null}},\"new\":{\"a\":1}}"));
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }

        assertEquals(201, server.send(request.build()).status());

        JsonNode shown = server.get("/v1/resource-definitions/db1").json();
        assertEquals("5", shown.at("/props").get("Aux/number").textValue());
        assertFalse(shown.get("props").has("Aux/none"));
    }

    @Test
    void tellsAtOnceWhetherAResourceIsInSync() throws Exception {
        addNodes(2);
        addVolume("db1");
        Answer nowhere = server.get("/v1/resource-definitions/db1/sync-status");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");

        assertFalse(nowhere.json().get("synced_on_all").asBoolean(), nowhere.body());
        assertEquals(
                "NOT_ENOUGH_NODES", nowhere.json().get("problem").get("code").asText());
        assertTrue(server.get("/v1/resource-definitions/db1/sync-status")
                .json()
                .get("synced_on_all")
                .asBoolean());
        assertEquals(
                404, server.get("/v1/resource-definitions/nosuch/sync-status").status());
    }

    @Test
    void takesTruthsInAnyCaseAndBodiesThatAreMissing() throws Exception {
        addNodes(1);
        addVolume("db1");

        assertEquals(
                1,
                server.get("/v1/resource-definitions?with_volume_definitions=True")
                        .json()
                        .get(0)
                        .get("volume_definitions")
                        .size());
        assertFalse(server.get("/v1/resource-definitions?with_volume_definitions=false")
                .json()
                .get(0)
                .has("volume_definitions"));
        assertEquals(200, server.put("/v1/resource-definitions/db1", "").status());
        assertEquals(200, server.put("/v1/nodes/n1/reconnect", "").status());
        assertEquals(
                200,
                server.put("/v1/resource-definitions/db1", "{\"override_props\":null,\"delete_props\":[null]}")
                        .status());
    }

    @Test
    void aNodeIsEvacuatedAndRestored() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");
        assertEquals(
                200,
                server.put("/v1/nodes/n1/evacuate", "{\"target\":[\"n2\"]}").status());
        JsonNode evacuated = server.get("/v1/nodes/n1").json();
        assertEquals("[\"EVACUATE\"]", evacuated.get("flags").toString());
        assertEquals("is copied", evacuated.at("/evacuation/db1").asText());

        assertEquals(
                500,
                server.put("/v1/nodes/n1/restore", "{\"delete_resources\":true}")
                        .status());
        assertEquals(200, server.put("/v1/nodes/n1/restore", "").status());
        assertFalse(server.get("/v1/nodes/n1").json().has("flags"));
        assertEquals(404, server.put("/v1/nodes/n9/evacuate", "").status());
    }

    @Test
    void refusesBodiesThatAreTooLargeOrTooDeep() throws Exception {
        Answer large = server.post("/v1/nodes", " ".repeat(1024 * 1024) + "{}");
        Answer deep = server.post("/v1/nodes", "[".repeat(1000) + "]".repeat(1000));
        Answer twice = server.post("/v1/nodes", "{}{}");

        assertEquals("INVALID_INPUT", large.error(), large.body());
        assertEquals("INVALID_INPUT", deep.error(), deep.body());
        assertEquals("INVALID_INPUT", twice.error(), twice.body());
    }

    @Test
    void showsNothingOfItsInsideWhenItFails() throws Exception {
        Answer answer = server.post("/v1/controller/properties", "{\"override_props\":{\"Unexpected\":\"1\"}}");

        assertEquals(500, answer.status());
        assertEquals(999, answer.number());
        assertFalse(answer.body().contains("\\tat "), answer.body());
        assertFalse(answer.body().contains(".java"), answer.body());
        assertFalse(answer.body().contains("secret detail"), answer.body());
    }

    @Test
    void takesAClientsHabitOfSayingPlainForWhatIsUsualHere() throws Exception {
        server.post(
                "/v1/nodes",
                "{\"name\":\"n1\",\"type\":\"satellite\",\"net_interfaces\":[{\"name\":\"default\",\"address\":\"10.1.0.11\","
                        + "\"satellite_port\":3366,\"satellite_encryption_type\":\"plain\",\"is_active\":true}]}");

        var node = cluster.state().node(new NodeName("n1")).orElseThrow();
        assertEquals(LinkEncryption.TLS, node.linkInterface().orElseThrow().encryption());
        assertEquals(
                "SSL",
                server.get("/v1/nodes/n1")
                        .json()
                        .at("/net_interfaces/0/satellite_encryption_type")
                        .asText());
    }

    @Test
    void asksForTheLinkOverTheInterfaceThatIsMarkedActive() throws Exception {
        server.post(
                "/v1/nodes",
                "{\"name\":\"n1\",\"net_interfaces\":[{\"name\":\"data\",\"address\":\"10.2.0.11\",\"is_active\":false},"
                        + "{\"name\":\"default\",\"address\":\"10.1.0.11\",\"is_active\":true}]}");

        assertEquals(
                "10.1.0.11",
                cluster.state()
                        .node(new NodeName("n1"))
                        .orElseThrow()
                        .linkInterface()
                        .orElseThrow()
                        .address()
                        .value());
    }

    @Test
    void readsTheOlderWaysToSayWhatAPoolStandsOn() throws Exception {
        addNodes(1);

        assertEquals(
                201,
                server.post(
                                "/v1/nodes/n1/storage-pools",
                                "{\"storage_pool_name\":\"old\",\"provider_kind\":\"LVM_THIN\","
                                        + "\"props\":{\"StorDriver/LvmVg\":\"pve\",\"StorDriver/ThinPool\":\"thin\",\"PrefNic\":\"default\"}}")
                        .status());

        JsonNode pool = server.get("/v1/nodes/n1/storage-pools/old").json();
        assertEquals(
                "pve/thin", pool.get("props").get("StorDriver/StorPoolName").asText());
        assertEquals("default", pool.get("props").get("PrefNic").asText());
    }

    @Test
    void findsWhatIsThereAsWishedAlreadyToBeNoFailure() throws Exception {
        addNodes(2);
        addVolume("db1");
        String wish = "[{\"resource\":{\"node_name\":\"n1\",\"props\":{\"StorPoolName\":\"pool\"}}}]";
        assertEquals(
                201, server.post("/v1/resource-definitions/db1/resources", wish).status());

        Answer again = server.post("/v1/resource-definitions/db1/resources", wish);
        Answer other =
                server.post("/v1/resource-definitions/db1/resources/n1", "{\"resource\":{\"flags\":[\"diskless\"]}}");

        assertEquals(201, again.status());
        assertEquals(10008, again.number());
        assertEquals(500, other.status(), "it is diskful there");
        assertEquals("RESOURCE_EXISTS", other.error());
    }

    @Test
    void createsADisklessResourceByFlag() throws Exception {
        addNodes(2);
        addVolume("db1");

        assertEquals(
                201,
                server.post(
                                "/v1/resource-definitions/db1/resources",
                                "[{\"resource\":{\"node_name\":\"n1\"}},{\"resource\":{\"node_name\":\"n2\",\"flags\":[\"DRBD_DISKLESS\"]}}]")
                        .status());

        JsonNode row = server.get("/v1/resource-definitions/db1/resources/n2").json();
        assertEquals("DISKLESS", row.get("flags").get(0).asText());
        assertEquals("DISKLESS", row.at("/volumes/0/provider_kind").asText());
        assertEquals("Diskless", row.at("/volumes/0/state/disk_state").asText());
        assertEquals(
                1,
                server.get("/v1/view/resources?storage_pools=DfltDisklessStorPool")
                        .json()
                        .size());
    }

    @Test
    void showsATieBreakerAndKeepsItIfAskedTo() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post(
                "/v1/resource-definitions/db1/resources",
                "[{\"resource\":{\"node_name\":\"n1\"}},{\"resource\":{\"node_name\":\"n2\",\"flags\":[\"DRBD_DISKLESS\"]}}]");
        cluster.makeTieBreaker(new ResourceName("db1"), new NodeName("n2"))
                .toCompletableFuture()
                .join();

        JsonNode row = server.get("/v1/resource-definitions/db1/resources/n2").json();
        assertEquals(
                "[\"DISKLESS\",\"DRBD_DISKLESS\",\"TIE_BREAKER\"]",
                row.get("flags").toString());

        assertEquals(
                200,
                server.delete("/v1/resource-definitions/db1/resources/n2?keep_tiebreaker=True")
                        .status());
        assertEquals(
                200, server.get("/v1/resource-definitions/db1/resources/n2").status());
        assertEquals(
                200, server.delete("/v1/resource-definitions/db1/resources/n2").status());
        assertEquals(
                404, server.get("/v1/resource-definitions/db1/resources/n2").status());
    }

    @Test
    void togglesADiskByTheNewPathAndTheOldOnes() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post(
                "/v1/resource-definitions/db1/resources",
                "[{\"resource\":{\"node_name\":\"n1\"}},{\"resource\":{\"node_name\":\"n2\"}}]");
        String path = "/v1/resource-definitions/db1/resources/n2/toggle-disk";

        assertEquals(
                200, server.put(path, "{\"operation\":\"INTO_DRBD_DISKLESS\"}").status());
        assertTrue(isDiskless());
        assertEquals(200, server.put(path + "/diskful/drbdpool", "").status());
        assertFalse(isDiskless());
        assertEquals(200, server.put(path + "/diskless", "").status());
        assertTrue(isDiskless());
        assertEquals(200, server.put(path, "{\"storage_pool\":\"drbdpool\"}").status());
        assertFalse(isDiskless());
        assertEquals(
                200, server.put(path + "/diskless/DfltDisklessStorPool", "").status());
        assertTrue(isDiskless());
        assertEquals(200, server.put(path + "/diskful", "").status());
        assertFalse(isDiskless());

        assertEquals(500, server.put(path, "{\"operation\":\"INTO_NOTHING\"}").status());
        assertEquals(500, server.put(path, "{}").status(), "a second one would undo the first");
        assertFalse(isDiskless());
        assertEquals(
                404,
                server.put("/v1/resource-definitions/db1/resources/n9/toggle-disk/diskless", "")
                        .status());
    }

    @Test
    void movesADiskByTheNewPathAndTheOldOnes() throws Exception {
        addNodes(2);
        addVolume("db1");
        String resources = "/v1/resource-definitions/db1/resources";
        String path = resources + "/n2/";
        for (String call : List.of("migrate-disk/n1", "migrate-disk/n1/drbdpool", "toggle-disk")) {
            server.post(
                    resources,
                    "[{\"resource\":{\"node_name\":\"n1\"}},"
                            + "{\"resource\":{\"node_name\":\"n2\",\"flags\":[\"DISKLESS\"]}}]");
            assertTrue(isDiskless(), call);

            assertEquals(
                    200, server.put(path + call, "{\"migrate_from\":\"n1\"}").status(), call);

            assertFalse(isDiskless(), call);
            assertEquals(404, server.get(resources + "/n1").status(), call);
            server.delete(resources + "/n2");
        }

        assertEquals(
                500,
                server.put(path + "toggle-disk", "{\"operation\":\"INTO_DRBD_DISKLESS\",\"migrate_from\":\"n1\"}")
                        .status());
        assertEquals(404, server.put(path + "migrate-disk/n1", "").status());
    }

    private boolean isDiskless() throws Exception {
        return server.get("/v1/resource-definitions/db1/resources/n2")
                .json()
                .path("flags")
                .toString()
                .contains("DISKLESS");
    }

    @Test
    void saysNothingOfTheStateOfANodeThatIsNotReached() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");
        cluster.cutOff(new NodeName("n2"));

        JsonNode rows = server.get("/v1/view/resources").json();

        assertTrue(rows.get(0).has("state"));
        assertFalse(rows.get(1).has("state"));
        assertFalse(rows.get(1).at("/volumes/0").has("state"));
        assertEquals(
                "OFFLINE",
                server.get("/v1/nodes/n2").json().get("connection_status").asText());
    }

    @Test
    void showsADefinitionOnItsWayOutUntilItsNameIsUsedAgain() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");
        cluster.cutOff(new NodeName("n2"));
        assertEquals(200, server.delete("/v1/resource-definitions/db1").status());

        JsonNode leaving = server.get("/v1/view/resources").json();
        addVolume("db1");
        JsonNode again = server.get("/v1/view/resources?nodes=n1").json();
        JsonNode definitions = server.get("/v1/resource-definitions").json();

        assertEquals("DELETE", leaving.get(0).get("flags").get(0).asText());
        assertEquals(0, again.size());
        assertEquals(1, definitions.size());
        assertFalse(definitions.get(0).has("flags"));
    }

    @Test
    void filtersByNodesResourcesPoolsPropertiesOffsetAndLimit() throws Exception {
        addNodes(3);
        for (String name : List.of("a", "b", "c")) {
            addVolume(name);
            server.post("/v1/resource-definitions/" + name + "/autoplace", "{\"select_filter\":{\"place_count\":3}}");
        }
        server.put("/v1/resource-definitions/b/resources/n2", "{\"override_props\":{\"Aux/tier\":\"fast\"}}");

        assertEquals(List.of("a/n2", "b/n2", "c/n2"), rows("nodes=N2"));
        assertEquals(List.of("a/n1", "a/n3", "c/n1", "c/n3"), rows("resources=a&resources=C&nodes=n1&nodes=n3"));
        assertEquals(List.of("b/n2"), rows("props=Aux/tier"));
        assertEquals(List.of("b/n2"), rows("props=Aux/tier%3Dfast"));
        assertEquals(List.of(), rows("props=Aux/tier%3Dslow"));
        assertEquals(List.of("a/n2", "a/n3"), rows("offset=1&limit=2"));
        assertEquals(List.of("c/n3"), rows("offset=8&limit=5&cached=true"));
        assertEquals(List.of(), rows("storage_pools=other"));
        assertEquals(List.of(), rows("resources=no/such%20name"));
        assertEquals(List.of(), rows("offset=100"));
        assertEquals(9, rows("limit=0").size());
        assertEquals(
                2,
                server.get("/v1/view/storage-pools?nodes=n1&nodes=n2&storage_pools=POOL")
                        .json()
                        .size());
        assertEquals(1, server.get("/v1/nodes?nodes=n1").json().size());
        assertEquals(
                "b",
                server.get("/v1/resource-definitions?resource_definitions=B")
                        .json()
                        .get(0)
                        .get("name")
                        .asText());
        assertEquals(9, server.get("/v1/stats/resources").json().get("count").asInt());
    }

    private List<String> rows(String query) throws Exception {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : server.get("/v1/view/resources?" + query).json()) {
            rows.add(row.get("name").asText() + "/" + row.get("node_name").asText());
        }
        return rows;
    }

    @Test
    void showsEachRowAsItIsAfterEveryChange() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");
        String before = server.get("/v1/view/resources").body();

        server.put("/v1/resource-definitions/db1/volume-definitions/0", "{\"size_kib\":131072}");

        String after = server.get("/v1/view/resources").body();
        assertTrue(before.contains("\"usable_size_kib\":65536"));
        assertFalse(after.contains("\"usable_size_kib\":65536"), after);
        assertEquals(after, server.get("/v1/view/resources").body());
        assertEquals(
                206,
                server.put("/v1/resource-definitions/db1/volume-definitions/0", "{\"size_kib\":65536}")
                        .number());
    }

    @Test
    void neverShowsASharedSecret() throws Exception {
        addNodes(1);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":1}}");

        for (String path : List.of(
                "/v1/resource-definitions?with_volume_definitions=true",
                "/v1/resource-definitions/db1",
                "/v1/view/resources")) {
            String body = server.get(path).body();
            assertFalse(body.contains("never shown"), body);
            assertTrue(body.contains("\"secret\":\"\""), "a client reads the field");
        }
    }

    @Test
    void keepsPropertiesOfTheController() throws Exception {
        assertEquals(
                201,
                server.post("/v1/controller/properties", "{\"override_props\":{\"DrbdOptions/Net/max-buffers\":8000}}")
                        .status());
        assertEquals(
                "8000",
                server.get("/v1/controller/properties")
                        .json()
                        .get("DrbdOptions/Net/max-buffers")
                        .asText());
        assertEquals(
                200,
                server.delete("/v1/controller/properties/DrbdOptions/Net/max-buffers")
                        .status());
        assertFalse(server.get("/v1/controller/properties").json().has("DrbdOptions/Net/max-buffers"));
    }

    @Test
    void makesShowsChangesAndDeletesResourceGroups() throws Exception {
        Answer created = server.post(
                "/v1/resource-groups",
                "{\"name\":\"vms\",\"description\":\"disks\",\"props\":{\"Aux/tier\":\"fast\"},\"select_filter\":{\"place_count\":\"3\","
                        + "\"storage_pool_list\":[\"pool\"],\"layer_stack\":[\"storage\"]}}");
        assertEquals(201, created.status(), created.body());
        JsonNode shown =
                server.get("/v1/resource-groups?resource_groups=VMS").json().get(0);
        assertEquals("vms", shown.get("name").asText());
        assertEquals("disks", shown.get("description").asText());
        assertEquals("fast", shown.get("props").get("Aux/tier").asText());
        assertEquals(
                "{\"place_count\":3,\"storage_pool\":\"pool\",\"storage_pool_list\":[\"pool\"],\"layer_stack\":[\"STORAGE\"]}",
                shown.get("select_filter").toString());

        assertEquals(
                200,
                server.put(
                                "/v1/resource-groups/vms",
                                "{\"select_filter\":{\"place_count\":2,\"storage_pool_list\":[]}}")
                        .status());
        assertEquals(
                "{\"place_count\":2,\"layer_stack\":[\"STORAGE\"]}",
                server.get("/v1/resource-groups/vms")
                        .json()
                        .get("select_filter")
                        .toString());
        assertEquals(
                500,
                server.put("/v1/resource-groups/vms", "{\"select_filter\":{\"replicas_on_same\":[\"Aux/site\"]}}")
                        .status());
        assertEquals(404, server.put("/v1/resource-groups/nosuch", "{}").status());
        assertEquals(500, server.post("/v1/resource-groups", "{}").status());

        assertEquals(200, server.delete("/v1/resource-groups/vms").status());
        assertEquals(404, server.get("/v1/resource-groups/vms").status());
        Answer again = server.delete("/v1/resource-groups/vms");
        assertEquals(200, again.status());
        assertEquals(3000, again.number());
    }

    @Test
    void spawnsFromResourceGroupsAndTellsWhatTheyCanTake() throws Exception {
        server.post("/v1/resource-groups", "{\"name\":\"vms\"}");
        String groups = "/v1/resource-groups/vms/volume-groups";

        Answer created = server.post(groups, "{}");
        assertEquals(201, created.status(), created.body());
        assertEquals(0x1480001, created.json().get(0).get("ret_code").asLong());
        assertEquals(
                201,
                server.post(groups, "{\"volume_number\":3,\"flags\":[\"GROSS_SIZE\"]}")
                        .status());
        assertEquals(500, server.post(groups, "{\"volume_number\":3}").status());
        assertEquals(500, server.post(groups, "{\"props\":{\"a\":\"b\"}}").status());
        JsonNode shown = server.get(groups).json();
        assertEquals(
                List.of(0, 3),
                List.of(
                        shown.get(0).get("volume_number").asInt(),
                        shown.get(1).get("volume_number").asInt()));
        assertEquals("[\"GROSS_SIZE\"]", shown.get(1).get("flags").toString());
        assertEquals(
                200, server.put(groups + "/3", "{\"flags\":[\"-GROSS_SIZE\"]}").status());
        assertTrue(server.get(groups).json().get(1).path("flags").isEmpty());
        assertEquals(404, server.put(groups + "/4", "{}").status());
        assertEquals(200, server.delete(groups + "/3").status());

        Answer spawned = server.post(
                "/v1/resource-groups/vms/spawn",
                "{\"resource_definition_name\":\"sp1\",\"volume_sizes\":[65536],\"partial\":false,"
                        + "\"definitions_only\":false,\"select_filter\":{}}");
        assertEquals(201, spawned.status(), spawned.body());
        assertEquals(
                65536,
                server.get("/v1/resource-definitions/sp1/volume-definitions")
                        .json()
                        .get(0)
                        .get("size_kib")
                        .asLong());
        assertEquals(
                500,
                server.post("/v1/resource-groups/vms/spawn", "{\"volume_sizes\":[65536]}")
                        .status());
        assertEquals(
                500,
                server.post(
                                "/v1/resource-groups/vms/spawn",
                                "{\"resource_definition_name\":\"sp2\",\"select_filter\":{\"layer_stack\":[\"storage\"]}}")
                        .status());

        JsonNode space = server.post("/v1/resource-groups/vms/query-size-info", "{\"select_filter\":{}}")
                .json()
                .get("space_info");
        assertEquals(65536, space.get("max_vlm_size_in_kib").asLong());
        assertEquals(102400, space.get("available_size_in_kib").asLong());
        assertEquals(204800, space.get("capacity_in_kib").asLong());
        assertEquals(
                "n1", space.get("next_spawn_result").get(0).get("node_name").asText());
        assertEquals(
                65536,
                server.get("/v1/resource-groups/vms/query-max-volume-size")
                        .json()
                        .get("candidates")
                        .get(0)
                        .get("max_volume_size_kib")
                        .asLong());
        JsonNode all = server.post("/v1/queries/resource-groups/query-all-size-info", "{}")
                .json()
                .get("result");
        assertEquals(
                65536,
                all.get("vms").get("space_info").get("max_vlm_size_in_kib").asLong());
        assertTrue(all.has("DfltRscGrp"));
        assertEquals(
                404,
                server.post("/v1/resource-groups/nosuch/query-size-info", "{}").status());
    }

    @Test
    void keepsOptionsOfGroupsAndConnections() throws Exception {
        addNodes(2);
        addVolume("db1");
        server.post("/v1/resource-definitions/db1/autoplace", "{\"select_filter\":{\"place_count\":2}}");
        String change = "{\"override_props\":{\"DrbdOptions/Net/ping-timeout\":\"9\"}}";

        assertEquals(200, server.put("/v1/node-connections/n2/n1", change).status());
        assertEquals(
                200,
                server.put("/v1/resource-definitions/db1/resource-connections/n1/n2", change)
                        .status());
        assertEquals(
                200,
                server.put("/v1/resource-groups/DfltRscGrp", "{\"select_filter\":{}," + change.substring(1))
                        .status());

        for (String path : List.of("/v1/node-connections", "/v1/resource-definitions/db1/resource-connections")) {
            JsonNode row = server.get(path).json().get(0);
            assertEquals("n1", row.get("node_a").asText());
            assertEquals("n2", row.get("node_b").asText());
            assertEquals(
                    "9", row.get("props").get("DrbdOptions/Net/ping-timeout").asText());
        }
        assertEquals(
                "9",
                server.get("/v1/resource-groups/DfltRscGrp")
                        .json()
                        .get("props")
                        .get("DrbdOptions/Net/ping-timeout")
                        .asText());
        assertEquals(0, server.get("/v1/node-connections?node_a=n3").json().size());
        assertEquals(404, server.put("/v1/resource-groups/nosuch", change).status());
        assertEquals(404, server.put("/v1/node-connections/n1/n7", change).status());
        assertEquals(
                500,
                server.put("/v1/node-connections/n1/n2", change.replace("\"9\"", "\"301\""))
                        .status());
        assertEquals(
                200,
                server.put("/v1/node-connections/n1/n2", "{\"delete_props\":[\"DrbdOptions/Net/ping-timeout\"]}")
                        .status());
        assertEquals(0, server.get("/v1/node-connections").json().size());
    }

    @Test
    void answersWithManyRowsAtOnceAsWithFew() throws Exception {
        addNodes(1);
        for (int i = 0; i < 100; i++) {
            addVolume("volume" + i);
            server.post(
                    "/v1/resource-definitions/volume" + i + "/autoplace", "{\"select_filter\":{\"place_count\":1}}");
        }

        Answer all = server.get("/v1/view/resources");

        assertEquals(100, all.json().size());
        assertTrue(all.body().length() > 64 * 1024);
        assertEquals(
                server.get("/v1/resource-definitions").body().length(),
                server.get("/v1/resource-definitions")
                        .headers()
                        .firstValueAsLong("Content-Length")
                        .orElse(-1));
        assertEquals(
                all.body().getBytes(StandardCharsets.UTF_8).length,
                all.headers().firstValueAsLong("Content-Length").orElse(-1));
        assertTrue(
                cluster.state().resourceDefinition(new ResourceName("volume99")).isPresent());
    }

    @Test
    @Timeout(120)
    void holdsNoThreadWhileAChangeTakesItsTime() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cluster.gate = gate;
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            running.add(server.client()
                    .sendAsync(
                            server.request("/v1/resource-definitions")
                                    .POST(BodyPublishers.ofString(
                                            "{\"resource_definition\":{\"name\":\"volume" + i + "\"}}"))
                                    .build(),
                            BodyHandlers.ofString()));
        }
        while (server.get("/v1/stats/resource-definitions").json().get("count").asInt() < 400) {
            Thread.onSpinWait();
        }
        assertTrue(running.stream().noneMatch(CompletableFuture::isDone));

        gate.complete(null);

        for (CompletableFuture<HttpResponse<String>> answer : running) {
            assertEquals(201, answer.get(60, TimeUnit.SECONDS).statusCode());
        }
    }

    @Test
    void answersAFailureThatComesLate() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cluster.gate = gate;
        CompletableFuture<HttpResponse<String>> running = server.client()
                .sendAsync(
                        server.request("/v1/resource-definitions/nosuch")
                                .PUT(BodyPublishers.ofString("{}"))
                                .build(),
                        BodyHandlers.ofString());

        gate.complete(null);

        assertEquals(404, running.get(60, TimeUnit.SECONDS).statusCode());
    }

    @Test
    void restoresSnapshotsAsClientsDo() throws Exception {
        server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"db1\"}}");
        server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"log\"}}");
        for (String body : List.of(
                "{\"to_resource\":\"log\"}",
                "{\"to_resource\":\"log\",\"nodes\":[],\"stor_pool_rename\":{}}",
                "{\"to_resource\":\"log\",\"nodes\":[\"n1\"],\"stor_pool_rename\":{\"a\":\"b\"}}")) {
            var volumes = server.post("/v1/resource-definitions/db1/snapshot-restore-volume-definition/s1", body);
            assertEquals(200, volumes.status(), volumes.body());
            var resources = server.post("/v1/resource-definitions/db1/snapshot-restore-resource/s1", body);
            assertEquals(200, resources.status(), resources.body());
            assertTrue(
                    resources
                            .body()
                            .contains(body.contains("n1") ? "restored on [n1] in {a=b}" : "restored on [] in {}"),
                    resources.body());
        }
        assertEquals(
                500,
                server.post("/v1/resource-definitions/db1/snapshot-restore-resource/s1", "{}")
                        .status());
        assertEquals(
                404,
                server.post("/v1/resource-definitions/db1/snapshot-restore-resource/s1", "{\"to_resource\":\"no\"}")
                        .status());
        assertEquals(
                404,
                server.post("/v1/resource-definitions/db1/snapshot-rollback/s1", "{}")
                        .status());
        server.post("/v1/resource-definitions/db1/snapshots", "{\"name\":\"s1\"}");
        for (String body : List.of("", "{}")) {
            assertEquals(
                    200,
                    server.post("/v1/resource-definitions/db1/snapshot-rollback/s1", body)
                            .status());
        }
    }

    @Test
    void takesListsChangesAndDeletesSnapshots() throws Exception {
        server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"db1\"}}");
        server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"log\"}}");

        assertEquals(
                201,
                server.post("/v1/resource-definitions/db1/snapshots", "{\"name\":\"s1\"}")
                        .status());
        assertEquals(
                201,
                server.post(
                                "/v1/actions/snapshot/multi",
                                "{\"snapshots\":[{\"resource_name\":\"db1\",\"name\":\"s2\"},"
                                        + "{\"resource_name\":\"log\",\"name\":\"s2\"}]}")
                        .status());
        assertEquals(
                500, server.post("/v1/resource-definitions/db1/snapshots", "{}").status());
        assertEquals(500, server.post("/v1/actions/snapshot/multi", "{}").status());
        assertEquals(
                500,
                server.post("/v1/resource-definitions/db1/snapshots", "{\"name\":\"s3\",\"nodes\":[\"n1\"]}")
                        .status());
        String all = server.get("/v1/view/snapshots").body();
        assertEquals(3, all.split("\"flags\":\\[\"SUCCESSFUL\"\\]", -1).length - 1, all);
        assertTrue(all.contains("\"volume_definitions\":[{\"volume_number\":0,\"size_kib\":65536}]"), all);
        String ofLog = server.get("/v1/view/snapshots?resources=log").body();
        assertTrue(ofLog.contains("\"resource_name\":\"log\"") && !ofLog.contains("db1"), ofLog);
        String one = server.get("/v1/resource-definitions/db1/snapshots?snapshots=s2")
                .body();
        assertTrue(one.contains("\"name\":\"s2\"") && !one.contains("\"name\":\"s1\""), one);
        assertEquals(
                404, server.get("/v1/resource-definitions/db1/snapshots/nosuch").status());
        assertEquals(
                404, server.get("/v1/resource-definitions/nosuch/snapshots").status());

        assertEquals(
                200,
                server.put(
                                "/v1/resource-definitions/db1/snapshots/s1",
                                "{\"override_props\":{\"Aux/why\":\"upgrade\"}}")
                        .status());
        assertTrue(
                server.get("/v1/resource-definitions/db1/snapshots/s1").body().contains("\"Aux/why\":\"upgrade\""));
        assertEquals(
                200, server.delete("/v1/resource-definitions/db1/snapshots/s1").status());
        assertEquals(
                404, server.get("/v1/resource-definitions/db1/snapshots/s1").status());
    }

    @Test
    void describesItself() throws Exception {
        assertTrue(server.get("/v1/openapi").body().startsWith("openapi: 3"));
        assertEquals("[]", server.get("/v1/view/snapshots").body());
        assertEquals("[]", server.get("/v1/error-reports?withContent=False").body());
        assertEquals(
                "DfltRscGrp",
                server.get("/v1/resource-groups").json().get(0).get("name").asText());
    }
}
