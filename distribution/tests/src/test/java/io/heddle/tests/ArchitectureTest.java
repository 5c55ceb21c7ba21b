package io.heddle.tests;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the house: every part imports core and nothing else of ours. */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.heddle");

    @Test
    void everyPartIsSeenAndNoneIsUnknown() {
        Set<String> parts = new TreeSet<>();
        for (JavaClass type : OURS) {
            parts.add(type.getPackageName().split("\\.")[2]);
        }
        parts.remove("core");

        assertEquals(
                Set.of(
                        "console",
                        "controller",
                        "drbd",
                        "filethin",
                        "jmx",
                        "launcher",
                        "lvmthin",
                        "metrics",
                        "rest",
                        "satellite",
                        "zfs"),
                parts);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"controller", "drbd", "filethin", "jmx", "lvmthin", "metrics", "rest", "satellite", "zfs", "core"
            })
    void aBundleImportsCoreAndNothingElseOfOurs(String part) {
        assertImportsOfOursAreIn(part, "io.heddle." + part + "..", "io.heddle.core..");
    }

    @Test
    void theConsoleImportsTheManagementInterfacesAndValuesOfCoreAndNoService() {
        assertImportsOfOursAreIn(
                "console",
                "io.heddle.console..",
                "io.heddle.core.management..",
                "io.heddle.core.error..",
                "io.heddle.core.identity..",
                "io.heddle.core.json..",
                "io.heddle.core.model..",
                "io.heddle.core.option..");
    }

    @Test
    void theLauncherImportsNothingOfOurs() {
        assertImportsOfOursAreIn("launcher", "io.heddle.launcher..");
    }

    @Test
    void onlyTheCommandPackageOfCoreStartsProcessesAndTheLauncherWhereItTellsSystemd() {
        DescribedPredicate<JavaClass> startsProcesses = describe(
                "start processes",
                type -> type.isEquivalentTo(ProcessBuilder.class)
                        || type.getPackageName().startsWith("org.apache.commons.exec"));

        noClasses()
                .that()
                .resideOutsideOfPackage("io.heddle.core.command..")
                .and()
                .doNotHaveFullyQualifiedName("io.heddle.launcher.ServiceManager")
                .should()
                .dependOnClassesThat(startsProcesses)
                .orShould()
                .callMethodWhere(describe(
                        "Runtime.exec",
                        call -> call.getTargetOwner().isEquivalentTo(Runtime.class)
                                && call.getName().equals("exec")))
                .check(OURS);
    }

    private static void assertImportsOfOursAreIn(String part, String... packages) {
        DescribedPredicate<JavaClass> ours = resideInAnyPackage("io.heddle..");
        classes()
                .that()
                .resideInAPackage("io.heddle." + part + "..")
                .should()
                .onlyDependOnClassesThat(not(ours).or(resideInAnyPackage(packages)))
                .allowEmptyShould(true)
                .check(OURS);
    }
}
