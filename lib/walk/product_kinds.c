/* The ops that multiply, as a table. Operands: PTOAS:include/PTO/IR/PTOOps.td. */
#include "walk/product_kinds.h"

static const char layout[] = "the layout in which it leaves its result is not known";
static const char scales[] = "what its scales belong to is not followed";

static const ptl_product_kind kinds[] = {
    {PTL_PTO_TMATMUL, 0, 1, -1, 2, false, false, NULL},
    {PTL_PTO_TMATMUL_ACC, 1, 2, -1, 3, true, false, NULL},
    {PTL_PTO_TMATMUL_BIAS, 0, 1, 2, 3, false, false, NULL},
    {PTL_PTO_TMATMUL_MX, 0, 2, -1, 4, false, true, scales},
    {PTL_PTO_TMATMUL_MX_ACC, 1, 3, -1, 5, true, true, scales},
    {PTL_PTO_TMATMUL_MX_BIAS, 0, 2, 4, 5, false, true, scales},
    {PTL_PTO_TGEMV, 0, 1, -1, 2, false, false, layout},
    {PTL_PTO_TGEMV_ACC, 1, 2, -1, 3, true, false, layout},
    {PTL_PTO_TGEMV_BIAS, 0, 1, 2, 3, false, false, layout},
    {PTL_PTO_TGEMV_MX, 0, 2, -1, 4, false, true, layout},
    {PTL_PTO_TGEMV_MX_ACC, 1, 3, -1, 5, true, true, layout},
    {PTL_PTO_TGEMV_MX_BIAS, 0, 2, 4, 5, false, true, layout},
};

const ptl_product_kind *ptl_product_kind_of(const ptl_op *op) {
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (kinds[i].id == op->id && kinds[i].acc < op->operand_count) {
      return &kinds[i];
    }
  }
  return NULL;
}

bool ptl_product_is_plain(const ptl_op *op) {
  return op->kind == PTL_OP_MATMUL || op->kind == PTL_OP_MATMUL_ACC;
}
