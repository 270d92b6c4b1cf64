// SPDX-License-Identifier: Apache-2.0
/**
 * OpenCL 1.2 devices; {@link aulos.kernels.opencl.OpenClProvider} is the entry point. The kernels are the {@code .cl}
 * resources of this package, each of which compiles alone. Every call of OpenCL goes through {@code Cl}.
 */
package aulos.kernels.opencl;
