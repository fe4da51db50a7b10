/* Bytes of a buffer that a function reserves for a pipe (pto.reserve_buffer), or uses of
 * another one's reservation (pto.import_reserved_buffer). */
#ifndef PTL_API_RESERVED_H
#define PTL_API_RESERVED_H

#include "kernel/kernel.h"

typedef struct ptl_reserved {
  const char *name;
  const ptl_op *op;    /* in the function that was looked at */
  MlirOperation where; /* the reserve_buffer; of an import that found none, the peer function */
  bool is_import;
  bool is_missing; /* the peer function is there, but reserves nothing of that name */
  bool is_placed;  /* space, base and size are known */
  ptl_space space;
  int64_t base, bytes;
} ptl_reserved;

typedef struct ptl_reservations {
  ptl_reserved *items;
  int count;
} ptl_reservations;

ptl_reservations ptl_reservations_of(ptl_arena *arena, const ptl_kernel *kernel);

#endif
