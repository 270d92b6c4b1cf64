// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.PointwiseFunction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * On which side of 0 float64 has the outputs of a model's leaky ReLUs. Float32 cannot know it of those that lie closer to
 * 0 than it rounds, and one of them on the other side changes all gradients behind it by its whole share. So a test of
 * gradients runs the model once on the reference backend, and has the other one take its sides over.
 */
public final class ReferenceSigns {
    private final List<NdArray> outputs = new ArrayList<>();
    private int calls;

    /** The reference backend, whose leaky ReLUs are written down. */
    public Backend record(Backend reference) {
        return after(reference, (backend, out) -> outputs.add(backend.download(out.buffer(), out.shape())));
    }

    /**
     * A backend whose leaky ReLUs, in the same order, give what is on the reference's side of 0.
     *
     * @param bound what may be on the other side, relative to the largest output
     */
    public Backend follow(Backend backend, double bound) {
        return after(backend, (inner, out) -> {
            NdArray expected = outputs.get(calls++);
            NdArray actual = inner.download(out.buffer(), out.shape());
            double[] values = actual.doubles();
            double largest = 0;
            double furthest = 0;
            for (int i = 0; i < values.length; i++) {
                double value = expected.get(i);
                largest = Math.max(largest, Math.abs(value));
                if (value > 0 != values[i] > 0) {
                    furthest = Math.max(furthest, Math.max(Math.abs(value), Math.abs(values[i])));
                    values[i] = value;
                }
            }
            assertThat(furthest).as("leaky ReLU %d, on the other side of 0", calls).isLessThanOrEqualTo(bound * largest);
            if (furthest > 0) {
                inner.upload(out.buffer(), NdArray.of(out.shape(), values));
            }
        });
    }

    private static Backend after(Backend inner, BiConsumer<Backend, Operand> leakyRelu) {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (method.getName().equals("run") && arguments[0] instanceof Kernel.Pointwise pointwise
                            && pointwise.function() == PointwiseFunction.LEAKY_RELU) {
                        leakyRelu.accept(inner, (Operand) arguments[1]);
                    }
                    return result;
                });
    }
}
