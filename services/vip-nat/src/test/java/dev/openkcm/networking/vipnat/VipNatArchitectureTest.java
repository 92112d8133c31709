package dev.openkcm.networking.vipnat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import dev.openkcm.networking.kernel.test.ServiceArchitecture;
import org.junit.jupiter.api.Test;

class VipNatArchitectureTest {

    @Test
    void keepsTheRules() {
        ServiceArchitecture.check("vipnat");
    }

    @Test
    void allocatesInPlainJava() {
        classes()
                .that()
                .resideInAPackage("dev.openkcm.networking.vipnat.allocation")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.openkcm.networking.vipnat.allocation",
                        "dev.openkcm.networking.vipnat.domain..",
                        "dev.openkcm.networking.kernel",
                        "java..",
                        "org.jspecify..")
                .because("who gets what must be readable and testable without a broker")
                .check(
                        new ClassFileImporter()
                                .withImportOption(new DoNotIncludeTests())
                                .importPackages("dev.openkcm.networking.vipnat"));
    }
}
