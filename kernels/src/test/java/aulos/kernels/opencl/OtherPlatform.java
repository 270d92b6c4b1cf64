// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.op.OpCases;
import aulos.kernels.OpCasesContract;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A program that compares op cases on the first OpenCL device with the reference. Argument: {@code all}, or {@code few},
 * which is one row of each op.
 */
final class OtherPlatform {
    private OtherPlatform() {}

    public static void main(String[] args) {
        DeviceInfo device = DeviceInfo.all().getFirst();
        System.out.println(device);
        Set<String> seen = new HashSet<>();
        List<OpCases.Case> rows = OpCases.all().stream()
                .filter(row -> args[0].equals("all") || seen.add(row.op().name())).toList();
        try (OpenClBackend backend = new OpenClBackend(0, device)) {
            rows.forEach(row -> OpCasesContract.compare(row, backend));
        }
        System.out.println(rows.size() + " op cases right");
    }
}
