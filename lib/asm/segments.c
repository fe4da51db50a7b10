/* The attribute that counts the operands of each group, for an op that is made in code and has
 * one operand in each. */
#include <mlir-c/BuiltinAttributes.h>

#include "asm/asm.h"
#include "asm/syntax.h"

MlirAttribute ptl_asm_plain_segments(MlirContext context, ptl_op_id op) {
  const ptl_op_row *row = &ptl_op_table[op];
  if (!row->syntax) {
    return mlirAttributeGetNull();
  }
  ptl_op_layout layout = ptl_op_layout_of(row);
  if (layout.is_fixed) {
    return mlirAttributeGetNull();
  }
  int32_t sizes[PTL_MAX_GROUPS];
  for (int i = 0; i < layout.count; i++) {
    sizes[i] = layout.groups[i].mark == 0;
  }
  return mlirDenseI32ArrayGet(context, layout.count, sizes);
}
