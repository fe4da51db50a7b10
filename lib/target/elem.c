/* Element types and buffers: their names, and what the cube does with them. */
#include <stddef.h>

#include "target/target.h"

static const char *const ELEMS[PTL_ELEM_COUNT] = {
    [PTL_ELEM_NONE] = "none", [PTL_ELEM_I8] = "i8",   [PTL_ELEM_UI8] = "ui8",
    [PTL_ELEM_I16] = "i16",   [PTL_ELEM_I32] = "i32", [PTL_ELEM_F16] = "f16",
    [PTL_ELEM_BF16] = "bf16", [PTL_ELEM_F32] = "f32", [PTL_ELEM_UI32] = "ui32",
    [PTL_ELEM_I64] = "i64",
};

static const char *const SPACES[PTL_SPACE_COUNT] = {
    [PTL_SPACE_MAT] = "mat",         [PTL_SPACE_LEFT] = "left", [PTL_SPACE_RIGHT] = "right",
    [PTL_SPACE_ACC] = "acc",         [PTL_SPACE_BIAS] = "bias", [PTL_SPACE_VEC] = "vec",
    [PTL_SPACE_SCALING] = "scaling",
};

const char *ptl_space_name(ptl_space space) {
  return (unsigned)space < PTL_SPACE_COUNT ? SPACES[space] : "unknown";
}

bool ptl_is_cube_space(ptl_space space) {
  return space == PTL_SPACE_MAT || space == PTL_SPACE_LEFT || space == PTL_SPACE_RIGHT ||
         space == PTL_SPACE_ACC;
}

ptl_space ptl_space_find(ptl_str name) {
  int space = 0;
  while (space < PTL_SPACE_COUNT && !ptl_str_is(name, SPACES[space])) {
    space++;
  }
  return (ptl_space)space;
}

const char *ptl_elem_name(ptl_elem elem) {
  return ELEMS[(unsigned)elem < PTL_ELEM_COUNT ? elem : PTL_ELEM_NONE];
}

ptl_elem ptl_elem_find(ptl_str name) {
  for (int elem = PTL_ELEM_NONE + 1; elem < PTL_ELEM_COUNT; elem++) {
    if (ptl_str_is(name, ELEMS[elem])) {
      return (ptl_elem)elem;
    }
  }
  return PTL_ELEM_NONE;
}

/* domain.md section 3: (acc, lhs, rhs) = (i32, i8, i8), (f32, f16, f16),
 * (f32, bf16, bf16), (f32, f32, f32). */
ptl_elem ptl_elem_accumulator(ptl_elem lhs, ptl_elem rhs) {
  if (lhs != rhs) {
    return PTL_ELEM_NONE;
  }
  switch (lhs) {
  case PTL_ELEM_I8:
    return PTL_ELEM_I32;
  case PTL_ELEM_F16:
  case PTL_ELEM_BF16:
  case PTL_ELEM_F32:
    return PTL_ELEM_F32;
  default:
    return PTL_ELEM_NONE;
  }
}

bool ptl_elem_multiplies(ptl_elem lhs, ptl_elem rhs, ptl_elem acc) {
  return acc != PTL_ELEM_NONE && ptl_elem_accumulator(lhs, rhs) == acc;
}
