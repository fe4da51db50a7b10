/* The tiles that lowering has allocated, and what is valid of each where it stands.
 *
 * With addresses a tile of other extents is another alloc_tile at the same address. Without, a slot
 * keeps its alloc_tile, and pto.set_validshape says what is valid of it from then on. All plans of
 * a function share their tiles then, which are allocated in a block around all of them; but in a
 * function that is crowded (turns.h), each plan that differs from the one before has tiles of its
 * own, and a barrier of all pipes in front of it.
 */
#ifndef PTL_PASSES_TILE_POOL_H
#define PTL_PASSES_TILE_POOL_H

#include "ir/build.h"
#include "ir/session.h"
#include "plan/schedule.h"

/* A tile as the schedule asks for it. */
typedef struct ptl_tile_need {
  ptl_space space;
  ptl_role role;
  int slot;
  int rhs;                        /* whose columns it holds; of names only */
  int64_t rows, cols;             /* of the tile */
  int64_t valid_rows, valid_cols; /* of its data; valid_rows of lhs and acc: plan_tiles.h */
  bool is_transposed_view;        /* a Mat tile seen as the transpose of what is loaded into it */
} ptl_tile_need;

/* Rows and columns as index values; null where it is not known what is valid. */
typedef struct ptl_valid {
  MlirValue rows, cols;
} ptl_valid;

typedef struct ptl_tile_entry {
  ptl_tile_need need;
  MlirValue value;
  MlirBlock block; /* that it is known in */
  ptl_valid valid;
  ptl_valid ahead; /* what the loop that is entered makes valid of it */
  int fills_ahead; /* 0: the loop does not fill it; 1: `ahead` at all times; 2: this and that */
} ptl_tile_entry;

typedef struct ptl_tile_pool {
  ptl_session *session;
  bool has_addresses;
  MlirBlock home;   /* around all plans; null if each has its tiles where it stands */
  int *tiles_of;    /* of each plan: the number of the tiles that it has; NULL: not crowded */
  MlirOperation op; /* that is lowered */
  MlirBlock block;  /* in which it stands */
  ptl_tile_entry *entries;
  int count, capacity;
} ptl_tile_pool;

/* For the planned products of a function, in their order. */
ptl_tile_pool ptl_tile_pool_of(ptl_session *session, MlirOperation func, const ptl_op_list *ops);

/* Product number `index` is lowered next: what it has in common with those before it is kept, and
 * where it needs a barrier there is one. */
void ptl_tile_pool_enter(ptl_tile_pool *pool, const ptl_op_list *ops, int index);

/* Where a tile that is filled at `builder` is allocated. */
ptl_builder ptl_tile_pool_place(const ptl_tile_pool *pool, const ptl_builder *builder);

/* The tile, if it is known in the block; NULL: there is none. Good until the next is added. */
ptl_tile_entry *ptl_tile_pool_find(const ptl_tile_pool *pool, MlirBlock block,
                                   const ptl_tile_need *need);
ptl_tile_entry *ptl_tile_pool_add(ptl_tile_pool *pool, const ptl_tile_entry *entry);

/* From here on so much is valid of the tile: a pto.set_validshape, if it is not so already. */
void ptl_tile_set_valid(ptl_tile_entry *entry, const ptl_builder *builder, ptl_valid valid);

/* What a loop that begins here fills, one after the other; then the loop begins. What it fills with
 * one extent only is set in front of it. */
void ptl_tile_fill_ahead(ptl_tile_entry *entry, ptl_valid valid);
void ptl_tile_pool_begin_loop(ptl_tile_pool *pool, const ptl_builder *builder);

#endif
