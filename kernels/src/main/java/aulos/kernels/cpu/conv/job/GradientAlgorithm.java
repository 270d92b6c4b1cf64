// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A way to compute gradients of convolutions in their weights.
 *
 * @param suits whether it is a good way: its thresholds, each with the measurement that set it, stand beside it
 */
public record GradientAlgorithm(Predicate<GradientJob> suits, Consumer<GradientJob> run) {}
