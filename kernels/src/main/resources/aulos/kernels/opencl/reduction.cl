// SPDX-License-Identifier: Apache-2.0
// Sums over some axes of x, or with MAX the largest elements. An index of kept axes, or of reduced ones, is inner + size·outer; kept and reduced hold the
// inner size, the outer stride, the inner stride.
#ifndef GROUP
#define GROUP 64
#endif
// Terms per work-group, a multiple of GROUP.
#ifndef PART
#define PART (64 * GROUP)
#endif

#ifdef MAX
#define NEUTRAL (-INFINITY)
// NaN wins: a comparison with it is false.
#define COMBINE(a, b) (isnan(a) || (a) > (b) ? (a) : (b))
#else
#define NEUTRAL 0
#define COMBINE(a, b) ((a) + (b))
#endif

inline int place(uint i, int4 axes) {
    uint size = (uint) axes.x;
    return (int) (i / size) * axes.y + (int) (i % size) * axes.z;
}

// One work-item per output.
kernel void serial(uint outputs, uint terms, global float *restrict y, const global float *restrict x, int4 kept,
        int4 reduced) {
    uint i = get_global_id(0);
    if (i < outputs) {
        const global float *from = x + place(i, kept);
        float result = NEUTRAL;
        for (uint term = 0; term < terms; term++) {
            result = COMBINE(result, from[place(term, reduced)]);
        }
        y[i] = result;
    }
}

// Work-group (part, output) reduces PART terms: y[output · parts + part].
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void tree(uint terms, global float *restrict y, const global float *restrict x, int4 kept, int4 reduced) {
    local float results[GROUP];
    uint item = get_local_id(0);
    uint part = get_group_id(0);
    uint output = get_group_id(1);
    const global float *from = x + place(output, kept);
    uint end = min(terms, (part + 1) * PART);
    float result = NEUTRAL;
    for (uint term = part * PART + item; term < end; term += GROUP) {
        result = COMBINE(result, from[place(term, reduced)]);
    }
    results[item] = result;
    for (uint width = GROUP / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < width) {
            results[item] = COMBINE(results[item], results[item + width]);
        }
    }
    if (item == 0) {
        y[output * get_num_groups(0) + part] = results[0];
    }
}
