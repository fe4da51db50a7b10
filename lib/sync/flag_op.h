/* A flag or barrier in a kernel. */
#ifndef PTL_SYNC_FLAG_OP_H
#define PTL_SYNC_FLAG_OP_H

#include "asm/ops.h"

typedef enum ptl_flag_kind {
  PTL_FLAG_SET,
  PTL_FLAG_WAIT,
  PTL_FLAG_BARRIER, /* `from` waits for itself; PTL_SYNC_PIPE_NONE: all pipes for each other */
} ptl_flag_kind;

typedef struct ptl_flag_op {
  ptl_flag_kind kind;
  ptl_sync_pipe from, to;
  int64_t id;
} ptl_flag_op;

/* Event ids of a pair of pipes: 0 to 7. */
enum { PTL_FLAG_IDS = 8 };

#endif
