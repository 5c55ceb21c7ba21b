package io.heddle.tests.doors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.HeddledOnMachine;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Refused;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets one clear error, with cause and correction, the same one at every door, and leaves nothing behind. */
class BadInputIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Path directory;
    private static HeddledOnMachine heddled;
    private static ClusterClient client;

    /** What a door said. */
    private record Said(String code, String what, String why, String correction) {}

    /**
     * Something that cannot be done.
     *
     * @param code what it is refused with
     * @param path where REST is asked to, by POST
     * @param body what REST is sent
     * @param call the same over JMX
     * @param command the same in the console
     */
    private record Bad(
            String title,
            String code,
            String path,
            String body,
            Function<ClusterMXBean, List<ReplyRow>> call,
            String command) {
        @Override
        public String toString() {
            return title;
        }
    }

    @BeforeAll
    static void start() {
        directory = Places.newDirectory("bad-input");
        heddled = HeddledOnMachine.controller(directory);
        heddled.start();
        heddled.awaitUp();
        client = heddled.client();
        // nothing answers there: what is refused is refused without any satellite
        client.ask(cluster -> cluster.createNode("n1", "", "127.0.0.1", 1, "", ""));
        client.ask(cluster -> cluster.createResourceDefinition("db1", "", ""));
        client.ask(cluster -> cluster.createVolumeDefinition("db1", "64M", false, 0));
    }

    @AfterAll
    static void stop() {
        client.close();
        heddled.close();
        Places.remove(directory);
    }

    static Stream<Bad> bad() {
        return Stream.of(
                new Bad(
                        "a duplicate node",
                        "NODE_EXISTS",
                        "/v1/nodes",
                        "{'name':'n1','type':'SATELLITE','net_interfaces':[{'name':'default','address':'10.1.0.2'}]}",
                        cluster -> cluster.createNode("n1", "", "10.1.0.2", 0, "", ""),
                        "node create n1 10.1.0.2"),
                new Bad(
                        "a node name that is not allowed",
                        "INVALID_NAME",
                        "/v1/nodes",
                        "{'name':'-bad-','type':'SATELLITE','net_interfaces':[{'name':'default','address':'10.1.0.2'}]}",
                        cluster -> cluster.createNode("-bad-", "", "10.1.0.2", 0, "", ""),
                        "node create -- -bad- 10.1.0.2"),
                new Bad(
                        "a bad address",
                        "INVALID_ADDRESS",
                        "/v1/nodes",
                        "{'name':'n2','type':'SATELLITE','net_interfaces':[{'name':'default','address':'10.1.0.300'}]}",
                        cluster -> cluster.createNode("n2", "", "10.1.0.300", 0, "", ""),
                        "node create n2 10.1.0.300"),
                new Bad(
                        "an address on an unknown node",
                        "NODE_NOT_FOUND",
                        "/v1/nodes/n9/net-interfaces",
                        "{'name':'data','address':'10.2.0.9'}",
                        cluster -> cluster.createNetInterface("n9", "data", "10.2.0.9", 0, "", false),
                        "node interface create n9 data 10.2.0.9"),
                new Bad(
                        "a pool on an unknown node",
                        "NODE_NOT_FOUND",
                        "/v1/nodes/n9/storage-pools",
                        "{'storage_pool_name':'pool','provider_kind':'LVM_THIN','props':{'StorDriver/StorPoolName':'vg/thin'}}",
                        cluster -> cluster.createStoragePool("LVM_THIN", "n9", "pool", "vg/thin"),
                        "storage-pool create lvmthin n9 pool vg/thin"),
                new Bad(
                        "a pool name that is not allowed",
                        "INVALID_NAME",
                        "/v1/nodes/n1/storage-pools",
                        "{'storage_pool_name':'p%l','provider_kind':'LVM_THIN','props':{'StorDriver/StorPoolName':'vg/thin'}}",
                        cluster -> cluster.createStoragePool("LVM_THIN", "n1", "p%l", "vg/thin"),
                        "storage-pool create lvmthin n1 p%l vg/thin"),
                new Bad(
                        "a duplicate resource definition",
                        "RESOURCE_DEFINITION_EXISTS",
                        "/v1/resource-definitions",
                        "{'resource_definition':{'name':'DB1'}}",
                        cluster -> cluster.createResourceDefinition("DB1", "", ""),
                        "resource-definition create DB1"),
                new Bad(
                        "a resource name that is not allowed",
                        "INVALID_NAME",
                        "/v1/resource-definitions",
                        "{'resource_definition':{'name':'1bad'}}",
                        cluster -> cluster.createResourceDefinition("1bad", "", ""),
                        "resource-definition create 1bad"),
                new Bad(
                        "a volume of an unknown definition",
                        "RESOURCE_DEFINITION_NOT_FOUND",
                        "/v1/resource-definitions/db9/volume-definitions",
                        "{'volume_definition':{'size_kib':65536}}",
                        cluster -> cluster.createVolumeDefinition("db9", "64M", false, -1),
                        "volume-definition create db9 64M"),
                new Bad(
                        "a size under 4 MiB",
                        "INVALID_SIZE",
                        "/v1/resource-definitions/db1/volume-definitions",
                        "{'volume_definition':{'size_kib':1024}}",
                        cluster -> cluster.createVolumeDefinition("db1", "1M", false, -1),
                        "volume-definition create db1 1M"),
                new Bad(
                        "what is no size",
                        "INVALID_SIZE",
                        "/v1/resource-definitions/db1/volume-definitions",
                        "{'volume_definition':{'size_kib':'many'}}",
                        cluster -> cluster.createVolumeDefinition("db1", "many", false, -1),
                        "volume-definition create db1 many"),
                new Bad(
                        "a duplicate volume number",
                        "VOLUME_DEFINITION_EXISTS",
                        "/v1/resource-definitions/db1/volume-definitions",
                        "{'volume_definition':{'size_kib':65536,'volume_number':0}}",
                        cluster -> cluster.createVolumeDefinition("db1", "64M", false, 0),
                        "volume-definition create db1 64M -n 0"),
                new Bad(
                        "an unknown node",
                        "NODE_NOT_FOUND",
                        "/v1/resource-definitions/db1/resources",
                        "[{'resource':{'node_name':'n9','props':{'StorPoolName':'pool'}}}]",
                        cluster -> cluster.createResource("db1", "n9", "pool", false),
                        "resource create n9 db1 -s pool"),
                new Bad(
                        "an unknown pool",
                        "STORAGE_POOL_NOT_FOUND",
                        "/v1/resource-definitions/db1/resources",
                        "[{'resource':{'node_name':'n1','props':{'StorPoolName':'nopool'}}}]",
                        cluster -> cluster.createResource("db1", "n1", "nopool", false),
                        "resource create n1 db1 -s nopool"),
                new Bad(
                        "too few nodes",
                        "NOT_ENOUGH_NODES",
                        "/v1/resource-definitions/db1/autoplace",
                        "{'select_filter':{'place_count':3}}",
                        cluster -> cluster.autoPlace("db1", 3, "", ""),
                        "resource create db1 --auto-place 3"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void isRefusedAlikeAtEveryDoorAndLeavesNothingBehind(Bad bad) throws Exception {
        String before = client.ask(ClusterMXBean::exportState);

        Said rest = rest(bad);
        Said jmx = jmx(bad);
        Said console = console(bad);

        assertEquals(bad.code(), jmx.code(), jmx.toString());
        assertFalse(
                jmx.what().isBlank() || jmx.why().isBlank() || jmx.correction().isBlank(), jmx.toString());
        assertEquals(jmx, console);
        if (rest.code().equals("INVALID_SIZE") && bad.body().contains("many")) {
            // what a size looks like is another thing in JSON
            rest = new Said(rest.code(), rest.what(), jmx.why(), jmx.correction());
        }
        assertEquals(jmx, rest);
        assertEquals(before, client.ask(ClusterMXBean::exportState));
    }

    private static Said rest(Bad bad) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(heddled.rest().resolve(bad.path()))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(bad.body().replace('\'', '"')))
                        .build(),
                BodyHandlers.ofString());
        JsonNode entries = MAPPER.readTree(response.body());
        assertEquals(1, entries.size(), response.body());
        JsonNode only = entries.get(0);
        return new Said(
                only.path("error_code").asText(),
                only.path("message").asText(),
                only.path("cause").asText(),
                only.path("correction").asText());
    }

    private static Said jmx(Bad bad) {
        Refused refusal = assertThrows(Refused.class, () -> client.ask(bad.call()));
        return new Said(refusal.code(), refusal.what(), refusal.why(), refusal.correction());
    }

    private static Said console(Bad bad) throws IOException {
        Program.Result result = heddled.console(("-m " + bad.command()).split(" "));
        assertEquals(1, result.exit(), result.toString());
        JsonNode error = MAPPER.readTree(result.output()).path("error");
        return new Said(
                error.path("code").asText(),
                error.path("what").asText(),
                error.path("why").asText(),
                error.path("correction").asText());
    }
}
