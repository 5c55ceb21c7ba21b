package io.heddle.launcher;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Constants;

/** What the framework and the bundles of others are told, as framework properties. */
final class FrameworkProperties {
    // On the launcher's class path, since SLF4J finds its binding there without a mediator, and component names are
    // read by the start report. The versions are those of the jars in lib/.
    private static final List<String> EXPORTED = List.of(
            "org.slf4j;version=2.0.20",
            "org.slf4j.event;version=2.0.20",
            "org.slf4j.helpers;version=2.0.20",
            "org.slf4j.spi;version=2.0.20",
            "org.osgi.service.component;version=1.5.1",
            "org.osgi.service.component.runtime;version=1.5.1",
            "org.osgi.service.component.runtime.dto;version=1.5.1",
            "org.osgi.util.function;version=1.2.0",
            "org.osgi.util.promise;version=1.3.0");

    private FrameworkProperties() {}

    static Map<String, String> of(Configuration configuration, Path home, StateDirectory state) {
        Map<String, String> properties = new HashMap<>();
        configuration.values().forEach((setting, value) -> properties.put(setting.property(), value));
        properties.put(Setting.PROPERTY_PREFIX + "home", home.toString());

        properties.put(Constants.FRAMEWORK_STORAGE, state.cache().toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, String.join(",", EXPORTED));
        // Nothing of ours has URLs of its own, and the JVM has only one place to hook them in.
        properties.put("felix.service.urlhandlers", "false");

        http(configuration, properties);

        properties.put("felix.fileinstall.dir", state.deploy().toString());
        properties.put("felix.fileinstall.tmpdir", state.temporary().toString());
        properties.put("felix.fileinstall.poll", "2000");
        properties.put("felix.fileinstall.enableConfigSave", "false");
        properties.put("felix.fileinstall.log.default", "jul");
        properties.put("felix.fileinstall.log.level", "2");
        return properties;
    }

    private static void http(Configuration configuration, Map<String, String> properties) {
        boolean controller = configuration.roles().contains(Role.CONTROLLER);
        Setting address = controller ? Setting.REST_ADDRESS : Setting.METRICS_ADDRESS;
        Setting port = controller ? Setting.REST_PORT : Setting.METRICS_PORT;
        properties.put("org.apache.felix.http.host", configuration.value(address));
        properties.put("org.osgi.service.http.port", configuration.value(port));
        properties.put("org.apache.felix.http.name", "heddle");
        properties.put("org.apache.felix.http.jetty.sendServerHeader", "false");
        properties.put("org.apache.felix.jetty.gziphandler.enable", "true");
        // Many clients come at once, and Jetty's queue of 50 turns some of them away.
        properties.put("org.apache.felix.http.jetty.acceptQueueSize", "1024");
        // Names of properties have slashes in them, which clients quote as %2F in a path; Jetty would answer 400.
        properties.put("org.eclipse.jetty.UriComplianceMode", "LEGACY");
        // Requests that run when the process is told to end may finish, but not for long.
        properties.put("org.apache.felix.jetty.stopTimeout", "1000");
    }
}
