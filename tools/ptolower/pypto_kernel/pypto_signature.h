/* Between the reading of a lowered kernel and the judging of what was read. */
#ifndef PTOLOWER_PYPTO_SIGNATURE_H
#define PTOLOWER_PYPTO_SIGNATURE_H

#include "pypto_kernel/pypto_kernel.h"
#include "support/codes.h"

typedef struct pypto_reader pypto_reader;

/* Reports why the kernel cannot be called; false. */
bool pypto_complain(const pypto_reader *in, ptl_code code, const char *text);

/* Whether what was read is a kernel that a model can call; brings what its functions say of the
 * arguments together, and gives each a name. */
bool pypto_judge(const pypto_reader *in, pypto_signature *kernel, bool has_pipe);

#endif
