package io.heddle.rest;

import io.heddle.core.model.LinkEncryption;
import io.heddle.rest.body.RequestReader;
import io.heddle.rest.endpoint.ControllerEndpoint;
import io.heddle.rest.endpoint.FixedEndpoint;
import io.heddle.rest.endpoint.NodeConnectionEndpoint;
import io.heddle.rest.endpoint.NodeEndpoint;
import io.heddle.rest.endpoint.PropertyInfo;
import io.heddle.rest.endpoint.QueryEndpoint;
import io.heddle.rest.endpoint.ResourceConnectionEndpoint;
import io.heddle.rest.endpoint.ResourceDefinitionEndpoint;
import io.heddle.rest.endpoint.ResourceEndpoint;
import io.heddle.rest.endpoint.ResourceGroupEndpoint;
import io.heddle.rest.endpoint.ResourceRows;
import io.heddle.rest.endpoint.SnapshotEndpoint;
import io.heddle.rest.endpoint.SnapshotRestoreEndpoint;
import io.heddle.rest.endpoint.SnapshotRollbackEndpoint;
import io.heddle.rest.endpoint.SnapshotVolumesEndpoint;
import io.heddle.rest.endpoint.SnapshotsEndpoint;
import io.heddle.rest.endpoint.SplitBrainEndpoint;
import io.heddle.rest.endpoint.StoragePoolEndpoint;
import io.heddle.rest.endpoint.UnclaimedEndpoint;
import io.heddle.rest.endpoint.ViewEndpoint;
import io.heddle.rest.reply.Answers;
import io.heddle.rest.reply.ErrorMapper;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.async.AsyncContextDelegateProviderImpl;
import org.glassfish.jersey.servlet.spi.AsyncContextDelegateProvider;

/** The paths of REST v1 as a Jersey application: no scanning, only what is named here. */
final class RestApplication extends ResourceConfig {
    RestApplication(ClusterServices services, Answers answers, LinkEncryption encryption) {
        property(ServerProperties.WADL_FEATURE_DISABLE, true);
        property(ServerProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true);
        property(ServerProperties.METAINF_SERVICES_LOOKUP_DISABLE, true);
        property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true);
        property("jersey.config.disableDefaultProvider", "ALL");
        register(NodeEndpoint.class);
        register(StoragePoolEndpoint.class);
        register(ResourceDefinitionEndpoint.class);
        register(UnclaimedEndpoint.class);
        register(ResourceEndpoint.class);
        register(ResourceConnectionEndpoint.class);
        register(SplitBrainEndpoint.class);
        register(NodeConnectionEndpoint.class);
        register(ResourceGroupEndpoint.class);
        register(QueryEndpoint.class);
        register(SnapshotEndpoint.class);
        register(SnapshotRestoreEndpoint.class);
        register(SnapshotRollbackEndpoint.class);
        register(SnapshotVolumesEndpoint.class);
        register(SnapshotsEndpoint.class);
        register(ViewEndpoint.class);
        register(ControllerEndpoint.class);
        register(FixedEndpoint.class);
        registerResources(PropertyInfo.resources());
        register(RequestReader.class);
        register(ErrorMapper.class);
        register(new AbstractBinder() {
            @Override
            protected void configure() {
                bind(services).to(ClusterServices.class);
                bind(answers).to(Answers.class);
                bind(encryption).to(LinkEncryption.class);
                bind(new ResourceRows()).to(ResourceRows.class);
                // What lets a request go on without a thread; looked up nowhere, since lookups are off.
                bind(AsyncContextDelegateProviderImpl.class).to(AsyncContextDelegateProvider.class);
            }
        });
    }
}
