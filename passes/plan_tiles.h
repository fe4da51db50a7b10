/* The tiles of a lowered product: types, names, and one alloc_tile for each. */
#ifndef PTL_PASSES_PLAN_TILES_H
#define PTL_PASSES_PLAN_TILES_H

#include "asm/asm.h"
#include "passes/compact.h"
#include "passes/tile_pool.h"
#include "plan/own_tiles.h"

typedef struct ptl_tiles {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_plan *plan;
  ptl_tile_pool *pool;
  ptl_own_tiles own; /* without addresses */
  ptl_pitch pitch;
  MlirValue lhs_rows, acc_rows; /* valid rows, index values */
  /* Valid columns of a whole rhs, and those of its product that leave; n of the problem may be more
   * than either. */
  int64_t rhs_columns[PTL_MAX_RHS], columns_out[PTL_MAX_RHS];
  const char *lhs_name;
  const char *rhs_names[PTL_MAX_RHS];
  /* The loads that extracts read from, by slot. */
  ptl_item loaded_lhs[PTL_MAX_LHS_SLOTS], loaded_rhs[PTL_MAX_MAT_SLOTS];
} ptl_tiles;

/* The value of that tile; its alloc_tile is built at `builder` if there is none yet. */
MlirValue ptl_tiles_get(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need);

/* The same of a tile that is filled now: what is valid of it is what it is filled with. */
MlirValue ptl_tiles_fill(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need);

/* The same of a tile that the loop which begins next fills; then ptl_tile_pool_begin_loop. */
void ptl_tiles_fill_ahead(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need);

/* Remembers a load: every Mat tile holds what was loaded last in program order. */
void ptl_tiles_note_load(ptl_tiles *tiles, const ptl_item *item);

/* Columns of rhs in the tiles of an item: fewer than the tiles have, if more leave than rhs has, or
 * if they fill no whole box. */
int64_t ptl_tiles_columns(const ptl_tiles *tiles, const ptl_item *item);

/* Columns of the product in the accumulator of an item that leave. */
int64_t ptl_tiles_columns_out(const ptl_tiles *tiles, const ptl_item *item);

/* The rhs whose tiles a buffer holds, or -1: it is that of several. */
int ptl_rhs_of_buffer(const ptl_plan *plan, ptl_role role, int slot);

/* The tiles that an item works on: what it reads, then what it writes. Returns how many. */
int ptl_tiles_of_item(const ptl_tiles *tiles, const ptl_item *item, ptl_tile_need out[3]);

#endif
