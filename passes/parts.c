/* Reads and builds parts of views of two dimensions. */
#include "passes/parts.h"

#include <inttypes.h>

#include "asm/asm.h"

MlirOperation ptl_part_of(MlirValue value) {
  MlirOperation op = {NULL};
  if (mlirValueIsAOpResult(value) &&
      ptl_op_is(mlirOpResultGetOwner(value), PTL_PTO_PARTITION_VIEW) &&
      mlirOperationGetNumOperands(mlirOpResultGetOwner(value)) == PTL_PART_OPERANDS) {
    op = mlirOpResultGetOwner(value);
  }
  return op;
}

bool ptl_part_has(MlirValue value, int operand, int64_t constant) {
  MlirOperation part = ptl_part_of(value);
  int64_t found;
  return !mlirOperationIsNull(part) &&
         ptl_constant_of(mlirOperationGetOperand(part, operand), &found) && found == constant;
}

static bool is_argument_of_function(MlirValue value) {
  return mlirValueIsABlockArgument(value) &&
         ptl_op_is(mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value)), PTL_FUNC_FUNC);
}

MlirValue ptl_argument_of_part(MlirValue value) {
  MlirOperation part = ptl_part_of(value);
  MlirValue view =
      mlirOperationIsNull(part) ? (MlirValue){NULL} : mlirOperationGetOperand(part, PTL_PART_VIEW);
  if (mlirValueIsNull(view) || !mlirValueIsAOpResult(view) ||
      !ptl_op_is(mlirOpResultGetOwner(view), PTL_PTO_MAKE_TENSOR_VIEW)) {
    return (MlirValue){NULL};
  }
  MlirValue pointer = mlirOperationGetOperand(mlirOpResultGetOwner(view), 0);
  return is_argument_of_function(pointer) ? pointer : (MlirValue){NULL};
}

static const char *extent_text(const ptl_builder *builder, MlirValue extent, int64_t of_type) {
  int64_t value;
  value = ptl_constant_of(extent, &value) ? value : of_type;
  return value < 0 ? "?" : ptl_arena_printf(builder->arena, "%" PRId64, value);
}

MlirValue ptl_build_part_like(const ptl_builder *builder, MlirValue part,
                              const MlirValue operands[PTL_PART_OPERANDS]) {
  ptl_view_type type;
  (void)ptl_view_type_parse(ptl_type_text(builder->arena, mlirValueGetType(part)), &type);
  const char *text = ptl_arena_printf(
      builder->arena, "!pto.partition_tensor_view<%sx%sx%s>",
      extent_text(builder, operands[PTL_PART_ROWS], type.extents[0]),
      extent_text(builder, operands[PTL_PART_COLS], type.extents[1]), ptl_elem_name(type.elem));
  MlirLocation location = mlirOperationGetLocation(mlirOpResultGetOwner(part));
  return ptl_build_part(builder, operands, ptl_type(builder->context, text),
                        ptl_places_get(builder->places, location).name);
}
