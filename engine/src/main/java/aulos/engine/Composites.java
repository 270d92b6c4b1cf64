// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Pointwise;
import aulos.engine.op.Sum;

/** Methods of {@link Tensor} that are made of several ops, whose derivatives follow from those. */
final class Composites {
    private Composites() {}

    static Tensor sumTo(Tensor x, Shape target) {
        Shape all = x.shape();
        boolean fits = target.rank() <= all.rank();
        for (int axis = 1; fits && axis <= target.rank(); axis++) {
            fits = target.dim(-axis) == 1 || target.dim(-axis) == all.dim(-axis);
        }
        if (!fits) {
            throw Checks.error("sum_to: input " + all + " cannot be summed to " + target
                    + ", expected one that broadcasts to " + all);
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
        Checks.backend("where", Checks.present("where", condition, yes, no));
        try {
            condition.shape().broadcast(yes.shape()).broadcast(condition.shape().broadcast(no.shape()));
        } catch (IllegalArgumentException misfit) {
            throw Checks.error("where: condition " + condition.shape() + ", yes " + yes.shape() + " and no " + no.shape() + ": "
                    + misfit.getMessage());
        }
        Tensor not = condition.equal(Tensor.full(condition.backend(), Shape.SCALAR, 0));
        return Tensor.apply(new Pointwise.Select(), condition, yes).add(Tensor.apply(new Pointwise.Select(), not, no));
    }

    static Tensor logSumExp(Tensor x, int... axes) {
        Tensor largest = finiteMax("log_sum_exp", x, axes);
        return x.sub(largest).exp().sum(axes).log().add(largest);
    }

    static Tensor softmax(Tensor x, int axis) {
        Tensor exponentials = x.sub(finiteMax("softmax", x, axis)).exp();
        return exponentials.div(exponentials.sum(axis));
    }

    /**
     * What to subtract before exponentials are taken, 0 where the largest is not finite: the result does not depend on it, so no
     * gradient flows through it.
     */
    private static Tensor finiteMax(String op, Tensor x, int... axes) {
        for (int axis : axes) {
            Checks.axis(op, x.shape(), axis);
        }
        Tensor largest = x.max(axes).detach();
        Tensor isFinite = largest.sub(largest).equal(Tensor.full(x.backend(), Shape.SCALAR, 0));
        return Tensor.apply(new Pointwise.Select(), isFinite, largest);
    }

    static Tensor averagePool1d(Tensor x, int size, int stride, int padding) {
        Checks.rank("average_pool1d", x.shape(), 3);
        Tensor window = Tensor.full(x.backend(), Shape.of(1, 1, size), 1.0 / size);
        Tensor channelsInBatch = x.reshape(x.shape().dim(0) * x.shape().dim(1), 1, x.shape().dim(2));
        Tensor pooled = channelsInBatch.conv1d(window, new ConvSpec(stride, padding, 1, 1));
        return pooled.reshape(x.shape().dim(0), x.shape().dim(1), pooled.shape().dim(2));
    }
}
