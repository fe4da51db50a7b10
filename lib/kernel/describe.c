/* Names of values and ops for messages, as the file has them; of values without a name, what they
 * are. */
#include "kernel/describe.h"

#include <inttypes.h>
#include <mlir-c/BuiltinAttributes.h>

static const char *argument_name(ptl_arena *arena, MlirValue value) {
  MlirOperation owner = mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value));
  intptr_t index = mlirBlockArgumentGetArgNumber(value);
  const char *name = ptl_argument_name(arena, owner, index);
  if (name) {
    return name;
  }
  bool is_loop = index == 0 && mlirOperationGetNumResults(owner) == 0;
  return is_loop ? ptl_loc_parts_of(arena, mlirOperationGetLocation(owner)).name : NULL;
}

const char *ptl_name_of_value(ptl_arena *arena, MlirValue value) {
  const char *name = NULL;
  if (mlirValueIsABlockArgument(value)) {
    name = argument_name(arena, value);
  } else if (mlirOpResultGetResultNumber(value) == 0) {
    MlirLocation location = mlirOperationGetLocation(mlirOpResultGetOwner(value));
    name = ptl_loc_parts_of(arena, location).name;
  }
  return name && *name ? ptl_arena_printf(arena, "%%%s", name) : "";
}

const char *ptl_value_name(const ptl_kernel *kernel, int value) {
  if (!kernel->names[value]) {
    kernel->names[value] = ptl_name_of_value(kernel->arena, kernel->values[value].value);
  }
  return kernel->names[value];
}

const char *ptl_tile_text(ptl_arena *arena, const ptl_kernel *kernel, int value,
                          int64_t address_bytes) {
  const char *name = ptl_value_name(kernel, value);
  const char *space = ptl_space_name(kernel->values[value].tile.space);
  const char *gap = *name ? " " : "";
  if (!kernel->has_addresses) {
    return ptl_arena_printf(arena, "%s tile%s%s", space, gap, name);
  }
  return ptl_arena_printf(arena, *name ? "%s tile%s%s (at %" PRId64 ")" : "%s tile%s%s at %" PRId64,
                          space, gap, name, address_bytes);
}

int ptl_written_tile(const ptl_kernel *kernel, const ptl_op *op) {
  for (int i = op->operand_count - 1; i >= 0; i--) {
    if (op->access[i] == PTL_ACCESS_WRITE && kernel->values[op->operands[i]].is_tile) {
      return op->operands[i];
    }
  }
  return -1;
}

/* With the name of the tile; "the tile" if it has none. */
static const char *of_tile(ptl_arena *arena, const ptl_kernel *kernel, int value,
                           const char *what) {
  const char *name = value >= 0 ? ptl_value_name(kernel, value) : "";
  return ptl_arena_printf(arena, "%s %s", *name ? name : "the tile", what);
}

static const char *other_op_text(ptl_arena *arena, const ptl_kernel *kernel, const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  int written = ptl_written_tile(kernel, op);
  const char *own = ptl_arena_copy(arena, name.data, name.length);
  return written >= 0
             ? of_tile(arena, kernel, written, ptl_arena_printf(arena, "is written by %s", own))
             : ptl_arena_printf(arena, "%s is", own);
}

const char *ptl_op_text(ptl_arena *arena, const ptl_kernel *kernel, const ptl_op *op) {
  int written = ptl_written_tile(kernel, op);
  switch (op->kind) {
  case PTL_OP_ALLOC:
    return of_tile(arena, kernel, op->first_result, "is allocated");
  case PTL_OP_LOAD:
    return of_tile(arena, kernel, written, "is loaded");
  case PTL_OP_EXTRACT:
  case PTL_OP_MOVE:
    return of_tile(
        arena, kernel, written,
        ptl_arena_printf(arena, "is filled from %s", ptl_value_name(kernel, op->operands[0])));
  case PTL_OP_MATMUL:
  case PTL_OP_PRODUCT:
    return of_tile(arena, kernel, written, "is written by this product");
  case PTL_OP_MATMUL_ACC:
    return of_tile(arena, kernel, written, "is added to by this product");
  case PTL_OP_STORE:
    return of_tile(arena, kernel, op->operands[0], "is stored");
  case PTL_OP_PUSH:
    return of_tile(arena, kernel, op->operands[0], "is pushed");
  case PTL_OP_FOR:
    return "the loop is";
  case PTL_OP_IF:
    return "the branch is";
  default:
    return other_op_text(arena, kernel, op);
  }
}
