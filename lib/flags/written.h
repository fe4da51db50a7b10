/* The flags of a kernel that ptoas has synchronised, read from the C++ that it wrote.
 *
 * The C++ is read for exactly what this emitter writes: a function begins with a line `AICORE void
 * name(...) {`; each flag, barrier, instruction, loop and branch has a line of its own. Of
 * instructions only the names are read. They are matched, in their order, with the ops of the
 * kernel that was compiled: so each flag gets its place in that kernel, whose tiles and loops are
 * known. What does not match is not followed.
 */
#ifndef PTL_FLAGS_WRITTEN_H
#define PTL_FLAGS_WRITTEN_H

#include "flags/flags.h"
#include "support/strbuf.h"

/* The flags that stand beside a kernel in this C++; NULL with `why`: they are not known. */
const ptl_flags_beside *ptl_flags_written(ptl_arena *arena, ptl_str text, const ptl_kernel *kernel,
                                          const ptl_target *target, const char **why);

#endif
