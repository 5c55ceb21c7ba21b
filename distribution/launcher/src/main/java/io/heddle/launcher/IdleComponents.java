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

/**
 * Our components that do not run though their bundle does.
 *
 * @param failed one sentence for each that threw while it was activated
 * @param waiting one sentence for each that waits for a service, which may come later, or never on a machine of this role
 */
record IdleComponents(List<String> failed, List<String> waiting) {
    private static final String OURS = "io.heddle.";

    static IdleComponents look(BundleContext context) {
        List<String> failed = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        if (reference != null) {
            ServiceComponentRuntime runtime = context.getService(reference);
            for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
                if (component.name.startsWith(OURS)) {
                    for (ComponentConfigurationDTO one : runtime.getComponentConfigurationDTOs(component)) {
                        if (one.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                            failed.add(failure(component, one));
                        } else if (one.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                            waiting.add(wish(component, one));
                        }
                    }
                }
            }
            context.ungetService(reference);
        }
        return new IdleComponents(failed, waiting);
    }

    private static String failure(ComponentDescriptionDTO component, ComponentConfigurationDTO one) {
        // The rest is a stack trace, which the log shows where it happened.
        return "Component " + component.name + " does not run: "
                + one.failure.lines().findFirst().orElse("nobody said why");
    }

    private static String wish(ComponentDescriptionDTO component, ComponentConfigurationDTO one) {
        List<String> missing = Arrays.stream(one.unsatisfiedReferences)
                .map(reference -> reference.name)
                .toList();
        return "Component " + component.name + " waits for "
                + Arrays.stream(component.references)
                        .filter(reference -> missing.contains(reference.name))
                        .map(IdleComponents::service)
                        .collect(Collectors.joining(" and "));
    }

    private static String service(ReferenceDTO reference) {
        return reference.target == null ? reference.interfaceName : reference.interfaceName + " " + reference.target;
    }
}
