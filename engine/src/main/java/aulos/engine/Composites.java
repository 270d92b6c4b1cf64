// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Pointwise;
import aulos.engine.op.Sum;

/** Methods of {@link Tensor} that are made of several ops, whose derivatives follow from those. */
final class Composites {
    private Composites() {}

    static Tensor sumTo(Tensor x, Shape target) {
        if (target.rank() > x.shape().rank()) {
            throw new IllegalArgumentException("sum: input " + x.shape() + " cannot be summed to " + target
                    + ": expected at most rank " + x.shape().rank());
        }
        int[] kept = new int[x.shape().rank()];
        for (int axis = 0; axis < kept.length; axis++) {
            int own = axis - (kept.length - target.rank());
            kept[axis] = own < 0 ? 1 : target.dim(own);
        }
        Shape sameRank = Shape.of(kept);
        Tensor summed = sameRank.equals(x.shape()) ? x : Tensor.apply(new Sum(sameRank), x);
        return summed.reshape(target);
    }

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
