// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfAveragingTest {
    /** Eight bits of a value, to the nearest, halves to the even one. */
    @ParameterizedTest
    @CsvSource({"1, 1", "-3.140625, -3.140625", "1.00390625, 1", "1.01171875, 1.015625", "1.005, 1.0078125",
            "-1.005, -1.0078125", "3.39e38, 3.3895314e38", "3.4028235e38, Infinity", "-Infinity, -Infinity", "NaN, NaN",
            "1e-45, 0", "0, 0"})
    void roundsToTheNearest(float value, Float expected) {
        assertThat(HalfAveraging.value(HalfAveraging.rounded(value))).isEqualTo(expected);
    }
}
