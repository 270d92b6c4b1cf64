// SPDX-License-Identifier: Apache-2.0
//
// A part of conv.cl.

// BK rows of A and B, multiplied and added to the sums of one work-item.
#if PRECISION == FLOAT32
static void multiply(A_SPACE const float *A, int lda, local const float *B, SUMS sum[SM][SN]) {
    const int tx = get_local_id(0), ty = get_local_id(1);
#if CHUNKED
    SUMS part[SM][SN];
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < NV; j++) {
            part[i][j] = 0;
        }
    }
#else
#define part sum
#endif
#if DOUBLE_BUFFER
#pragma unroll 4
#else
#pragma unroll 1
#endif
    for (int k = 0; k < BK; k++) {
        float a[TM];
        SUMS b[NV];
#if A_LOCAL && TM % 4 == 0
#pragma unroll
        for (int i = 0; i < TM; i += 4) {
            float4 v = *(local const float4 *)(A + k * lda + ty * TM + i);
            a[i] = v.x;
            a[i + 1] = v.y;
            a[i + 2] = v.z;
            a[i + 3] = v.w;
        }
#else
#pragma unroll
        for (int i = 0; i < TM; i++) {
            a[i] = A[k * lda + ty * TM + i];
        }
#endif
#pragma unroll
        for (int j = 0; j < NV; j++) {
            b[j] = *(local const SUMS *)(B + k * LDB + (j * WX + tx) * VN);
        }
#pragma unroll
        for (int i = 0; i < TM; i++) {
#pragma unroll
            for (int j = 0; j < NV; j++) {
                part[i][j] = MULTIPLY_ADD((SUMS)a[i], b[j], part[i][j]);
            }
        }
    }
#if CHUNKED
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < NV; j++) {
            sum[i][j] += part[i][j];
        }
    }
#endif
}
#else
#if PRECISION == TF32
#define MMA_K 8
#else
#define MMA_K 16
#endif

#ifdef MMA_EMULATED
// One warp's A, 16 x MMA_K, and B, MMA_K x 8.
typedef struct {
    float a[16][MMA_K], b[MMA_K][8];
} Exchange;
#define EXCHANGE local Exchange exchange[WARPS];
#define EXCHANGE_ARGUMENT , local Exchange *exchange
#define WITH_EXCHANGE , exchange
#else
#define EXCHANGE
#define EXCHANGE_ARGUMENT
#define WITH_EXCHANGE
#endif

// What one register of a fragment holds: the value of row k + LANE % 4, or of BF16 the pair of rows k + LANE % 4 * 2.
static uint fragment(local const float *p, int ld, int k) {
    uint r;
#if PRECISION == TF32
    float v = p[(k + LANE % 4) * ld];
#ifdef MMA_EMULATED
    r = (as_uint(v) + 0x1000) & 0xffffe000;
#else
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(v));
#endif
#else
    float low = p[(k + LANE % 4 * 2) * ld];
    float high = p[(k + LANE % 4 * 2 + 1) * ld];
#ifdef MMA_EMULATED
    uint l = as_uint(low), h = as_uint(high);
    r = (l + 0x7fff + (l >> 16 & 1)) >> 16 | ((h + 0x7fff + (h >> 16 & 1)) & 0xffff0000);
#else
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
#endif
#endif
    return r;
}

// D = A * B + D for a warp: A of 16 x MMA_K in four registers, B of MMA_K x 8 in two, D of 16 x 8 in four, of which
// upper and lower have two each (PTX ISA, "Matrix Fragments for mma.m16n8k8" and "mma.m16n8k16").
static void mma(uint a0, uint a1, uint a2, uint a3, uint b0, uint b1, float2 *upper, float2 *lower
        EXCHANGE_ARGUMENT) {
#ifdef MMA_EMULATED
    const uint a[4] = {a0, a1, a2, a3}, b[2] = {b0, b1};
    local Exchange *mine = exchange + WARP;
    const int group = LANE >> 2, thread = LANE % 4;
    for (int i = 0; i < 4; i++) {
        int row = i == 0 || i == 2 ? group : group + 8;
#if PRECISION == TF32
        mine->a[row][i < 2 ? thread : thread + 4] = as_float(a[i]);
#else
        mine->a[row][thread * 2 + (i < 2 ? 0 : 8)] = as_float(a[i] << 16);
        mine->a[row][thread * 2 + 1 + (i < 2 ? 0 : 8)] = as_float(a[i] & 0xffff0000);
#endif
    }
    for (int i = 0; i < 2; i++) {
#if PRECISION == TF32
        mine->b[thread + i * 4][group] = as_float(b[i]);
#else
        mine->b[thread * 2 + i * 8][group] = as_float(b[i] << 16);
        mine->b[thread * 2 + 1 + i * 8][group] = as_float(b[i] & 0xffff0000);
#endif
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = 0; k < MMA_K; k++) {
        upper->x += mine->a[group][k] * mine->b[k][thread * 2];
        upper->y += mine->a[group][k] * mine->b[k][thread * 2 + 1];
        lower->x += mine->a[group + 8][k] * mine->b[k][thread * 2];
        lower->y += mine->a[group + 8][k] * mine->b[k][thread * 2 + 1];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#else
    float d0 = upper->x, d1 = upper->y, d2 = lower->x, d3 = lower->y;
#if PRECISION == TF32
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
#else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
#endif
        : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3)
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
    *upper = (float2)(d0, d1);
    *lower = (float2)(d2, d3);
#endif
}

static void multiply(local const float *A, int lda, local const float *B, SUMS sum[SM][SN] EXCHANGE_ARGUMENT) {
    A += WARP / WARPS_N * WARP_M + LANE / 4;
    B += WARP % WARPS_N * WARP_N + LANE / 4;
#ifdef MMA_EMULATED
#define UNROLL _Pragma("unroll 1")
#else
#define UNROLL _Pragma("unroll")
#endif
    UNROLL for (int k = 0; k < BK; k += MMA_K) {
        UNROLL for (int i = 0; i < SM; i += 2) {
            uint a0 = fragment(A + i * 8, lda, k), a1 = fragment(A + i * 8 + 8, lda, k);
            uint a2 = fragment(A + i * 8, lda, k + MMA_K / 2), a3 = fragment(A + i * 8 + 8, lda, k + MMA_K / 2);
            UNROLL for (int j = 0; j < SN; j++) {
                uint b0 = fragment(B + j * 8, LDB, k), b1 = fragment(B + j * 8, LDB, k + MMA_K / 2);
                mma(a0, a1, a2, a3, b0, b1, &sum[i][j], &sum[i + 1][j] WITH_EXCHANGE);
            }
        }
    }
}
#endif
#if PRECISION == FLOAT32
#define EXCHANGE
#define WITH_EXCHANGE
#endif
