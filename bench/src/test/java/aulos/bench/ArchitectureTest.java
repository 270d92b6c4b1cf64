// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** Imports point one way, engine ← kernels ← hifigan ← bench, and what is optional stays where it is optional. */
@AnalyzeClasses(packages = "aulos", importOptions = ArchitectureTest.NoTests.class)
class ArchitectureTest {

    /** Without hifigan's test jar too, whose classes use each other as tests do. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/") && !location.contains("-tests.jar");
        }
    }

    /** Against a classpath that lacks the other modules, on which every rule would hold. */
    @ArchTest
    static void everyModuleIsHere(JavaClasses classes) {
        assertThat(classes.contain("aulos.engine.Shape")).isTrue();
        assertThat(classes.that(resideInAPackage("aulos.kernels.."))).isNotEmpty();
        assertThat(classes.contain("aulos.hifigan.model.HifiGanConfig")).isTrue();
        assertThat(classes.contain("aulos.bench.Peers")).isTrue();
    }

    @ArchTest
    static final ArchRule ENGINE_NEEDS_ONLY_JAVA = classes().that().resideInAPackage("aulos.engine..")
            .should().onlyDependOnClassesThat().resideInAnyPackage("java..", "aulos.engine..");

    @ArchTest
    static final ArchRule KERNELS_SEE_ONLY_ENGINE = noClasses().that().resideInAPackage("aulos.kernels..")
            .should().dependOnClassesThat().resideInAnyPackage("aulos.hifigan..", "aulos.bench..");

    @ArchTest
    static final ArchRule HIFIGAN_DOES_NOT_SEE_BENCH = noClasses().that().resideInAPackage("aulos.hifigan..")
            .should().dependOnClassesThat().resideInAnyPackage("aulos.bench..", "aulos.cluster..");

    @ArchTest
    static final ArchRule VECTORS_ONLY_IN_THE_CPU_BACKEND = noClasses().that()
            .resideOutsideOfPackage("aulos.kernels.cpu..")
            .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..");

    @ArchTest
    static final ArchRule HIFIGAN_KNOWS_NO_BACKEND = noClasses().that().resideInAPackage("aulos.hifigan..")
            .should().dependOnClassesThat().resideInAPackage("aulos.kernels..");

    @ArchTest
    static final ArchRule BENCH_NEEDS_NO_JUNIT = noClasses().that().resideInAPackage("aulos.bench..")
            .should().dependOnClassesThat().resideInAnyPackage("org.junit..", "org.assertj..");

    @ArchTest
    static final ArchRule PEERS_ONLY_IN_BENCH = noClasses().that().resideOutsideOfPackage("aulos.bench..")
            .should().dependOnClassesThat().resideInAnyPackage("ai.onnxruntime..", "ai.djl..", "org.openjdk.jmh..");

    @ArchTest
    static final ArchRule BACKENDS_DO_NOT_SEE_EACH_OTHER = slices().matching("aulos.kernels.(*)..")
            .should().notDependOnEachOther().allowEmptyShould(true);

    /** The packages of the cpu backend; each may use only those before it. */
    private static final List<String> CPU_ROOMS = Stream.of(".run", ".loop.plain", ".loop.warm", ".loop.hot", ".loop",
            ".kernel", ".conv.job", ".conv.layout", ".conv.direct", ".conv.bilinear", ".conv", "")
            .map(room -> "aulos.kernels.cpu" + room).toList();

    @ArchTest
    static void theCpuBackendImportsOneWay(JavaClasses classes) {
        JavaClasses cpu = classes.that(resideInAPackage("aulos.kernels.cpu.."));
        assertThat(cpu.stream().map(JavaClass::getPackageName)).isSubsetOf(CPU_ROOMS).containsAll(CPU_ROOMS);
        assertThat(cpu.stream().flatMap(one -> one.getDirectDependenciesFromSelf().stream())
                .filter(use -> CPU_ROOMS.indexOf(use.getTargetClass().getPackageName())
                        > CPU_ROOMS.indexOf(use.getOriginClass().getPackageName()))).isEmpty();
    }

    /** Kernels and convolutions call loops; whether those are of vectors is the loops' business. */
    @ArchTest
    static final ArchRule ONLY_LOOPS_ASK_FOR_VECTORS = noClasses().that()
            .resideInAnyPackage("aulos.kernels.cpu.kernel..", "aulos.kernels.cpu.conv..")
            .should().accessField("aulos.kernels.cpu.run.Simd", "ENABLED");

    /** Of a convolution's algorithms; innermost loops take what they need in registers. */
    @ArchTest
    static void convolutionsTakeFewParameters(JavaClasses classes) {
        assertThat(classes.that(resideInAPackage("aulos.kernels.cpu.conv..")).stream()
                .flatMap(one -> one.getCodeUnits().stream())
                .filter(unit -> !unit.getName().startsWith("lambda$"))
                .filter(unit -> unit.getRawParameterTypes().size() > 7).map(JavaCodeUnit::getFullName)).isEmpty();
    }

    @ArchTest
    static final ArchRule NO_CYCLES_IN_HIFIGAN = slices().matching("aulos.hifigan.(*)..").should().beFreeOfCycles();
}
