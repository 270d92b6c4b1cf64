// SPDX-License-Identifier: Apache-2.0
// Rows and their norms: a work-group for each row of width elements.
#ifndef GROUP
#define GROUP 64
#endif

// The sum of all items' pairs, in a tree; sums is scratch.
inline float2 total(float2 own, local float2 *sums) {
    uint item = get_local_id(0);
    sums[item] = own;
    for (uint width = GROUP / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < width) {
            sums[item] += sums[item + width];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return sums[0];
}

// The row's (v·v, v·x).
inline float2 products(uint width, const global float *v, const global float *x, local float2 *sums) {
    float2 own = 0;
    for (uint k = get_local_id(0); k < width; k += GROUP) {
        own += v[k] * (float2)(v[k], x[k]);
    }
    return total(own, sums);
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void forward(uint width, global float *restrict w, const global float *v, const global float *g) {
    local float2 sums[GROUP];
    size_t row = get_group_id(0);
    const global float *from = v + row * width;
    float factor = g[row] / sqrt(products(width, from, from, sums).x);
    for (uint k = get_local_id(0); k < width; k += GROUP) {
        w[row * width + k] = from[k] * factor;
    }
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void gradient(uint width, global float *restrict y, const global float *v, const global float *g,
        const global float *x) {
    local float2 sums[GROUP];
    size_t row = get_group_id(0);
    const global float *direction = v + row * width;
    const global float *from = x + row * width;
    float2 dots = products(width, direction, from, sums);
    float scale = g[row] / sqrt(dots.x);
    float along = dots.y / dots.x;
    for (uint k = get_local_id(0); k < width; k += GROUP) {
        y[row * width + k] = scale * (from[k] - along * direction[k]);
    }
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void projection(uint width, global float *restrict y, const global float *v, const global float *x) {
    local float2 sums[GROUP];
    size_t row = get_group_id(0);
    float2 dots = products(width, v + row * width, x + row * width, sums);
    if (get_local_id(0) == 0) {
        y[row] = dots.y / sqrt(dots.x);
    }
}
