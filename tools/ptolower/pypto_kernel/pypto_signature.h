/* Between the taking over of a signature and the judging of it. */
#ifndef PTOLOWER_PYPTO_SIGNATURE_H
#define PTOLOWER_PYPTO_SIGNATURE_H

#include "pypto_kernel/pypto_kernel.h"
#include "support/codes.h"

/* Reports why the kernel of that file cannot be called; false. */
bool pypto_complain(const char *path, ptl_code code, const char *text);

/* Whether it is a kernel that a model can call; brings what its functions say of the arguments
 * together, and gives each a name. */
bool pypto_judge(const char *path, pypto_signature *kernel);

#endif
