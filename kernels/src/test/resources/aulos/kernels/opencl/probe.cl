// SPDX-License-Identifier: Apache-2.0
kernel void probe(global float *y) {
    y[0] = 42;
}
