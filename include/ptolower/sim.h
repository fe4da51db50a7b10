/* Running .pto kernels on the host, exactly (docs/sim.md).
 *
 *   ptolower_sim_argument arguments[] = {
 *       {.name = "0", .text = "random:16x5120xi8,seed=1"},
 *       {.name = "1", .data = weights, .size = sizeof(weights)},
 *       {.name = "arg10", .text = "256"}};
 *   ptolower_sim_options sim = {.arguments = arguments, .argument_count = 3};
 *   ptolower_status status = ptolower_simulate(options, &sim, text, length, &result);
 *   const void *out = ptolower_result_tensor(result, "2", &size);
 */
#ifndef PTOLOWER_SIM_H
#define PTOLOWER_SIM_H

#include <stdint.h>

#include <ptolower/ptolower.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one argument of the kernel is: bytes, or a text. Of a pointer the text says how its
 * tensor is made, `random|extreme|small|iota|ones|zeros` with `:SHAPExTYPE` and `,seed=N` after
 * it (without a shape the tensor grows to what the kernel reaches); of a scalar it is the
 * number. Pointers that are not given are zeros, and grow; scalars are 0. */
typedef struct ptolower_sim_argument {
  const char *name; /* of the argument, or its index */
  const char *text;
  const void *data; /* instead of `text`: what the tensor holds before the run. Never written, and
                       copied only if the kernel writes to it: it has to live as long as the
                       result. */
  size_t size;      /* bytes */
} ptolower_sim_argument;

typedef struct ptolower_sim_options {
  const char *function; /* NULL: the module's only one, or pair; of X_aic and X_aiv also X */
  const ptolower_sim_argument *arguments;
  size_t argument_count;
  int64_t first_block; /* of those that are run, one after the other */
  int64_t block_count; /* 0: one */
  int64_t block_num;   /* that the kernel is told; 0: first_block + block_count */
  int64_t max_steps;   /* ops that a core may run; 0: 400 million */
} ptolower_sim_options;

/* Runs a kernel. PTOLOWER_REFUSED: it holds an op that is not simulated, reads what
 * was never written, or leaves its memory. `options` are file, target, target-json and
 * target-file of ptolower_options_set. `*result` as with ptolower_run. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_simulate(const ptolower_options *options,
                                                                    const ptolower_sim_options *sim,
                                                                    const char *text, size_t length,
                                                                    ptolower_result **result);

/* What a tensor holds after the run; NULL if there is none of that name or index. */
PTOLOWER_EXPORT const void *ptolower_result_tensor(const ptolower_result *result, const char *name,
                                                   size_t *size);
/* Its element type: "i8", "ui8", "i16", "i32", "f16", "bf16", "f32", "ui32", "i64"; NULL as above.
 */
PTOLOWER_EXPORT const char *ptolower_result_tensor_type(const ptolower_result *result,
                                                        const char *name);
/* Its shape as it was asked for: the rank, at most 8; 0 if it was not. */
PTOLOWER_EXPORT int ptolower_result_tensor_shape(const ptolower_result *result, const char *name,
                                                 int64_t shape[8]);
/* The shape of one that grew, as the kernel's largest view of it has it, the outermost dimension in
 * memory first: the rank; 0 if that view has gaps, or is not all of the tensor. */
PTOLOWER_EXPORT int ptolower_result_tensor_view(const ptolower_result *result, const char *name,
                                                int64_t shape[8]);

/* A module's text. */
typedef struct ptolower_text {
  const char *file; /* its name in diagnostics; NULL: <stdin> */
  const char *data;
  size_t length;
} ptolower_text;

/* Runs the functions of two modules that have the same name on generated inputs, and compares
 * every tensor bit for bit. A reference of tensors (linalg) is computed as a plain product.
 * PTOLOWER_INTERNAL with PTL320: they differ. PTOLOWER_REFUSED: one of them cannot be run. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_validate(const ptolower_options *options,
                                                                    const ptolower_text *before,
                                                                    const ptolower_text *after,
                                                                    ptolower_result **result);

#ifdef __cplusplus
}
#endif

#endif
