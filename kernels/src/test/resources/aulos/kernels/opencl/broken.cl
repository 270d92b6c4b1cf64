// SPDX-License-Identifier: Apache-2.0
// Does not compile.
kernel void broken(global float *y) {
    y[0] = missing_name;
}
