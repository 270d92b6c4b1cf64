// SPDX-License-Identifier: Apache-2.0
// Y = A·B for each index of the third dimension; aStrides and bStrides are those of (row, inner) and (inner, column).
#ifndef TILE
#define TILE 16
#endif

kernel __attribute__((reqd_work_group_size(TILE, TILE, 1)))
void matmul(int rows, int columns, int inner, global float *restrict y, const global float *restrict a, int2 aStrides,
        const global float *restrict b, int2 bStrides) {
    // One column more than needed: reading down a column would meet the same memory bank each time.
    local float aTile[TILE][TILE + 1];
    local float bTile[TILE][TILE + 1];
    int batch = get_group_id(2);
    int column = get_global_id(0);
    int row = get_global_id(1);
    int i = get_local_id(1);
    int j = get_local_id(0);
    const global float *aBatch = a + (size_t) batch * rows * inner;
    const global float *bBatch = b + (size_t) batch * inner * columns;
    float sum = 0;
    for (int start = 0; start < inner; start += TILE) {
        aTile[i][j] = row < rows && start + j < inner ? aBatch[row * aStrides.x + (start + j) * aStrides.y] : 0;
        bTile[i][j] = column < columns && start + i < inner
                ? bBatch[(start + i) * bStrides.x + column * bStrides.y] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        float part = 0;
        for (int k = 0; k < TILE; k++) {
            part += aTile[i][k] * bTile[k][j];
        }
        sum += part;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (row < rows && column < columns) {
        y[((size_t) batch * rows + row) * columns + column] = sum;
    }
}
