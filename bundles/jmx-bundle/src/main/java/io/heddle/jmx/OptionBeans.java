package io.heddle.jmx;

import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.OptionPlace;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one {@link OptionsBean} registered for each place that options can be set on, as places come and go. Beyond
 * {@link #MOST_IN_DETAIL} definitions the volumes, nodes and connections of a definition have beans only where something is set:
 * a client could not show them all, and each takes memory; {@code setDrbdOptions} of the cluster's bean reaches the others.
 */
final class OptionBeans {
    /** Definitions up to which everything has a bean. */
    static final int MOST_IN_DETAIL = 1000;

    private static final String TYPE = "io.heddle:type=DrbdOptions";
    private static final String ALL = TYPE + ",*";
    private static final long LONGEST_END_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(OptionBeans.class);

    private final MBeanServer server;
    private final ClusterServices services;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "jmx-option-beans");
        thread.setDaemon(true);
        return thread;
    });
    /** Touched by the worker only: by definition, and what is of none of them. */
    private final Map<Optional<ResourceName>, Map<ObjectName, OptionPlace>> registered = new HashMap<>();

    private @Nullable ClusterEvents source;
    private ClusterEvents.@Nullable Subscription subscription;

    OptionBeans(MBeanServer server, ClusterServices services) {
        this.server = server;
        this.services = services;
    }

    /** Registers what there is, and keeps to what this source tells. */
    synchronized void follow(ClusterEvents arriving) {
        endSubscription();
        source = arriving;
        subscription = arriving.subscribe(event -> {
            if (event.kind() == ClusterEvent.Kind.STATE_CHANGED) {
                inTurn(() -> refresh(services.view().state(), event.resource()));
            }
        });
        inTurn(() -> refresh(services.view().state()));
    }

    /** No more is heard of that source; the beans stay, and wait for the next as all of Heddle's beans do. */
    synchronized void leave(ClusterEvents leaving) {
        if (source == leaving) {
            endSubscription();
        }
    }

    private void endSubscription() {
        source = null;
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }

    private void inTurn(Runnable task) {
        try {
            worker.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.warn("the beans of DRBD options are not up to date, and follow with the next change", e);
                }
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("no beans are registered any more", stopping);
        }
    }

    private void refresh(ClusterState state) {
        Set<Optional<ResourceName>> parts = new HashSet<>(registered.keySet());
        parts.add(Optional.empty());
        state.resourceDefinitions().keySet().forEach(name -> parts.add(Optional.of(name)));
        parts.forEach(part -> refresh(state, part));
    }

    private void refresh(ClusterState state, Optional<ResourceName> part) {
        Map<ObjectName, OptionPlace> wanted = new HashMap<>();
        List<OptionPlace> places = part.map(name -> state.resourceDefinition(name)
                        .map(known -> ofDefinition(state, known))
                        .orElse(List.of()))
                .orElseGet(() -> ofCluster(state));
        try {
            for (OptionPlace place : places) {
                wanted.put(name(place), place);
            }
            Map<ObjectName, OptionPlace> present = registered.getOrDefault(part, Map.of());
            for (ObjectName name : present.keySet()) {
                if (!wanted.containsKey(name)) {
                    unregister(name);
                }
            }
            for (Map.Entry<ObjectName, OptionPlace> entry : wanted.entrySet()) {
                if (!present.containsKey(entry.getKey())) {
                    register(entry.getKey(), entry.getValue());
                }
            }
        } catch (JMException e) {
            throw HeddleException.of(e);
        }
        if (wanted.isEmpty()) {
            registered.remove(part);
        } else {
            registered.put(part, wanted);
        }
    }

    private static List<OptionPlace> ofCluster(ClusterState state) {
        List<OptionPlace> places = new ArrayList<>();
        places.add(new OptionPlace.OfController());
        for (ResourceGroup group : state.resourceGroups().values()) {
            places.add(new OptionPlace.OfGroup(group.name()));
        }
        List<NodeName> nodes = state.nodes().values().stream()
                .filter(Node::hasSatellite)
                .map(Node::name)
                .toList();
        NodePair.among(nodes).forEach(pair -> places.add(new OptionPlace.OfNodes(pair)));
        return places;
    }

    private static List<OptionPlace> ofDefinition(ClusterState state, ResourceDefinition definition) {
        List<OptionPlace> places = new ArrayList<>();
        places.add(new OptionPlace.OfDefinition(definition.name()));
        if (!definition.replicated()) {
            return places;
        }
        boolean detailed = state.resourceDefinitions().size() <= MOST_IN_DETAIL;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (detailed || !volume.properties().isEmpty()) {
                places.add(new OptionPlace.OfVolume(definition.name(), volume.number()));
            }
        }
        if (detailed) {
            for (NodeName node : definition.resources().keySet()) {
                places.add(new OptionPlace.OfResource(definition.name(), node));
            }
        }
        for (NodePair nodes : NodePair.among(definition.resources().keySet())) {
            if (detailed || !definition.connection(nodes).isEmpty()) {
                places.add(new OptionPlace.OfConnection(definition.name(), nodes));
                for (int number : definition.volumeDefinitions().keySet()) {
                    places.add(new OptionPlace.OfPeerDevice(definition.name(), nodes, number));
                }
            }
        }
        return places;
    }

    /** Such as {@code io.heddle:type=DrbdOptions,level=resource-connection,name=db1/n1/n2}. */
    static ObjectName name(OptionPlace place) throws JMException {
        String path = place.path();
        int slash = path.indexOf('/');
        return new ObjectName(TYPE + ",level="
                + (slash < 0 ? path : path.substring(0, slash) + ",name=" + path.substring(slash + 1)));
    }

    private void register(ObjectName name, OptionPlace place) throws JMException {
        OptionsBean bean = new OptionsBean(services, place);
        try {
            server.registerMBean(bean, name);
        } catch (InstanceAlreadyExistsException e) {
            // left by an instance that did not end cleanly: it would answer with classes that are gone
            LOG.warn("{} was registered already and is replaced", name);
            server.unregisterMBean(name);
            server.registerMBean(bean, name);
        }
    }

    private void unregister(ObjectName name) throws JMException {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            LOG.debug("{} was not registered", name, e);
        }
    }

    /** Takes all beans away, for good. */
    synchronized void close() throws JMException {
        endSubscription();
        worker.shutdownNow();
        try {
            if (!worker.awaitTermination(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("beans of DRBD options are still being registered");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (ObjectName name : server.queryNames(new ObjectName(ALL), null)) {
            unregister(name);
        }
    }
}
