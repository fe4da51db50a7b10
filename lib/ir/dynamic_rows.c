/* Reads which arguments of a function on tensors have dynamic rows. */
#include "ir/dynamic_rows.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>

#include "ir/build.h"

const char ptl_attr_max_rows[] = "ptolower.max_rows";

bool ptl_has_dynamic_rows(MlirType type) {
  return mlirTypeIsARankedTensor(type) && mlirShapedTypeGetRank(type) == 2 &&
         mlirShapedTypeIsDynamicDim(type, 0) && !mlirShapedTypeIsDynamicDim(type, 1);
}

int64_t ptl_max_rows_of(MlirOperation func, intptr_t argument) {
  MlirAttribute all = ptl_attr(func, "arg_attrs"), rows = mlirAttributeGetNull();
  if (!mlirAttributeIsNull(all)) {
    rows = mlirDictionaryAttrGetElementByName(mlirArrayAttrGetElement(all, argument),
                                              mlirStringRefCreateFromCString(ptl_attr_max_rows));
  }
  return !mlirAttributeIsNull(rows) && mlirAttributeIsAInteger(rows)
             ? mlirIntegerAttrGetValueInt(rows)
             : PTL_DEFAULT_MAX_ROWS;
}

intptr_t ptl_dynamic_rows_number(MlirBlock body, intptr_t argument) {
  intptr_t number = 0;
  for (intptr_t i = 0; i < argument; i++) {
    number += ptl_has_dynamic_rows(mlirValueGetType(mlirBlockGetArgument(body, i)));
  }
  return number;
}
