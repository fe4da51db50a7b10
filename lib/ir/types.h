/* What a type of the pto dialect says, read from its text once for each type of a session.
 *
 * The context makes each type once and keeps it, so its address is its key as long as the session
 * lives. */
#ifndef PTL_IR_TYPES_H
#define PTL_IR_TYPES_H

#include <mlir-c/IR.h>

#include "asm/asm.h"
#include "ir/session.h"

typedef struct ptl_type_facts {
  const void *key;
  bool is_tile;      /* `tile` holds it */
  bool is_partition; /* of a view, of any rank and element type */
  bool is_view;      /* the same, also a whole view */
  bool is_matrix;    /* of a view, at most two dimensions of a known type: `view` holds it */
  ptl_tile_type tile;
  ptl_view_type view;
} ptl_type_facts;

/* The session owns them. */
const ptl_type_facts *ptl_type_facts_of(ptl_session *session, MlirType type);

/* The tile type of a value; NULL if it is no tile. */
const ptl_tile_type *ptl_tile_of(ptl_session *session, MlirValue value);

#endif
