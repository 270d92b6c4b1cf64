// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.GradCheck;
import aulos.engine.NdArray;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
        Path folder = Path.of(Op.class.getResource("Op.class").toURI()).getParent();
        Set<String> ops;
        try (var files = Files.list(folder)) {
            ops = files.map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(OpGradientTest::isOp).collect(Collectors.toSet());
        }
        assertThat(ops).hasSizeGreaterThan(30);
        assertThat(OpCases.all().stream().map(row -> row.op().getClass().getSimpleName()).collect(Collectors.toSet()))
                .isEqualTo(ops);
    }

    private static boolean isOp(String className) {
        try {
            Class<?> type = Class.forName("aulos.engine.op." + className);
            return Op.class.isAssignableFrom(type) && type.isRecord();
        } catch (ClassNotFoundException missing) {
            throw new AssertionError(missing);
        }
    }
}
