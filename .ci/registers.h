// SPDX-License-Identifier: Apache-2.0
// What the kernels use of OpenCL C, for clang's NVPTX target, which has no library of its own: see registers.
#define OV __attribute__((overloadable)) __attribute__((always_inline))
OV size_t get_local_id(uint d){ return d==0?__nvvm_read_ptx_sreg_tid_x():d==1?__nvvm_read_ptx_sreg_tid_y():__nvvm_read_ptx_sreg_tid_z(); }
OV size_t get_group_id(uint d){ return d==0?__nvvm_read_ptx_sreg_ctaid_x():d==1?__nvvm_read_ptx_sreg_ctaid_y():__nvvm_read_ptx_sreg_ctaid_z(); }
OV size_t get_num_groups(uint d){ return d==0?__nvvm_read_ptx_sreg_nctaid_x():d==1?__nvvm_read_ptx_sreg_nctaid_y():__nvvm_read_ptx_sreg_nctaid_z(); }
OV size_t get_global_id(uint d){ return __nvvm_read_ptx_sreg_ctaid_x()*__nvvm_read_ptx_sreg_ntid_x()+__nvvm_read_ptx_sreg_tid_x(); }
OV size_t get_local_size(uint d){ return __nvvm_read_ptx_sreg_ntid_x(); }
OV size_t get_global_size(uint d){ return __nvvm_read_ptx_sreg_ntid_x()*__nvvm_read_ptx_sreg_nctaid_x(); }
OV void barrier(cl_mem_fence_flags f){ __syncthreads(); }
OV float fma(float a,float b,float c){ return __builtin_fmaf(a,b,c); }
OV float fmax(float a,float b){ return __builtin_fmaxf(a,b); }
OV float fabs(float a){ return __builtin_fabsf(a); }
OV float sqrt(float a){ return __builtin_sqrtf(a); }
OV float tanh1(float a){ float r; __asm__("tanh.approx.f32 %0, %1;" : "=f"(r) : "f"(a)); return r; }
OV float tanh(float a){ return tanh1(a); }
OV float2 tanh(float2 a){ return (float2)(tanh1(a.x),tanh1(a.y)); }
OV float4 tanh(float4 a){ return (float4)(tanh1(a.x),tanh1(a.y),tanh1(a.z),tanh1(a.w)); }
OV int min(int a,int b){ return a<b?a:b; }
OV int max(int a,int b){ return a>b?a:b; }
