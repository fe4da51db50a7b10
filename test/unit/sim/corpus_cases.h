/* What the matmul kernels of the corpus compute, written down by hand. */
#ifndef PTL_TEST_SIM_CORPUS_CASES_H
#define PTL_TEST_SIM_CORPUS_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "target/target.h"

/* A rectangle of an argument: its first element, and the elements of a row. */
typedef struct place {
  int arg;
  int64_t row, col, stride;
} place;

/* out[m][n] = lhs[m][k] * rhs[k][n], or rhs[n][k]. */
typedef struct kernel_case {
  const char *file;
  const char *scalars; /* "3=16 4=2" */
  int64_t block;
  ptl_elem elem, out_elem;
  place lhs, rhs, out;
  int64_t m, k, n;
  bool transposed, adds; /* rhs is stored by columns; the output is added to */
} kernel_case;

#define I8 PTL_ELEM_I8, PTL_ELEM_I32
#define BF16 PTL_ELEM_BF16, PTL_ELEM_F32
#define F32 PTL_ELEM_F32, PTL_ELEM_F32
#define DEEPSEEK "deepseek_v4_decode_a3/"
#define QWEN14 "qwen3_14b_decode_a3/"
#define QWEN32 "qwen3_32b_decode_a3/"
#define A8W8 "qwen3_14b_a8w8_decode_a3/"

/* clang-format off */
static const kernel_case cases[] = {
    {DEEPSEEK "exp_gate_mm.pto", "3=16 4=2", 1, I8, {1, 16, 0, 4096},
     {2, 5120, 0, 4096}, {0, 0, 1024, 2048}, 16, 4096, 1024, true, false},
    {DEEPSEEK "exp_up_mm.pto", "3=32 4=1", 1, I8, {1, 32, 0, 4096},
     {2, 3072, 0, 4096}, {0, 0, 1024, 2048}, 16, 4096, 1024, true, false},
    {DEEPSEEK "exp_w2_mm.pto", "3=2", 1, I8, {1, 0, 0, 2048},
     {2, 9216, 0, 2048}, {0, 0, 1024, 4096}, 16, 2048, 1024, true, false},
    {DEEPSEEK "kv_score_proj.pto", "", 1, BF16, {0, 0, 0, 4096},
     {1, 64, 0, 4096}, {3, 0, 64, 1024}, 8, 4096, 64, true, false},
    {DEEPSEEK "kv_score_proj.pto", "", 1, BF16, {0, 0, 0, 4096},
     {2, 64, 0, 4096}, {4, 0, 64, 1024}, 8, 4096, 64, true, false},
    {DEEPSEEK "qproj_matmul.pto", "3=16 4=32", 3, I8, {1, 0, 0, 1024},
     {2, 0, 1536, 32768}, {0, 0, 1536, 32768}, 32, 1024, 512, false, false},
    {DEEPSEEK "sh_gate_mm.pto", "", 3, I8, {0, 0, 0, 4096},
     {1, 768, 0, 4096}, {2, 0, 768, 2048}, 8, 4096, 256, true, false},
    {DEEPSEEK "sh_up_mm.pto", "", 2, I8, {0, 0, 0, 4096},
     {1, 512, 0, 4096}, {2, 0, 512, 2048}, 8, 4096, 256, true, false},
    {QWEN14 "down_proj.pto", "3=5 4=256 5=512", 0, BF16, {0, 0, 5, 17408},
     {1, 261, 512, 5120}, {2, 0, 512, 5120}, 16, 1024, 1024, false, true},
    {QWEN14 "gate_proj.pto", "3=1024", 2, BF16, {0, 0, 0, 5120},
     {1, 1024, 2048, 17408}, {2, 0, 2048, 17408}, 16, 1024, 1024, false, true},
    {QWEN14 "up_proj.pto", "3=64", 1, BF16, {0, 0, 0, 5120},
     {1, 64, 1024, 17408}, {2, 0, 1024, 17408}, 16, 1024, 1024, false, true},
    {QWEN14 "q_proj.pto", "3=5", 6, BF16, {1, 0, 1024, 5120},
     {2, 1029, 512, 5120}, {0, 0, 512, 5120}, 16, 1024, 512, false, true},
    {QWEN14 "k_proj.pto", "3=1024", 7, BF16, {1, 0, 2048, 5120},
     {2, 3072, 512, 1024}, {0, 0, 512, 1024}, 16, 1024, 512, false, true},
    {QWEN14 "v_proj.pto", "3=512", 7, BF16, {1, 0, 2048, 5120},
     {2, 2560, 512, 1024}, {0, 0, 512, 1024}, 16, 1024, 512, false, true},
    {QWEN14 "out_proj.pto", "3=512 4=16 5=256", 0, BF16, {0, 0, 512, 5120},
     {1, 528, 256, 5120}, {2, 0, 256, 5120}, 16, 1024, 512, false, true},
    {QWEN32 "gate_proj.pto", "3=5", 1, BF16, {0, 0, 0, 8192},
     {1, 0, 1536, 25600}, {2, 0, 256, 512}, 16, 8192, 256, false, false},
    {QWEN32 "up_proj.pto", "3=7", 1, BF16, {0, 0, 0, 8192},
     {1, 0, 2048, 25600}, {2, 0, 256, 512}, 16, 8192, 256, false, false},
    {QWEN32 "kv_proj.pto", "", 1, BF16, {0, 0, 0, 8192},
     {1, 0, 256, 1024}, {3, 0, 256, 1024}, 16, 8192, 256, false, false},
    {QWEN32 "kv_proj.pto", "", 1, BF16, {0, 0, 0, 8192},
     {2, 0, 256, 1024}, {4, 0, 256, 1024}, 16, 8192, 256, false, false},
    {QWEN32 "q_proj.pto", "", 2, BF16, {0, 0, 0, 8192},
     {1, 0, 512, 8192}, {2, 0, 512, 8192}, 16, 8192, 256, false, false},
    {QWEN32 "qk_matmul.pto", "3=1 4=2", 1, BF16, {0, 160, 0, 128},
     {2, 40960, 0, 128}, {1, 512, 0, 256}, 16, 128, 256, true, false},
    {QWEN32 "qk_matmul.pto", "3=1 4=2", 1, BF16, {0, 176, 0, 128},
     {2, 45056, 0, 128}, {1, 768, 0, 256}, 16, 128, 256, true, false},
    {QWEN32 "sv_matmul.pto", "3=1 4=2", 1, BF16, {1, 512, 0, 256},
     {2, 73728, 0, 128}, {0, 512, 0, 128}, 16, 256, 128, false, false},
    {QWEN32 "sv_matmul.pto", "3=1 4=2", 1, BF16, {1, 768, 0, 256},
     {2, 77824, 0, 128}, {0, 768, 0, 128}, 16, 256, 128, false, false},
    {A8W8 "gate_up_store.pto", "arg10=512", 0, I8, {0, 0, 0, 5120},
     {1, 0, 512, 17408}, {3, 0, 512, 17408}, 16, 5120, 256, false, false},
    {A8W8 "gate_up_store.pto", "arg10=512", 0, I8, {0, 0, 0, 5120},
     {2, 0, 512, 17408}, {4, 0, 512, 17408}, 16, 5120, 256, false, false},
    {A8W8 "aic__down_dual_proj.pto", "3=64 4=256 5=512 6=1024 7=16", 0, BF16, {0, 0, 64, 17408},
     {1, 320, 512, 5120}, {2, 16, 512, 5120}, 16, 8704, 256, false, false},
    {A8W8 "aic__down_dual_proj.pto", "3=64 4=256 5=512 6=1024 7=16", 0, BF16, {0, 0, 64, 17408},
     {1, 320, 1024, 5120}, {2, 16, 1024, 5120}, 16, 8704, 256, false, false},
    {"ffn/ffn_fc1.pto", "", 0, F32, {0, 0, 0, 32},
     {1, 0, 0, 32}, {3, 0, 0, 32}, 32, 32, 32, false, false},
    {"ffn/ffn_fc1_splitk.pto", "", 0, F32, {0, 0, 0, 128},
     {2, 0, 0, 32}, {4, 0, 0, 32}, 32, 128, 32, false, false},
    {"ffn/ffn_fc2.pto", "", 0, F32, {0, 0, 0, 32},
     {1, 0, 0, 32}, {2, 0, 0, 32}, 32, 32, 32, false, false},
};
/* clang-format on */

#endif
