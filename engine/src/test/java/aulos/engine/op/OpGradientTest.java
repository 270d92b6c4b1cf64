// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.GradCheck;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpGradientTest {
    static List<OpCases.Case> cases() {
        return OpCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void firstDerivativesMatchDifferences(OpCases.Case row) {
        GradCheck.firstOrder(row::apply, row.inputs(1).toArray(NdArray[]::new)).requireBelow(1e-6);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivativesMatchDifferences(OpCases.Case row) {
        GradCheck.secondOrder(row::apply, row.inputs(2).toArray(NdArray[]::new)).requireBelow(1e-6);
    }

    @Test
    void everyOpHasARow() throws IOException, URISyntaxException {
        Set<Class<?>> withRow = OpCases.all().stream().map(row -> row.op().getClass()).collect(Collectors.toSet());
        assertThat(withRow).isEqualTo(ops());
    }

    @Test
    void theDocumentationCountsThem() throws IOException, URISyntaxException {
        String page = Files.readString(Path.of("../docs/ops.md"));
        assertThat(page).contains("There are " + ops().size() + " ops and " + kernels(Kernel.class) + " kernels");
    }

    private static long kernels(Class<?> type) {
        return type.isRecord() ? 1
                : Stream.of(type.getPermittedSubclasses()).mapToLong(OpGradientTest::kernels).sum();
    }

    /** All records of the package that are ops, nested ones too. */
    private static Set<Class<?>> ops() throws IOException, URISyntaxException {
        Path folder = Path.of(Op.class.getResource("Op.class").toURI()).getParent();
        Set<Class<?>> ops = new HashSet<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName("aulos.engine.op." + name);
                if (Op.class.isAssignableFrom(type) && type.isRecord()) {
                    ops.add(type);
                }
            }
        } catch (ClassNotFoundException missing) {
            throw new AssertionError(missing);
        }
        assertThat(ops).hasSizeGreaterThan(30);
        return ops;
    }
}
