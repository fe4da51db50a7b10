/* One kernel of several that read one activation (docs/fuse.md).
 *
 *   ptolower_kernel kernels[] = {{.file = "gate.pto", .data = gate, .length = gate_length},
 *                                {.file = "up.pto", .data = up, .length = up_length}};
 *   ptolower_status status = ptolower_fuse(options, kernels, 2, &result);
 *   const char *output = ptolower_result_output(result, &size);
 *   const char *manifest = ptolower_result_manifest(result);
 */
#ifndef PTOLOWER_FUSE_H
#define PTOLOWER_FUSE_H

#include <ptolower/ptolower.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file with kernels, or one kernel of it; a file may be given for each of its kernels. */
typedef struct ptolower_kernel {
  const char *file; /* its name in diagnostics, in `same` and in the manifest */
  const char *data;
  size_t length;
  const char *function; /* NULL: all functions that multiply */
} ptolower_kernel;

/* Makes one function of the kernels, in the order in which they are given: it does what they do one
 * after the other, which is proved. The output is a module of that function alone. Beside the
 * options of ptolower_run,
 *
 *   same            lines FILE#FUNCTION:ARGUMENT=FILE#FUNCTION:ARGUMENT: these arguments are one
 *   name            of the function; else the names of the kernels with _ between
 *
 * and `fuse` is `auto`: only if one kernel is modelled faster than all of them (PTL056), or
 * `always`. As for ptolower_run, `*result` is set whatever the status is. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_fuse(const ptolower_options *options,
                                                                const ptolower_kernel *kernels,
                                                                size_t count,
                                                                ptolower_result **result);

/* As JSON, which arguments the function has, and which one of each kernel each of them is
 * (docs/fuse.md); NULL without an output. */
PTOLOWER_EXPORT const char *ptolower_result_manifest(const ptolower_result *result);

#ifdef __cplusplus
}
#endif

#endif
