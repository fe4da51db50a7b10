/* Which diagnostic of a check says that the walk met a fault. */
#ifndef PTL_API_RULES_H
#define PTL_API_RULES_H

#include "support/codes.h"
#include "walk/walk.h"

/* `fault` is not PTL_FAULT_NONE. */
ptl_code ptl_code_of_fault(ptl_fault fault);

#endif
