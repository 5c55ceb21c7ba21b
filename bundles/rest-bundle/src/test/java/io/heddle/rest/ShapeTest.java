package io.heddle.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every field that clients of REST v1 read is there, with the type they read it as; seen in what they were answered by others. */
class ShapeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /v1/nodes | /0 | name:STRING type:STRING props:OBJECT connection_status:STRING uuid:STRING net_interfaces:ARRAY storage_providers:ARRAY resource_layers:ARRAY unsupported_providers:OBJECT unsupported_layers:OBJECT platform:STRING os_variant:STRING
                    /v1/nodes | /0/net_interfaces/0 | name:STRING address:STRING satellite_port:NUMBER satellite_encryption_type:STRING is_active:BOOLEAN uuid:STRING
                    /v1/view/storage-pools | /0 | storage_pool_name:STRING node_name:STRING provider_kind:STRING static_traits:OBJECT free_capacity:NUMBER total_capacity:NUMBER free_space_mgr_name:STRING uuid:STRING supports_snapshots:BOOLEAN external_locking:BOOLEAN
                    /v1/view/storage-pools | /1 | storage_pool_name:STRING node_name:STRING provider_kind:STRING props:OBJECT static_traits:OBJECT free_capacity:NUMBER total_capacity:NUMBER free_space_mgr_name:STRING uuid:STRING supports_snapshots:BOOLEAN external_locking:BOOLEAN
                    /v1/resource-definitions?with_volume_definitions=true | /0 | name:STRING layer_data:ARRAY uuid:STRING resource_group_name:STRING volume_definitions:ARRAY
                    /v1/resource-definitions?with_volume_definitions=true | /0/layer_data/0/data | peer_slots:NUMBER al_stripes:NUMBER al_stripe_size_kib:NUMBER port:NUMBER transport_type:STRING secret:STRING down:BOOLEAN
                    /v1/resource-definitions?with_volume_definitions=true | /0/volume_definitions/0 | volume_number:NUMBER size_kib:NUMBER layer_data:ARRAY uuid:STRING flags:ARRAY
                    /v1/resource-definitions?with_volume_definitions=true | /0/volume_definitions/0/layer_data/0/data | volume_number:NUMBER minor_number:NUMBER
                    /v1/view/resources | /0 | name:STRING node_name:STRING props:OBJECT layer_object:OBJECT state:OBJECT uuid:STRING create_timestamp:NUMBER volumes:ARRAY
                    /v1/view/resources | /0/state | in_use:BOOLEAN
                    /v1/view/resources | /0/layer_object | children:ARRAY type:STRING drbd:OBJECT
                    /v1/view/resources | /0/layer_object/children/0 | type:STRING storage:OBJECT
                    /v1/view/resources | /0/layer_object/children/0/storage/storage_volumes/0 | volume_number:NUMBER device_path:STRING allocated_size_kib:NUMBER usable_size_kib:NUMBER disk_state:STRING
                    /v1/view/resources | /0/layer_object/drbd | drbd_resource_definition:OBJECT node_id:NUMBER tcp_ports:ARRAY peer_slots:NUMBER al_stripes:NUMBER al_size:NUMBER flags:ARRAY drbd_volumes:ARRAY connections:OBJECT promotion_score:NUMBER may_promote:BOOLEAN
                    /v1/view/resources | /0/layer_object/drbd/drbd_volumes/0 | drbd_volume_definition:OBJECT device_path:STRING backing_device:STRING allocated_size_kib:NUMBER usable_size_kib:NUMBER
                    /v1/view/resources | /0/layer_object/drbd/connections/n2 | connected:BOOLEAN message:STRING
                    /v1/view/resources | /0/volumes/0 | volume_number:NUMBER storage_pool_name:STRING provider_kind:STRING device_path:STRING allocated_size_kib:NUMBER state:OBJECT layer_data_list:ARRAY uuid:STRING
                    /v1/view/resources | /0/volumes/0/state | disk_state:STRING replication_states:OBJECT
                    /v1/view/resources | /0/volumes/0/state/replication_states/n2 | replication_state:STRING
                    /v1/view/resources | /0/volumes/0/layer_data_list/0/data | drbd_volume_definition:OBJECT device_path:STRING backing_device:STRING allocated_size_kib:NUMBER usable_size_kib:NUMBER
                    /v1/view/resources | /0/volumes/0/layer_data_list/1/data | volume_number:NUMBER device_path:STRING allocated_size_kib:NUMBER usable_size_kib:NUMBER disk_state:STRING
                    /v1/resource-groups | /0 | name:STRING select_filter:OBJECT uuid:STRING
                    /v1/controller/version | '' | version:STRING git_hash:STRING build_time:STRING rest_api_version:STRING
                    """)
    void hasTheFieldsThatClientsRead(String path, String at, String fields) throws Exception {
        MemoryCluster cluster = new MemoryCluster();
        try (RestServer server = RestServer.serving(cluster)) {
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
            cluster.bulk(1, 2);

            JsonNode shown = server.get(path).json().at(at);

            List<String> found = new ArrayList<>();
            for (String field : fields.strip().split(" ")) {
                String name = field.substring(0, field.indexOf(':'));
                found.add(name + ":" + shown.path(name).getNodeType());
            }
            assertEquals(List.of(fields.strip().split(" ")), found, () -> shown.toPrettyString());
        }
    }
}
