/* Cuts a product, and the store that takes it, along its rows. */
#include "passes/cut_rows.h"

#include "ir/build.h"
#include "passes/parts.h"
#include "support/rounding.h"

enum { MOST_TILES = 64 };

static MlirOperation only_user(MlirValue value) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  if (mlirOpOperandIsNull(use) || !mlirOpOperandIsNull(mlirOpOperandGetNextUse(use))) {
    return (MlirOperation){NULL};
  }
  return mlirOpOperandGetOwner(use);
}

static bool can_be_cut(MlirOperation matmul, int64_t m) {
  MlirOperation store = only_user(mlirOperationGetResult(matmul, 0));
  MlirType type = mlirValueGetType(mlirOperationGetResult(matmul, 0));
  return !mlirOperationIsNull(store) && ptl_op_is(store, PTL_PTO_TSTORE) &&
         mlirOperationGetNumOperands(store) == 2 && mlirShapedTypeGetDimSize(type, 0) == m &&
         ptl_part_has(mlirOperationGetOperand(matmul, 0), PTL_PART_ROWS, m) &&
         ptl_part_has(mlirOperationGetOperand(store, 1), PTL_PART_ROWS, m);
}

int ptl_row_tiles(MlirOperation matmul, int64_t m, int64_t most_rows) {
  if (!can_be_cut(matmul, m)) {
    return 0;
  }
  int tiles = 2;
  while (tiles <= MOST_TILES && (m % tiles != 0 || m / tiles > most_rows)) {
    tiles++;
  }
  return tiles <= MOST_TILES ? tiles : 0;
}

/* `rows` rows of a part, from its row `first` on. */
static MlirValue build_rows(const ptl_builder *builder, MlirValue whole, int64_t first,
                            int64_t rows) {
  MlirOperation part = ptl_part_of(whole);
  MlirValue operands[PTL_PART_OPERANDS];
  for (int i = 0; i < PTL_PART_OPERANDS; i++) {
    operands[i] = mlirOperationGetOperand(part, i);
  }
  operands[PTL_PART_ROW] = ptl_build_sum(builder, operands[PTL_PART_ROW], first);
  operands[PTL_PART_ROWS] = ptl_build_index(builder, rows);
  return ptl_build_part_like(builder, whole, operands);
}

static MlirOperation build_matmul(const ptl_builder *builder, MlirOperation whole, int64_t first,
                                  int64_t rows) {
  MlirValue operands[2] = {build_rows(builder, mlirOperationGetOperand(whole, 0), first, rows),
                           mlirOperationGetOperand(whole, 1)};
  MlirType old = mlirValueGetType(mlirOperationGetResult(whole, 0));
  const int64_t shape[2] = {rows, mlirShapedTypeGetDimSize(old, 1)};
  MlirType type =
      mlirRankedTensorTypeGet(2, shape, mlirShapedTypeGetElementType(old), mlirAttributeGetNull());
  MlirOperation op = ptl_build_like(builder, whole, operands, 2, type);
  ptl_set_attr(op, "max_rows", ptl_int(builder->context, ptl_round_up(rows, 16)));
  return op;
}

void ptl_cut_rows(ptl_session *session, MlirOperation matmul, int count, MlirOperation *out) {
  MlirValue result = mlirOperationGetResult(matmul, 0);
  int64_t rows = mlirShapedTypeGetDimSize(mlirValueGetType(result), 0) / count;
  MlirOperation store = only_user(result);
  for (int i = 0; i < count; i++) {
    ptl_builder builder = ptl_builder_before(&session->arena, store);
    builder.location = mlirOperationGetLocation(matmul);
    out[i] = build_matmul(&builder, matmul, i * rows, rows);
    builder.location = mlirOperationGetLocation(store);
    MlirOperation part = mlirOperationClone(store);
    mlirOperationSetOperand(part, 0, mlirOperationGetResult(out[i], 0));
    mlirOperationSetOperand(
        part, 1, build_rows(&builder, mlirOperationGetOperand(store, 1), i * rows, rows));
    mlirBlockInsertOwnedOperationBefore(builder.block, store, part);
  }
  mlirOperationDestroy(store);
  mlirOperationDestroy(matmul);
}
