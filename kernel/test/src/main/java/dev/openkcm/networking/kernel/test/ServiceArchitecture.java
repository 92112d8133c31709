package dev.openkcm.networking.kernel.test;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The dependency rules of a service, written once; its test calls {@link #check}. */
public final class ServiceArchitecture {

    private static final String BASE = "dev.openkcm.networking.";

    private ServiceArchitecture() {}

    /** Checks the service whose classes are below {@code dev.openkcm.networking.<service>}. */
    public static void check(String service) {
        String root = BASE + service;
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(new DoNotIncludeTests())
                        .importPackages(root);
        layersPointInwards(root, classes);
        servicesDoNotKnowEachOther(root, classes);
        domainIsPlainJava(root, classes);
        domainIsDeterministic(classes);
        domainDataIsImmutable(classes);
    }

    private static void layersPointInwards(String root, JavaClasses classes) {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(root + "..")
                .withOptionalLayers(true)
                .layer("domain")
                .definedBy("..domain..")
                .layer("codec")
                .definedBy("..codec..")
                .layer("topology")
                .definedBy("..topology..")
                .layer("app")
                .definedBy(root)
                .whereLayer("app")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("topology")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("codec")
                .mayOnlyBeAccessedByLayers("topology", "app")
                .because("a newcomer must be able to read the domain without opening anything else")
                .check(classes);
    }

    private static void servicesDoNotKnowEachOther(String root, JavaClasses classes) {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.openkcm.networking..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        root + "..",
                                                        BASE + "kernel..",
                                                        BASE + "schemas.."))))
                .because("services share topics, not classes")
                .check(classes);
    }

    private static void domainIsPlainJava(String root, JavaClasses classes) {
        classes()
                .that()
                .resideInAPackage("..domain..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(root + ".domain..", BASE + "kernel", "java..", "org.jspecify..")
                .because("deciding must not need a broker, a registry or a container")
                .check(classes);
    }

    private static void domainIsDeterministic(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage("..domain..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Map.class, "copyOf", Map.class)
                .orShould()
                .callMethod(Set.class, "copyOf", Collection.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .because("replaying the log must give the same state")
                .check(classes);
    }

    private static void domainDataIsImmutable(JavaClasses classes) {
        classes()
                .that()
                .resideInAPackage("..domain..")
                .and()
                .areNotInterfaces()
                .and()
                .haveSimpleNameNotEndingWith("Decider")
                .and()
                .haveSimpleNameNotEndingWith("Validation")
                .and()
                .areNotAnonymousClasses()
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .beRecords()
                .orShould()
                .beEnums()
                .check(classes);
    }
}
