/* Values that are computed anew at an earlier place, by ops without effect. */
#ifndef PTL_PASSES_HOIST_H
#define PTL_PASSES_HOIST_H

#include "ir/build.h"

typedef struct ptl_hoist {
  ptl_builder builder; /* in front of the op where the values are needed */
  MlirOperation loop;  /* values of its first iteration are taken; null: of no loop */
  struct ptl_hoisted {
    MlirValue from, to;
  } * items;
  int count, capacity;
} ptl_hoist;

/* Whether a value that ops without effect compute can be had in front of `anchor`, in the first
 * iteration of `loop`, which may be null. */
bool ptl_can_be_hoisted(MlirOperation anchor, MlirOperation loop, MlirValue value);

ptl_hoist ptl_hoist_before(ptl_session *session, MlirOperation anchor, MlirOperation loop);

/* The value in front of the anchor, where it can be had. */
MlirValue ptl_hoist_value(ptl_hoist *hoist, MlirValue value);

#endif
