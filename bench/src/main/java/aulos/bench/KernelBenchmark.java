// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One call of a kernel, over and over. {@link Kernels} sets the parameters. Public because JMH extends it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelBenchmark {
    /** As {@code --device} names it. */
    @Param("cpu")
    public String device;

    @Param("SYNTHESIS")
    public String workload;

    @Param("V2")
    public String model;

    /** Which call of the workload, by its text. */
    @Param("")
    public String call;

    private Backend backend;
    private KernelCall what;
    private Operand out;
    private Operand[] in;

    /** Allocates the operands, of positive values so that roots and logarithms exist. */
    @Setup(Level.Trial)
    public void open() {
        what = Workload.valueOf(workload).calls(Model.valueOf(model)).keySet().stream()
                .filter(candidate -> candidate.toString().equals(call)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(workload + " of " + model + " makes no call " + call));
        backend = Backends.open(device);
        out = operand(what.out());
        in = what.in().stream().map(this::operand).toArray(Operand[]::new);
    }

    private Operand operand(Shape shape) {
        SplittableRandom random = new SplittableRandom(shape.size());
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(0.01, 0.1);
        }
        Operand operand = new Operand(shape, backend.allocate(values.length));
        backend.upload(operand.buffer(), NdArray.of(shape, values));
        return operand;
    }

    @Benchmark
    public void run() {
        backend.run(what.kernel(), out, in);
        backend.sync();
    }

    @TearDown(Level.Trial)
    public void close() {
        backend.close();
    }
}
