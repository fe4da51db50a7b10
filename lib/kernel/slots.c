/* PTOAS:lib/PTO/Transforms/PTOResolveBufferSelect.cpp `getMultiTileAddresses`: slots follow each
 * other by the bytes of their elements, which ptoas rounds up where it aligns them. It knows
 * nothing of padded rows. */
#include "kernel/slots.h"

#include "support/rounding.h"

int64_t ptl_slot_offset_bytes(const ptl_target *target, const ptl_tile_type *type, int64_t slot) {
  int64_t bytes = type->rows * type->cols * ptl_elem_bytes(type->elem);
  int64_t alignment = ptl_target_alignment(target, type->space);
  if (alignment > 1 && target->ptoas->aligns_slots) {
    bytes = ptl_round_up(bytes, alignment);
  }
  return slot * bytes;
}
