// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.List;

/**
 * The loops that take a signal apart into 8 phases and join it again, by selections among two vectors at a time. Three levels
 * of them, one for each bit of a phase's number, halve the number of vectors; what a level gives is used up before the next is
 * made, as all would not fit registers. Both take whole vectors only and return how many elements of a phase they did.
 */
final class PhaseNetwork {
    private static final int PHASES = 8;
    private static final int LEVELS = 3;

    private final List<String> lines = new ArrayList<>();
    private int names;

    private PhaseNetwork() {}

    static String source() {
        PhaseNetwork network = new PhaseNetwork();
        network.split();
        network.join();
        return """
                // SPDX-License-Identifier: Apache-2.0
                package %1$sloop.hot;

                import static %1$srun.Lanes.EVEN;
                import static %1$srun.Lanes.ODD;
                import static %1$srun.Lanes.S;
                import static %1$srun.Lanes.indices;
                import static %1$srun.Lanes.load;
                import static %1$srun.Lanes.store;

                import jdk.incubator.vector.IntVector;

                /** The vector loops behind {@code Phases}: each does whole vectors and returns how many elements of a phase it did. */
                public final class PhasesVector {
                    private static final int N = S.length();
                    private static final IntVector LOW = indices(i -> i / 2 + i %% 2 * N);
                    private static final IntVector HIGH = indices(i -> N / 2 + i / 2 + i %% 2 * N);

                    private PhasesVector() {}
                %2$s}
                """.formatted(LoopWriter.PACKAGE, String.join("", network.lines));
    }

    /** Even and odd elements of neighbours, of these once more, and so on: bit after bit from the lowest. */
    private void split() {
        begin("split(float[] x, int at, int count, float[] to, int toAt, int stride)", "int from = at + 8 * i;",
                "int q = toAt + i;");
        level(loads("N"), 0, 0, true);
        end();
    }

    /** The zips of halves, of these once more, and so on: bit after bit from the highest. */
    private void join() {
        begin("join(float[] x, int at, int stride, int count, float[] to, int toAt)", "int from = at + i;",
                "int q = toAt + 8 * i;");
        level(loads("stride"), 0, 0, false);
        end();
    }

    private void begin(String signature, String... places) {
        names = 0;
        lines.add("\n    public static int " + signature + " {\n        int bound = S.loopBound(count);\n"
                + "        for (int i = 0; i < bound; i += N) {\n");
        for (String place : places) {
            put(place);
        }
    }

    private void end() {
        lines.add("        }\n        return bound;\n    }\n");
    }

    private void put(String line) {
        lines.add("            " + line + "\n");
    }

    private List<String> loads(String step) {
        List<String> loads = new ArrayList<>();
        for (int n = 0; n < PHASES; n++) {
            loads.add(name("load(x, from" + times(n, step) + ")"));
        }
        return loads;
    }

    private String name(String value) {
        String name = "v" + names++;
        put("IntVector " + name + " = " + value + ";");
        return name;
    }

    /** @param place what the levels before have chosen, bit by bit */
    private void level(List<String> of, int level, int place, boolean splits) {
        for (int bit = 0; bit < 2; bit++) {
            String selection = splits ? bit == 0 ? "EVEN" : "ODD" : bit == 0 ? "LOW" : "HIGH";
            int chosen = splits ? place + (bit << level) : 2 * place + bit;
            List<String> half = new ArrayList<>();
            for (int n = 0; n < of.size() / 2; n++) {
                String value = selection + ".selectFrom(" + of.get(splits ? 2 * n : n) + ", "
                        + of.get(splits ? 2 * n + 1 : n + of.size() / 2) + ")";
                if (level == LEVELS - 1) {
                    put("store(" + value + ", to, q" + times(chosen, splits ? "stride" : "N") + ");");
                } else {
                    half.add(name(value));
                }
            }
            if (level < LEVELS - 1) {
                level(half, level + 1, chosen, splits);
            }
        }
    }

    private static String times(int number, String step) {
        return number == 0 ? "" : number == 1 ? " + " + step : " + " + number + " * " + step;
    }
}
