// SPDX-License-Identifier: Apache-2.0
// Sums over some axes of x. An index of kept axes, or of added ones, is inner + size·outer; kept and added hold the
// inner size, the outer stride, the inner stride.
#ifndef GROUP
#define GROUP 64
#endif
// Terms per work-group, a multiple of GROUP.
#ifndef PART
#define PART (64 * GROUP)
#endif

inline int place(uint i, int4 axes) {
    uint size = (uint) axes.x;
    return (int) (i / size) * axes.y + (int) (i % size) * axes.z;
}

// One work-item per output.
kernel void serial(uint outputs, uint terms, global float *restrict y, const global float *restrict x, int4 kept,
        int4 added) {
    uint i = get_global_id(0);
    if (i < outputs) {
        const global float *from = x + place(i, kept);
        float sum = 0;
        for (uint term = 0; term < terms; term++) {
            sum += from[place(term, added)];
        }
        y[i] = sum;
    }
}

// Work-group (part, output) adds PART terms: y[output · parts + part].
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void tree(uint terms, global float *restrict y, const global float *restrict x, int4 kept, int4 added) {
    local float sums[GROUP];
    uint item = get_local_id(0);
    uint part = get_group_id(0);
    uint output = get_group_id(1);
    const global float *from = x + place(output, kept);
    uint end = min(terms, (part + 1) * PART);
    float sum = 0;
    for (uint term = part * PART + item; term < end; term += GROUP) {
        sum += from[place(term, added)];
    }
    sums[item] = sum;
    for (uint width = GROUP / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < width) {
            sums[item] += sums[item + width];
        }
    }
    if (item == 0) {
        y[output * get_num_groups(0) + part] = sums[0];
    }
}
