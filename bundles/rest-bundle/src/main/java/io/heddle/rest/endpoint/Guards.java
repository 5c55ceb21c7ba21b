package io.heddle.rest.endpoint;

import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.rest.access.AccessRules;
import io.heddle.rest.access.Caller;
import io.heddle.rest.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.util.SortedMap;

/** Properties that only an administrator may change. */
final class Guards {
    private Guards() {}

    /**
     * Lets a change pass that the sender of the request may make.
     *
     * @throws io.heddle.core.error.HeddleException NOT_ALLOWED
     */
    static PropertyChange checked(PropertyChange change, HttpServletRequest request) {
        if (AccessRules.concerns(change)) {
            Caller.of(request).require(Role.ADMIN, "change who may come in over REST");
        }
        if (change.keys().anyMatch(PropertyCatalogue::runsCommands)) {
            Caller.of(request).require(Role.ADMIN, "change commands that DRBD runs as root on the nodes");
        }
        return change;
    }

    /** The same for the properties of what is created. */
    static SortedMap<String, String> checked(SortedMap<String, String> properties, HttpServletRequest request) {
        return checked(new PropertyChange(properties, Ordered.set(null), Ordered.set(null)), request)
                .override();
    }
}
