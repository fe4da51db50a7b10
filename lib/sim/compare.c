/* Two runs, element by element. */
#include <stdio.h>
#include <string.h>

#include "sim/number.h"
#include "sim/validate.h"
#include "support/rounding.h"

static const char *element_text(ptl_arena *arena, ptl_elem elem, const uint8_t *at) {
  if (ptl_elem_is_float(elem)) {
    unsigned bits = 0;
    memcpy(&bits, at, (size_t)ptl_elem_bytes(elem));
    return ptl_arena_printf(arena, "%.9g (0x%0*x)", ptl_read_real(elem, at),
                            (int)ptl_elem_bytes(elem) * 2, bits);
  }
  return ptl_arena_printf(arena, "%lld", (long long)ptl_read_integer(elem, at));
}

static const char *place_text(ptl_arena *arena, const ptl_sim_tensor *tensor, int64_t element) {
  if (tensor->row_elements <= 0) {
    return ptl_arena_printf(arena, "%lld", (long long)element);
  }
  return ptl_arena_printf(arena, "%lld, %lld", (long long)(element / tensor->row_elements),
                          (long long)(element % tensor->row_elements));
}

/* The first element that differs; -1 if none does. */
static int64_t first_difference(ptl_sim_tensor *a, ptl_sim_tensor *b) {
  int64_t size = ptl_elem_bytes(a->elem), elements = PTL_SIM_FILL_BLOCK / size;
  int64_t blocks = ptl_ceil_div(a->size, PTL_SIM_FILL_BLOCK);
  for (int64_t block = 0; block < blocks; block++) {
    bool untouched = a->filled && b->filled && !a->filled[block] && !b->filled[block];
    if (untouched) {
      continue;
    }
    ptl_sim_tensor_touch(a, block * elements, (block + 1) * elements);
    ptl_sim_tensor_touch(b, block * elements, (block + 1) * elements);
    int64_t at = block * PTL_SIM_FILL_BLOCK;
    int64_t count = a->size - at < PTL_SIM_FILL_BLOCK ? a->size - at : PTL_SIM_FILL_BLOCK;
    for (int64_t i = 0; memcmp(a->bytes + at, b->bytes + at, (size_t)count) != 0 && i < count;
         i += size) {
      if (memcmp(a->bytes + at + i, b->bytes + at + i, (size_t)size) != 0) {
        return (at + i) / size;
      }
    }
  }
  return -1;
}

ptl_status ptl_sim_compare_sides(ptl_diags *diags, ptl_loc loc, const char *kernel,
                                 const char *const *names, const char *round, ptl_sim_side *before,
                                 ptl_sim_side *after) {
  for (int i = 0; i < before->count; i++) {
    ptl_sim_tensor *a = before->args[i].tensor, *b = after->args[i].tensor;
    if (!a || !b) {
      continue;
    }
    if (!ptl_sim_tensor_reach(a, b->size, true) || !ptl_sim_tensor_reach(b, a->size, true)) {
      ptl_diag_add(diags, PTL_CODE_KERNELS_DIFFER, loc,
                   "the kernels '%s' reach different parts of '%s'", kernel, names[i]);
      return PTL_INTERNAL;
    }
    int64_t element = first_difference(a, b);
    if (element >= 0) {
      int64_t at = element * ptl_elem_bytes(a->elem);
      ptl_diag_add(diags, PTL_CODE_KERNELS_DIFFER, loc,
                   "the kernels '%s' differ: '%s' [%s] was %s and is %s (%s)", kernel, names[i],
                   place_text(diags->arena, a, element),
                   element_text(diags->arena, a->elem, a->bytes + at),
                   element_text(diags->arena, a->elem, b->bytes + at), round);
      return PTL_INTERNAL;
    }
  }
  return PTL_OK;
}
