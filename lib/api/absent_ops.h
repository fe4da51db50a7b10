/* Ops that the ptoas that is written for does not have. */
#ifndef PTL_API_ABSENT_OPS_H
#define PTL_API_ABSENT_OPS_H

#include "api/remarks.h"

/* Tells each op of a kernel that a version of ptoas surely does not have; none of the strictest of
 * all, which is no version. */
void ptl_tell_absent_ops(ptl_remarks *remarks, const ptl_kernel *kernel, const ptl_ptoas *ptoas);

#endif
