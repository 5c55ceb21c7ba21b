package io.heddle.controller;

import io.heddle.controller.store.SqliteStore;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;

/** A process for {@link CrashTest} to kill: changes the cluster as fast as it can and prints what was acknowledged. */
final class CrashingController {
    private CrashingController() {}

    public static void main(String[] arguments) {
        SqliteStore store = new SqliteStore(Path.of(arguments[0]), Clock.systemUTC());
        GroupCommitWriter writer = new GroupCommitWriter(store, store.load().state());
        for (int client = 0; client < 4; client++) {
            String prefix = arguments[1] + "c" + client + "n";
            new Thread(() -> work(writer, prefix)).start();
        }
    }

    private static void work(ClusterWriter writer, String prefix) {
        for (int i = 0; ; i++) {
            ResourceGroup group =
                    new ResourceGroup(new ResourceGroupName(prefix + i), UUID.randomUUID(), "", Ordered.map(null));
            writer.change(edit -> {
                        edit.put(group);
                        return group;
                    })
                    .toCompletableFuture()
                    .join();
            say("+" + group.name());
            if (i % 3 == 2) {
                writer.change(edit -> {
                            edit.remove(group);
                            return group;
                        })
                        .toCompletableFuture()
                        .join();
                say("-" + group.name());
            }
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
