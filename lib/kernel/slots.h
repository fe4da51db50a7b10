/* Where the slots of a multi tile lie. */
#ifndef PTL_KERNEL_SLOTS_H
#define PTL_KERNEL_SLOTS_H

#include "asm/asm.h"
#include "target/target.h"

/* Where slot `slot` of a multi tile of such tiles begins, after slot 0. */
int64_t ptl_slot_offset_bytes(const ptl_target *target, const ptl_tile_type *type, int64_t slot);

#endif
