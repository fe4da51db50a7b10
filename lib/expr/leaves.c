/* Notes of each leaf where it comes from: an argument, a block index, a load, a loop variable. */
#include "expr/leaves.h"

#include <string.h>

#include "kernel/describe.h"

void ptl_leaves_note(ptl_leaves *leaves, int number, const ptl_leaf *leaf) {
  if (number >= leaves->capacity) {
    int capacity = leaves->capacity > number / 2 ? leaves->capacity * 2 : number + 64;
    leaves->items = ptl_arena_grow(leaves->arena, leaves->items, (size_t)leaves->count,
                                   (size_t)capacity, sizeof(ptl_leaf));
    for (int i = leaves->count; i < capacity; i++) {
      leaves->items[i].value = -1;
    }
    leaves->capacity = capacity;
  }
  leaves->items[number] = *leaf;
  leaves->count = leaves->count > number ? leaves->count : number + 1;
}

static ptl_leaf_kind kind_of_result(MlirOperation op) {
  switch (ptl_op_id_of(op)) {
  case PTL_PTO_GET_BLOCK_NUM:
  case PTL_PTO_GET_SUBBLOCK_NUM:
    return PTL_LEAF_COUNT;
  case PTL_PTO_GET_BLOCK_IDX:
  case PTL_PTO_GET_SUBBLOCK_IDX:
    return PTL_LEAF_INDEX;
  default:
    return PTL_LEAF_UNKNOWN;
  }
}

/* pypto:python/pypto/backend/pto_backend.py: what the launch decides comes in as arguments, too. */
static ptl_leaf_kind kind_of_argument(const char *name) {
  static const char of_launch[] = "%__pypto_spmd_";
  if (strncmp(name, of_launch, sizeof(of_launch) - 1) != 0) {
    return PTL_LEAF_ARGUMENT;
  }
  return strstr(name, "block_num") ? PTL_LEAF_COUNT : PTL_LEAF_INDEX;
}

ptl_leaf ptl_leaf_of_value(const ptl_kernel *kernel, int value) {
  ptl_leaf leaf = {.value = value, .is_flag = kernel->values[value].bits == 1};
  MlirValue mlir = kernel->values[value].value;
  const ptl_block *body = kernel->body;
  if (body && value >= body->first_argument &&
      value < body->first_argument + body->argument_count) {
    leaf.kind = kind_of_argument(ptl_value_name(kernel, value));
  } else if (mlirValueIsAOpResult(mlir)) {
    leaf.kind = kind_of_result(mlirOpResultGetOwner(mlir));
  }
  return leaf;
}

ptl_leaf ptl_leaves_at(const ptl_leaves *leaves, int number) {
  return number < leaves->count ? leaves->items[number]
                                : (ptl_leaf){.kind = PTL_LEAF_UNKNOWN, .value = -1};
}
