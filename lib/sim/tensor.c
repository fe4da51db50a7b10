/* GM tensors: growing, and making what they hold. */
#include <string.h>

#include "sim/sim.h"

void ptl_sim_tensor_allocate(ptl_sim_tensor *tensor, int64_t size) {
  size_t blocks = (size_t)(size / PTL_SIM_FILL_BLOCK + 1);
  tensor->bytes = ptl_arena_alloc(tensor->arena, blocks * PTL_SIM_FILL_BLOCK);
  tensor->filled = ptl_arena_alloc(tensor->arena, blocks);
  tensor->size = size;
}

void ptl_sim_tensor_borrow(ptl_sim_tensor *tensor, const void *bytes, int64_t size) {
  tensor->bytes = (uint8_t *)bytes;
  tensor->size = size;
  tensor->borrowed = true;
}

void ptl_sim_tensor_own(ptl_sim_tensor *tensor) {
  if (tensor->borrowed) {
    const uint8_t *given = tensor->bytes;
    tensor->bytes = ptl_arena_alloc(tensor->arena, (size_t)tensor->size + 1);
    memcpy(tensor->bytes, given, (size_t)tensor->size);
    tensor->borrowed = false;
  }
}

bool ptl_sim_tensor_reach(ptl_sim_tensor *tensor, int64_t size, bool bytes) {
  if (size <= tensor->size) {
    return true;
  }
  if (!tensor->grows || size > INT64_C(0x7fffffff)) {
    return false;
  }
  if (!bytes) {
    tensor->size = size;
    return true;
  }
  ptl_sim_tensor old = *tensor;
  ptl_sim_tensor_allocate(tensor, size);
  for (int64_t at = 0; at < old.size; at += PTL_SIM_FILL_BLOCK) {
    int64_t block = at / PTL_SIM_FILL_BLOCK;
    if (old.filled[block]) {
      tensor->filled[block] = 1;
      memcpy(tensor->bytes + at, old.bytes + at, PTL_SIM_FILL_BLOCK);
    }
  }
  return true;
}

void ptl_sim_tensor_touch(ptl_sim_tensor *tensor, int64_t first, int64_t last) {
  if (!tensor->filled || first >= last) {
    return;
  }
  int64_t elements = PTL_SIM_FILL_BLOCK / ptl_elem_bytes(tensor->elem);
  for (int64_t block = first / elements; block <= (last - 1) / elements; block++) {
    if (!tensor->filled[block]) {
      ptl_sim_fill_elements(tensor->fill, tensor->elem, tensor->bytes, block * elements,
                            (block + 1) * elements);
      tensor->filled[block] = 1;
    }
  }
}
