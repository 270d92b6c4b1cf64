// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Precision;
import aulos.engine.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;
import org.jocl.CL;
import org.junit.jupiter.api.Test;

/** What is chosen without a measurement, and what becomes of measurements. No device is needed. */
class ConvPlannerTest {
    private static final DeviceInfo GPU = withCapability(90);

    private static final Gson GSON = new GsonBuilder().registerTypeAdapter(ConvTile.class, new ConvTile.Adapter())
            .create();

    private final ConvPlanner planner = new ConvPlanner(GPU, new ConvTuning(List.of()));

    private static ConvProblem forward(int batch, int in, int out, int kernelSize, int length, ConvSpec spec) {
        return layer(batch, in, out, kernelSize, length, spec).problem(Precision.FLOAT32);
    }

    private static ConvLayer layer(int batch, int in, int out, int kernelSize, int length, ConvSpec spec) {
        Shape y = Shape.of(batch, out, spec.outputLength(length, kernelSize));
        return new ConvLayer(new Kernel.Conv(spec, Fusion.NONE), y,
                List.of(Shape.of(batch, in, length), Shape.of(out, in / spec.groups(), kernelSize)));
    }

    private static DeviceInfo withCapability(int capability) {
        return new DeviceInfo(null, "GPU", "", "", "", "", CL.CL_DEVICE_TYPE_GPU, 1L << 36, 1L << 34, 132, 48 << 10, 1024,
                1980, capability);
    }

    @Test
    void wideLayersGetLargeTiles() {
        ConvPlan plan = planner.plan(forward(16, 128, 128, 11, 16384, ConvSpec.same(11, 1)));
        assertThat(plan.tile().bm() * plan.tile().bn()).isEqualTo(128 * 128);
    }

    @Test
    void groupsDoNotPayForZeros() {
        ConvPlan plan = planner.plan(forward(16, 128, 256, 41, 4096, new ConvSpec(2, 20, 1, 16)));
        assertThat(plan.tile().bm()).isEqualTo(16);
    }

    @Test
    void fewChannelsGoTheirOwnWay() {
        assertThat(planner.plan(forward(1, 32, 1, 7, 65536, ConvSpec.same(7, 1))).tile()).asString()
                .startsWith("few");
        assertThat(planner.plan(forward(16, 1, 128, 15, 8192, ConvSpec.same(15, 1))).tile()).asString()
                .startsWith("few");
    }

    @Test
    void shortAxesAreSlicedSoThatTheDeviceIsBusy() {
        ConvTile tile = planner.plan(forward(1, 512, 512, 3, 64, ConvSpec.same(3, 1))).tile();
        assertThat(tile).isInstanceOfSatisfying(DirectTile.class, direct -> assertThat(direct.sl()).isGreaterThan(2));
    }

    @Test
    void longChainsAreSplitToStayExact() {
        ConvSpec spec = ConvSpec.same(5, 1);
        ConvProblem problem = new ConvLayer(new Kernel.ConvWeightGradient(spec, 1, 1), Shape.of(64, 64, 5),
                List.of(Shape.of(32, 64, 6400), Shape.of(32, 64, 6400))).problem(Precision.FLOAT32);
        assertThat(planner.candidates(problem)).allSatisfy(
                plan -> assertThat(plan.rowsPerSplit(problem.rows())).isLessThanOrEqualTo(1024));
    }

    @Test
    void gradientsInTheWeightGoToTensorCores() {
        // Batch, channels out and in of a group, length, kernel, stride, groups.
        for (int[] v : new int[][] {{16, 128, 128, 2048, 11, 1, 1}, {16, 256, 8, 2048, 41, 4, 16}, {352, 1024, 1024, 10, 5, 1, 1},
            {16, 32, 32, 8192, 3, 1, 1}}) {
            ConvSpec spec = new ConvSpec(v[5], v[4] / 2, 1, v[6]);
            ConvLayer layer = new ConvLayer(new Kernel.ConvWeightGradient(spec, 1, 1), Shape.of(v[1], v[2], v[4]),
                    List.of(Shape.of(v[0], v[2] * v[6], v[3] * v[5]), Shape.of(v[0], v[1], v[3])));
            assertThat(planner.plan(layer.problem(Precision.BF16)).tile()).isInstanceOf(GradientMmaTile.class);
            assertThat(planner.plan(layer.problem(Precision.FLOAT32)).tile()).isNotInstanceOf(GradientMmaTile.class);
        }
    }

    /** A device that has shown nothing yet gets what needs no proof; the tuner tries Hopper's instructions on a Hopper alone. */
    @Test
    void hoppersInstructionsWaitForTheTuner() {
        ConvLayer layer = layer(16, 128, 128, 11, 2048, ConvSpec.same(11, 1));
        ConvProblem problem = layer.problem(Precision.BF16);
        ConvPlanner hopper = new ConvPlanner(withCapability(90), new ConvTuning(List.of()));
        ConvPlanner ampere = new ConvPlanner(withCapability(80), new ConvTuning(List.of()));
        assertThat(hopper.plan(problem).tile()).isInstanceOf(MmaTile.class);
        assertThat(hopper.toTry(problem, 4, 2)).hasSize(6);
        assertThat(hopper.toTry(problem, 4, 2).subList(4, 6)).allMatch(plan -> plan.tile() instanceof WgmmaTile);
        assertThat(ampere.candidates(problem)).noneMatch(plan -> plan.tile() instanceof WgmmaTile);
        assertThat(hopper.candidates(layer.problem(Precision.FLOAT32))).noneMatch(plan -> plan.tile() instanceof WgmmaTile);
        assertThat(hopper.toTry(layer.problem(Precision.FLOAT32), 4, 2)).hasSize(6)
                .allMatch(plan -> plan.tile() instanceof DirectTile || plan.tile() instanceof ToomTile);
        assertThat(hopper.plan(layer.problem(Precision.FLOAT32)).tile()).isInstanceOf(DirectTile.class);
        assertThat(ConvTile.parse("wgmma 2 128")).isEqualTo(new WgmmaTile(2, 128)).hasToString("wgmma 2 128");
    }

    /** No tile of the input in local memory spans them. */
    @Test
    void tapsThatReachFarAreGathered() {
        ConvPlan plan = planner.plan(forward(1, 64, 64, 3, 100_000, ConvSpec.same(3, 20_000)));
        assertThat(plan.tile()).asString().startsWith("taps");
    }

    @Test
    void tilesFitTheDevice() {
        DeviceInfo small = new DeviceInfo(null, "small", "", "", "", "", CL.CL_DEVICE_TYPE_GPU, 1L << 30, 1L << 28, 4,
                16 << 10, 128, 1000, 0);
        ConvProblem problem = forward(1, 128, 128, 11, 1000, ConvSpec.same(11, 1));
        assertThat(ConvTiles.of(small, problem)).isNotEmpty()
                .allSatisfy(tile -> assertThat(tile.groupSize()).isLessThanOrEqualTo(128))
                .allSatisfy(tile -> assertThat(tile.localBytes(problem)).isLessThanOrEqualTo(16 << 10));
    }

    @Test
    void measurementsComeFirstAtTheNearestLength() {
        ConvProblem problem = forward(1, 128, 128, 11, 1000, ConvSpec.same(11, 1));
        ConvPlan narrow = new ConvPlan(new DirectTile(8, 4, 4, 8, 8, 2, 128), 1);
        ConvPlan wide = new ConvPlan(new DirectTile(32, 4, 4, 8, 8, 1, 0), 1);
        String json = "{\"device\": \"x\", \"driver\": \"y\", \"entries\": " + GSON.toJson(List.of(
                new ConvTuning.Entry(problem.layer(), 500, narrow), new ConvTuning.Entry(problem.layer(), 4000, wide)))
                + "}";
        ConvTuning tuning = ConvTuning.parse(json, "test");
        assertThat(new ConvPlanner(GPU, tuning).plan(problem)).isEqualTo(narrow);
        assertThat(tuning.plan(forward(1, 64, 64, 11, 1000, ConvSpec.same(11, 1)))).isEmpty();
    }

    @Test
    void brokenTuningsAreRefused() {
        for (String text : List.of("", "[]", "{}", "{\"entries\": [{}]}", "{\"entries\": [{\"layer\": \"x\"",
                "{\"entries\": [{\"layer\": \"x\", \"length\": 1, \"plan\": {\"splits\": 1}}]}",
                GSON.toJson(new ConvTuning.Entry("x", 1, new ConvPlan(MatrixTile.few(128, 8, 1, 1), 1)))
                        .transform(entry -> "{\"entries\": [" + entry.replace("few 128", "few -1") + "]}"))) {
            assertThatThrownBy(() -> ConvTuning.parse(text, "tuning.json")).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("opencl: the tuning tuning.json is not what the tuner writes")
                    .hasMessageContaining("delete it or run 'aulos bench tune' again");
        }
    }

    @Test
    void tilesThatDoNotDivideAreRefused() {
        assertThatThrownBy(() -> new MatrixTile(ConvKernel.TAPS, 16, 16, 8, 2, 4, 12, 32, 1, 4, true, true, false))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not divide its 12 rows");
    }

    @Test
    void reachesBeyond32BitsAreRefused() {
        ConvSpec spec = new ConvSpec(1, 1 << 30, 1, 1);
        assertThatThrownBy(() -> ConvGeometry.convolution(spec, 3, Shape.of(1, 1, 9), Shape.of(1, 1, 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("conv1d: kernel 3 with p1073741824 reaches over");
    }
}
