// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A loop nest over two operands, each with a stride per axis, reduced to as few axes as there can be: axes of length 1
 * are dropped, neighbours that lie one after the other in both operands merged. The innermost axis is the one to run
 * along; the others together count <em>rows</em>.
 */
final class Axes {
    private final int[] dims;
    private final int[] first;
    private final int[] second;

    Axes(int[] dims, int[] first, int[] second) {
        this.dims = dims;
        this.first = first;
        this.second = second;
    }

    static Axes of(int[] dims, int[] first, int[] second) {
        List<int[]> axes = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            int[] last = axes.isEmpty() ? null : axes.getLast();
            if (last != null && last[1] == first[i] * dims[i] && last[2] == second[i] * dims[i]) {
                axes.set(axes.size() - 1, new int[] {last[0] * dims[i], first[i], second[i]});
            } else if (dims[i] > 1) {
                axes.add(new int[] {dims[i], first[i], second[i]});
            }
        }
        if (axes.isEmpty()) {
            axes.add(new int[] {1, 1, 1});
        }
        return of(axes);
    }

    private static Axes of(List<int[]> axes) {
        int[][] columns = new int[3][axes.size()];
        Arrays.setAll(columns[0], i -> axes.get(i)[0]);
        Arrays.setAll(columns[1], i -> axes.get(i)[1]);
        Arrays.setAll(columns[2], i -> axes.get(i)[2]);
        return new Axes(columns[0], columns[1], columns[2]);
    }

    int[] dims() {
        return dims;
    }

    int[] first() {
        return first;
    }

    int[] second() {
        return second;
    }

    int inner() {
        return dims[dims.length - 1];
    }

    int innerFirst() {
        return first[dims.length - 1];
    }

    int innerSecond() {
        return second[dims.length - 1];
    }

    int size() {
        return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    }

    /** Where {@code row} begins in the first operand. */
    int firstOffset(int row) {
        return offset(row, first, dims.length - 1);
    }

    /** Where {@code row} begins in the second operand. */
    int secondOffset(int row) {
        return offset(row, second, dims.length - 1);
    }

    /** The same loops with {@code axis} moved to the place before the innermost. */
    Axes besideInner(int axis) {
        List<int[]> axes = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            axes.add(new int[] {dims[i], first[i], second[i]});
        }
        axes.add(dims.length - 2, axes.remove(axis));
        return of(axes);
    }

    /** The same loops with the two innermost axes exchanged. */
    Axes swapInner() {
        return besideInner(dims.length - 1);
    }

    /** Row-major index {@code index} over the first {@code count} axes, as an offset. */
    private int offset(int index, int[] strides, int count) {
        int rest = index;
        int offset = 0;
        for (int i = count - 1; i > 0; i--) {
            offset += rest % dims[i] * strides[i];
            rest /= dims[i];
        }
        return count > 0 ? offset + rest * strides[0] : 0;
    }
}
