/* Cuts a product, and the store that takes it, along its rows. */
#include "passes/cut_rows.h"

#include "ir/build.h"
#include "passes/parts.h"
#include "passes/plan_attr.h"
#include "plan/plan.h"
#include "support/rounding.h"

enum { ROW_BOX = 16 };

static MlirOperation only_user(MlirValue value) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  if (mlirOpOperandIsNull(use) || !mlirOpOperandIsNull(mlirOpOperandGetNextUse(use))) {
    return (MlirOperation){NULL};
  }
  return mlirOpOperandGetOwner(use);
}

/* Operands of a part along one of its dimensions. */
typedef struct axis {
  int offset, extent;
} axis;

static const axis rows = {PTL_PART_ROW, PTL_PART_ROWS}, columns = {PTL_PART_COL, PTL_PART_COLS};

/* Along which lhs has the rows of the product. */
static axis axis_of_lhs(MlirOperation matmul) {
  return ptl_has_attr(matmul, ptl_attr_lhs_transposed) ? columns : rows;
}

static bool can_be_cut(MlirOperation matmul, int64_t m) {
  MlirOperation store = only_user(mlirOperationGetResult(matmul, 0));
  MlirType type = mlirValueGetType(mlirOperationGetResult(matmul, 0));
  return !mlirOperationIsNull(store) && ptl_op_is(store, PTL_PTO_TSTORE) &&
         mlirOperationGetNumOperands(store) == 2 && mlirShapedTypeGetDimSize(type, 0) == m &&
         ptl_part_has(mlirOperationGetOperand(matmul, 0), axis_of_lhs(matmul).extent, m) &&
         ptl_part_has(mlirOperationGetOperand(store, 1), PTL_PART_ROWS, m);
}

static int64_t rows_of(MlirOperation matmul) {
  return mlirShapedTypeGetDimSize(mlirValueGetType(mlirOperationGetResult(matmul, 0)), 0);
}

int64_t ptl_row_tile(const MlirOperation *matmuls, int count, int64_t most_rows) {
  int64_t m = rows_of(matmuls[0]), tiles = ptl_ceil_div(m, most_rows);
  if (tiles > PTL_MAX_ROW_TILES) {
    return 0;
  }
  for (int i = 0; i < count; i++) {
    if (!can_be_cut(matmuls[i], m)) {
      return 0;
    }
  }
  return ptl_round_up(ptl_ceil_div(m, tiles), ROW_BOX);
}

int ptl_row_tiles(MlirOperation matmul, int64_t m, int64_t most_rows) {
  if (!can_be_cut(matmul, m)) {
    return 0;
  }
  int tiles = 2;
  while (tiles <= PTL_MAX_ROW_TILES && (m % tiles != 0 || m / tiles > most_rows)) {
    tiles++;
  }
  return tiles <= PTL_MAX_ROW_TILES ? tiles : 0;
}

/* `count` rows of a part, or columns, from number `first` on. */
static MlirValue build_cut(const ptl_builder *builder, MlirValue whole, axis along, int64_t first,
                           int64_t count) {
  MlirOperation part = ptl_part_of(whole);
  MlirValue operands[PTL_PART_OPERANDS];
  for (int i = 0; i < PTL_PART_OPERANDS; i++) {
    operands[i] = mlirOperationGetOperand(part, i);
  }
  operands[along.offset] = ptl_build_sum(builder, operands[along.offset], first);
  operands[along.extent] = ptl_build_index(builder, count);
  return ptl_build_part_like(builder, whole, operands);
}

static MlirOperation build_matmul(const ptl_builder *builder, MlirOperation whole, int64_t first,
                                  int64_t count) {
  MlirValue lhs = mlirOperationGetOperand(whole, 0);
  MlirValue operands[2] = {build_cut(builder, lhs, axis_of_lhs(whole), first, count),
                           mlirOperationGetOperand(whole, 1)};
  MlirType old = mlirValueGetType(mlirOperationGetResult(whole, 0));
  const int64_t shape[2] = {count, mlirShapedTypeGetDimSize(old, 1)};
  MlirType type =
      mlirRankedTensorTypeGet(2, shape, mlirShapedTypeGetElementType(old), mlirAttributeGetNull());
  MlirOperation op = ptl_build_like(builder, whole, operands, 2, type);
  ptl_set_attr(op, "max_rows", ptl_int(builder->context, ptl_round_up(count, ROW_BOX)));
  return op;
}

/* The part of a store that takes the rows from `first` on, in front of `place`. */
static void build_store(ptl_session *session, MlirOperation store, MlirOperation matmul,
                        int64_t first, int64_t count, MlirOperation place) {
  ptl_builder builder = ptl_builder_before(session, place);
  builder.location = mlirOperationGetLocation(store);
  MlirOperation part = mlirOperationClone(store);
  mlirOperationSetOperand(part, 0, mlirOperationGetResult(matmul, 0));
  mlirOperationSetOperand(
      part, 1, build_cut(&builder, mlirOperationGetOperand(store, 1), rows, first, count));
  mlirBlockInsertOwnedOperationBefore(builder.block, place, part);
}

void ptl_cut_rows(ptl_session *session, const MlirOperation *matmuls, int count, int64_t height,
                  MlirOperation *out) {
  MlirOperation place = only_user(mlirOperationGetResult(matmuls[0], 0));
  int64_t m = rows_of(matmuls[0]);
  for (int64_t first = 0; first < m; first += height) {
    int64_t here = ptl_min(height, m - first);
    for (int i = 0; i < count; i++) {
      ptl_builder builder = ptl_builder_before(session, place);
      builder.location = mlirOperationGetLocation(matmuls[i]);
      out[i] = build_matmul(&builder, matmuls[i], first, here);
      ptl_set_attr(out[i], ptl_attr_repeats, ptl_int(builder.context, ptl_ceil_div(m, height)));
    }
    for (int i = 0; i < count; i++) {
      MlirOperation store = only_user(mlirOperationGetResult(matmuls[i], 0));
      build_store(session, store, out[i], first, here, place);
    }
    out += count;
  }
  for (int i = 0; i < count; i++) {
    mlirOperationDestroy(only_user(mlirOperationGetResult(matmuls[i], 0)));
    mlirOperationDestroy(matmuls[i]);
  }
}
