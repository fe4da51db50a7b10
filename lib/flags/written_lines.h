/* Inside of the reading of C++: the lines of a function (written_lines.c), and what they are to the
 * ops of a kernel (written.c). Not for other layers. */
#ifndef PTL_FLAGS_WRITTEN_LINES_H
#define PTL_FLAGS_WRITTEN_LINES_H

#include "flags/flags.h"
#include "support/strbuf.h"

typedef enum ptl_written_kind {
  PTL_WRITTEN_OP, /* `name` in capitals, as TMATMUL_ACC */
  PTL_WRITTEN_FLAG,
  PTL_WRITTEN_LOOP,
  PTL_WRITTEN_BRANCH,
  PTL_WRITTEN_ELSE,
  PTL_WRITTEN_END,
} ptl_written_kind;

typedef struct ptl_written {
  ptl_written_kind kind;
  ptl_str name;
  ptl_flag_op flag; /* its id is -1 if it is computed */
} ptl_written;

typedef struct ptl_written_list {
  ptl_written *items;
  int count, capacity;
} ptl_written_list;

/* The lines of the function of that name, without the END that closes it. False with `why`. */
bool ptl_written_lines(ptl_arena *arena, ptl_str text, const char *function, ptl_written_list *out,
                       const char **why);

#endif
