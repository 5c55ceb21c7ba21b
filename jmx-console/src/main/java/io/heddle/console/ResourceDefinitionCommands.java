package io.heddle.console;

import io.heddle.core.management.ResourceDefinitionRow;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "resource-definition",
        aliases = "rd",
        description = "Resources as they are wanted, whatever nodes they are on.")
final class ResourceDefinitionCommands extends Group {
    private final Session session;

    ResourceDefinitionCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Create a resource definition.",
            footer = {"", "Example: heddle resource-definition create vm-100-disk-1"})
    int create(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(names = "--resource-group", defaultValue = "", description = "the group it follows") String group,
            @Option(
                            names = {"-l", "--layer-list"},
                            defaultValue = "",
                            description = "drbd,storage (the default) or storage")
                    String layers) {
        return session.replies(session.cluster().createResourceDefinition(resource, group, layers));
    }

    @Command(name = "list", aliases = "l", description = "Show resource definitions.")
    int list(
            @Option(
                            names = {"-r", "--resources"},
                            split = ",",
                            description = "only these")
                    List<String> resources) {
        List<ResourceDefinitionRow> rows = session.cluster().listResourceDefinitions().stream()
                .filter(row -> matches(resources, row.resource()))
                .toList();
        return session.list(
                rows, new Table("Resource", "Group", "Layers", "Volumes", "Nodes", "State"), row -> new Object[] {
                    row.resource(),
                    row.group(),
                    String.join(",", row.layers()),
                    row.volumes(),
                    row.resources(),
                    row.state()
                });
    }

    @Command(
            name = "delete",
            aliases = "d",
            description = "Delete resource definitions with all of their resources and data.")
    int delete(@Parameters(paramLabel = "RESOURCE", arity = "1..*") List<String> resources) {
        int worst = 0;
        for (String resource : resources) {
            worst = Math.max(worst, session.replies(session.cluster().deleteResourceDefinition(resource)));
        }
        return worst;
    }

    @Command(
            name = "wait-sync",
            description = "Wait until all replicas of a resource are UpToDate; show how far they are.")
    int waitSync(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = "--timeout",
                            defaultValue = "0",
                            paramLabel = "SECONDS",
                            description = "how long to wait at most; 0: until it is in sync")
                    long timeout) {
        return new SyncWait(session, resource, "").upTo(Duration.ofSeconds(timeout));
    }

    @Command(
            name = "adopt",
            description = "Take resources back that nodes have and nobody wants any more; changes no data.",
            footer = {"", "'heddle node list-unclaimed' shows what can be taken back."})
    int adopt(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = "--without",
                            defaultValue = "",
                            paramLabel = "NODE[,NODE...]",
                            description = "nodes that are gone for good: what they have of it is not waited for")
                    String without) {
        return session.replies(session.cluster().adoptResource(resource, without));
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setResourceDefinitionProperty(resource, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a resource definition.")
    int listProperties(@Parameters(paramLabel = "RESOURCE") String resource) {
        return session.properties(one(
                        session.cluster().listResourceDefinitions(),
                        row -> row.resource().equalsIgnoreCase(resource),
                        "resource definition " + resource)
                .properties());
    }
}
