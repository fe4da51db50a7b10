/* Numbers of slots compared, without running anything: `i % 2` and `(i + 1) % 2` are never equal.
 */
#ifndef PTL_SYNC_SLOT_FORM_H
#define PTL_SYNC_SLOT_FORM_H

#include "walk/walk.h"

typedef enum ptl_slot_relation {
  PTL_SLOTS_UNRELATED, /* as far as can be told */
  PTL_SLOTS_EQUAL,
  PTL_SLOTS_DISJOINT,
} ptl_slot_relation;

/* What is known of a kernel's values. */
typedef struct ptl_values {
  const ptl_op **makers; /* by value number; NULL for block arguments */
  const ptl_noted *noted;
} ptl_values;

ptl_values ptl_values_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_noted *noted);

/* How two values are related in one iteration, as numbers of one of `slots` slots; both are taken
 * to be in their range. */
ptl_slot_relation ptl_slots_compare(const ptl_values *values, int a, int b, int slots);

#endif
