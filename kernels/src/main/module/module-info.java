// SPDX-License-Identifier: Apache-2.0
/** The fast backends: the processor's cores through the Vector API, and OpenCL devices through JOCL. */
module aulos.kernels {
    requires transitive aulos.engine;

    requires com.google.gson;
    requires JLargeArrays;
    requires JTransforms;
    requires jocl;
    requires static jdk.incubator.vector;

    exports aulos.kernels.cpu;
    exports aulos.kernels.opencl;

    // Tuning tables are records that Gson fills.
    opens aulos.kernels.opencl to
            com.google.gson;

    provides aulos.engine.BackendProvider with
            aulos.kernels.cpu.CpuProvider,
            aulos.kernels.opencl.OpenClProvider;
}
