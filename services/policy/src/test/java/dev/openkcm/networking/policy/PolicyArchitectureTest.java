package dev.openkcm.networking.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import dev.openkcm.networking.kernel.test.ServiceArchitecture;
import org.junit.jupiter.api.Test;

class PolicyArchitectureTest {

    private static final String ROOT = "dev.openkcm.networking.policy";

    @Test
    void keepsTheRules() {
        ServiceArchitecture.check("policy");
    }

    @Test
    void theEngineIsPlainJavaToo() {
        classes()
                .that()
                .resideInAPackage("..engine..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".engine..",
                        ROOT + ".domain..",
                        "dev.openkcm.networking.kernel",
                        "dev.openkcm.networking.kernel.selector",
                        "java..",
                        "org.jspecify..")
                .because("one evaluator serves the compiler, REST and tests alike")
                .check(
                        new ClassFileImporter()
                                .withImportOption(new DoNotIncludeTests())
                                .importPackages(ROOT));
    }
}
