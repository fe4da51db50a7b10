/* Parts of views of two dimensions, the form in which products have their operands. */
#ifndef PTL_PASSES_PARTS_H
#define PTL_PASSES_PARTS_H

#include "ir/build.h"

/* The operands of a pto.partition_view of two dimensions. */
enum { PTL_PART_VIEW, PTL_PART_ROW, PTL_PART_COL, PTL_PART_ROWS, PTL_PART_COLS, PTL_PART_OPERANDS };

/* The pto.partition_view of two dimensions that makes a value; null if it is made otherwise. */
MlirOperation ptl_part_of(MlirValue value);

/* Whether a value is such a part, whose operand is this constant. */
bool ptl_part_has(MlirValue value, int operand, int64_t constant);

/* The argument of a function to which, as a pointer, a part's view belongs; null if it is none. */
MlirValue ptl_argument_of_part(MlirValue value);

/* A part like another one, with other operands, whose type has the extents that are constant. */
MlirValue ptl_build_part_like(const ptl_builder *builder, MlirValue part,
                              const MlirValue operands[PTL_PART_OPERANDS]);

#endif
