package io.heddle.launcher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;

/** Our components that failed, or that wait for a service nobody offers: what an active bundle does not tell. */
final class WaitingComponents {
    private static final String OURS = "io.heddle.";

    private WaitingComponents() {}

    /** One sentence for each component that is not served; empty when all are, or when no component runtime runs. */
    static List<String> describe(BundleContext context) {
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        if (reference == null) {
            return List.of();
        }
        ServiceComponentRuntime runtime = context.getService(reference);
        try {
            List<String> sentences = new ArrayList<>();
            for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
                if (component.name.startsWith(OURS)) {
                    for (ComponentConfigurationDTO one : runtime.getComponentConfigurationDTOs(component)) {
                        describe(component, one, sentences);
                    }
                }
            }
            return sentences;
        } finally {
            context.ungetService(reference);
        }
    }

    private static void describe(
            ComponentDescriptionDTO component, ComponentConfigurationDTO one, List<String> sentences) {
        if (one.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
            // The rest is a stack trace, which the log shows where it happened.
            sentences.add(component.name + " failed: "
                    + one.failure.lines().findFirst().orElse("nobody said why"));
        } else if (one.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
            List<String> unsatisfied = Arrays.stream(one.unsatisfiedReferences)
                    .map(reference -> reference.name)
                    .toList();
            sentences.add(component.name + " waits for "
                    + Arrays.stream(component.references)
                            .filter(reference -> unsatisfied.contains(reference.name))
                            .map(WaitingComponents::service)
                            .collect(Collectors.joining(" and ")));
        }
    }

    private static String service(ReferenceDTO reference) {
        return reference.target == null ? reference.interfaceName : reference.interfaceName + " " + reference.target;
    }
}
