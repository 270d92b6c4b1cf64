// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Pointwise;

/** Methods of {@link Tensor} that are made of several ops, whose derivatives follow from those. */
final class Composites {
    private Composites() {}

    static Tensor where(Tensor condition, Tensor yes, Tensor no) {
        Tensor not = condition.equal(Tensor.full(condition.backend(), Shape.SCALAR, 0));
        return Tensor.apply(new Pointwise.Select(), condition, yes).add(Tensor.apply(new Pointwise.Select(), not, no));
    }

    static Tensor logSumExp(Tensor x, int... axes) {
        Tensor largest = finiteMax(x, axes);
        return x.sub(largest).exp().sum(axes).log().add(largest);
    }

    static Tensor softmax(Tensor x, int axis) {
        Tensor exponentials = x.sub(finiteMax(x, axis)).exp();
        return exponentials.div(exponentials.sum(axis));
    }

    /** What to subtract before exponentials are taken: the result does not depend on it, so no gradient flows through it. */
    private static Tensor finiteMax(Tensor x, int... axes) {
        return x.max(axes).detach().clampMin(-Float.MAX_VALUE).neg().clampMin(-Float.MAX_VALUE).neg();
    }

    static Tensor averagePool1d(Tensor x, int size, int stride, int padding) {
        Checks.rank("average_pool1d", x.shape(), 3);
        Tensor window = Tensor.full(x.backend(), Shape.of(1, 1, size), 1.0 / size);
        Tensor channelsInBatch = x.reshape(x.shape().dim(0) * x.shape().dim(1), 1, x.shape().dim(2));
        Tensor pooled = channelsInBatch.conv1d(window, new ConvSpec(stride, padding, 1, 1));
        return pooled.reshape(x.shape().dim(0), x.shape().dim(1), pooled.shape().dim(2));
    }
}
