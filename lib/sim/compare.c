/* Two runs, element by element. */
#include <math.h>
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

/* The index of an element by dimension, or by row and column. */
static const char *place_text(ptl_arena *arena, const ptl_sim_tensor *tensor, int64_t element) {
  int64_t rows_of[] = {1, tensor->row_elements};
  const int64_t *shape = tensor->rank > 0 ? tensor->shape : rows_of;
  int rank = tensor->rank > 0 ? tensor->rank : tensor->row_elements > 0 ? 2 : 1;
  const char *text = "";
  for (int i = rank - 1; i >= 0; i--) {
    int64_t index = i > 0 ? element % shape[i] : element;
    element = i > 0 ? element / shape[i] : 0;
    text = ptl_arena_printf(arena, "%lld%s%s", (long long)index, i + 1 < rank ? ", " : "", text);
  }
  return text;
}

/* Where two tensors differ. */
typedef struct differences {
  int64_t first, count; /* elements */
  double largest;
} differences;

static double number_at(ptl_elem elem, const uint8_t *at) {
  return ptl_elem_is_float(elem) ? ptl_read_real(elem, at) : (double)ptl_read_integer(elem, at);
}

static void add_difference(differences *found, ptl_elem elem, int64_t element, const uint8_t *a,
                           const uint8_t *b) {
  double by = fabs(number_at(elem, a) - number_at(elem, b));
  found->first = found->count == 0 ? element : found->first;
  found->largest = by > found->largest ? by : found->largest;
  found->count++;
}

/* `count` bytes from `at` on. */
static void compare_block(const ptl_sim_tensor *a, const ptl_sim_tensor *b, int64_t at,
                          int64_t count, differences *found) {
  int64_t size = ptl_elem_bytes(a->elem);
  if (memcmp(a->bytes + at, b->bytes + at, (size_t)count) == 0) {
    return;
  }
  for (int64_t i = at; i < at + count; i += size) {
    if (memcmp(a->bytes + i, b->bytes + i, (size_t)size) != 0) {
      add_difference(found, a->elem, i / size, a->bytes + i, b->bytes + i);
    }
  }
}

static differences find_differences(ptl_sim_tensor *a, ptl_sim_tensor *b) {
  int64_t elements = PTL_SIM_FILL_BLOCK / ptl_elem_bytes(a->elem);
  int64_t blocks = ptl_ceil_div(a->size, PTL_SIM_FILL_BLOCK);
  differences found = {.count = 0};
  for (int64_t block = 0; block < blocks; block++) {
    bool untouched = a->filled && b->filled && !a->filled[block] && !b->filled[block];
    if (untouched) {
      continue;
    }
    ptl_sim_tensor_touch(a, block * elements, (block + 1) * elements);
    ptl_sim_tensor_touch(b, block * elements, (block + 1) * elements);
    int64_t at = block * PTL_SIM_FILL_BLOCK;
    int64_t count = a->size - at < PTL_SIM_FILL_BLOCK ? a->size - at : PTL_SIM_FILL_BLOCK;
    compare_block(a, b, at, count, &found);
  }
  return found;
}

/* What differs, in words. */
static const char *difference_text(ptl_arena *arena, const ptl_sim_tensor *a,
                                   const ptl_sim_tensor *b, const differences *found) {
  int64_t at = found->first * ptl_elem_bytes(a->elem);
  return ptl_arena_printf(
      arena, "[%s] was %s and is %s; %lld of %lld elements differ, by %.6g at most",
      place_text(arena, a, found->first), element_text(arena, a->elem, a->bytes + at),
      element_text(arena, a->elem, b->bytes + at), (long long)found->count,
      (long long)(a->size / ptl_elem_bytes(a->elem)), found->largest);
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
    differences found = find_differences(a, b);
    if (found.count > 0) {
      ptl_diag_add(diags, PTL_CODE_KERNELS_DIFFER, loc, "the kernels '%s' differ: '%s' %s (%s)",
                   kernel, names[i], difference_text(diags->arena, a, b, &found), round);
      return PTL_INTERNAL;
    }
  }
  return PTL_OK;
}
