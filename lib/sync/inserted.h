/* The flags and barriers that ptoas puts into a kernel, as a model of 0.48 has them. */
#ifndef PTL_SYNC_INSERTED_H
#define PTL_SYNC_INSERTED_H

#include "sync/flag_op.h"
#include "walk/walk.h"

/* The ids of a flag that slots take turns with: by the number of the slot, which a value has. */
typedef struct ptl_slot_ids {
  int slot; /* value number; -1: the id is the flag's own */
  const int *ids;
  int count;
} ptl_slot_ids;

/* Before op `index` there are those from `first[index]` up to `first[index + 1]`; only ops that a
 * walk tells as steps have any. */
typedef struct ptl_inserted {
  const ptl_flag_op *flags;
  const ptl_slot_ids *slots; /* by flag */
  const int *first;
  bool has_slots;
} ptl_inserted;

/* NULL: the kernel is too long for the model, or has flags of its own. */
const ptl_inserted *ptl_inserted_flags(ptl_arena *arena, const ptl_kernel *kernel,
                                       const ptl_target *target, const ptl_noted *noted);

#endif
