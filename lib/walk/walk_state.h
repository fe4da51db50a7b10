/* Inside of the walk: shared by walk.c and loops.c (control flow), integers.c, owners.c (whose tile
 * it is), tiles.c, transfers.c, matmul.c and sinks.c (what ops do to the buffers), events.c (whom
 * they tell it). Not for other layers. */
#ifndef PTL_WALK_WALK_STATE_H
#define PTL_WALK_WALK_STATE_H

#include "expr/path.h"
#include "walk/bounds.h"
#include "walk/gm_windows.h"
#include "walk/state.h"
#include "walk/walk.h"

/* Which events reach the listener. */
typedef enum ptl_hearing {
  PTL_HEARS_ALL,
  PTL_HEARS_FAULTS,
  PTL_HEARS_NOTHING,
} ptl_hearing;

/* A load into a window of `whole`: what the tile is a matrix of from there on. */
typedef struct ptl_gathered {
  const ptl_tile *whole;
  int instance;
} ptl_gathered;

enum { PTL_KNOWN_EXTENTS = 16 };

/* What an extent was found to be at most, as far as that number of decisions of the path. */
typedef struct ptl_known_extent {
  bool is_set;
  ptl_expr extent;
  int64_t size, decision, most;
} ptl_known_extent;

/* What a value is bound to at this point of the walk. */
typedef struct ptl_binding {
  ptl_expr expr;   /* an integer */
  ptl_tile *tile;  /* a tile */
  ptl_region part; /* a view: root, strides, elem; a part of one: everything */
  bool is_part_known;
  const ptl_gm_window *gm_window; /* a view, part or pointer */
  bool is_set; /* a pto.set_validshape has set what is valid of the tile, at some point */
} ptl_binding;

struct ptl_walk {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  ptl_walk_mode mode;
  ptl_exprs *exprs;
  ptl_walk_listener listener;
  void *user;

  ptl_binding *bindings; /* by value number */
  ptl_state state;
  ptl_path path;
  ptl_leaves leaves;
  ptl_bounds bounds;
  ptl_ledger ledger;
  ptl_noted *noted; /* may be NULL */
  int event_count;
  int fresh_leaves;
  int pops; /* matrices so far that lie nowhere in memory: popped or gathered */
  ptl_hearing hearing;
  int further;    /* iterations around this point for whose paths the first of their round stands */
  int loop_depth; /* loops around this point whose values differ from iteration to iteration */
  int64_t steps;
  int64_t maybe_begin; /* the step at which the innermost branch, or first iteration, began of which
                          it is not known whether it runs */
  size_t arena_begin;  /* bytes of the arena that others took before */
  int64_t scanned;     /* entries of tables that were gone through */
  bool out_of_steps;
  const ptl_op *current; /* the op that is being walked */

  ptl_gathered *gathered; /* Mat tiles that were filled through windows (mat_window.h) */
  int gathered_count, gathered_capacity;

  ptl_known_extent known_extents[PTL_KNOWN_EXTENTS]; /* by the number of the expression */

  /* While a loop body is walked for its effects: the ranges that it writes. */
  ptl_range *written;
  int written_count, written_capacity;
  bool record_writes;
};

/* ---- events (events.c) ------------------------------------------------------ */

/* Reports an event; fills in its number. */
void ptl_walk_report(ptl_walk *walk, ptl_event *event);

/* Reports an event of a walk's paths: it has no number. */
void ptl_walk_tell_path(ptl_walk *walk, ptl_event_kind kind, const ptl_op *op);
void ptl_walk_tell_turn(ptl_walk *walk, ptl_event_kind kind, const ptl_op *op, int64_t phase);
void ptl_walk_tell_leaf(ptl_walk *walk, int value, int leaf);

/* A sink takes the product, or its first rows and columns (sinks.c). */
bool ptl_takes_product(const ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum);

/* What is read here is wrong on the paths on which `when` is so (`is_so`), or on those on which it
 * is not. It is an error if there surely are such paths, else it is not known (doubts.c). */
void ptl_walk_fault_on_paths(ptl_walk *walk, ptl_code fault, const ptl_op *op, const ptl_tile *tile,
                             const ptl_when *when, bool is_so, const ptl_op *other,
                             const char *what);

/* Whether it is so on the path that leads here. */
ptl_truth ptl_walk_truth(const ptl_walk *walk, const ptl_when *when);

/* Reports a fault of `op`; `format` says what is wrong in a sentence without full stop. */
__attribute__((format(printf, 5, 6))) void ptl_walk_fault(ptl_walk *walk, ptl_code fault,
                                                          const ptl_op *op, const ptl_op *other,
                                                          const char *format, ...);

/* Names for faults, empty while nothing listens to them: a tile as in describe.h; the tile that an
 * op writes; the tile of an operand. */
const char *ptl_walk_tile_text(const ptl_walk *walk, const ptl_tile *tile);
const char *ptl_walk_written_text(const ptl_walk *walk, const ptl_op *op);
const char *ptl_walk_name(const ptl_walk *walk, int value);

/* Notes that a range is written, for loops that are walked once. */
void ptl_walk_note_write(ptl_walk *walk, ptl_range range);

/* ---- control flow (walk.c, loops.c) and integers (integers.c) --------------- */

void ptl_walk_block(ptl_walk *walk, const ptl_block *block);
void ptl_walk_loop(ptl_walk *walk, const ptl_op *op);
void ptl_walk_integer(ptl_walk *walk, const ptl_op *op);

/* Binds a value to a number, or to itself: to a number of which nothing else is known, but that it
 * may not be negative. */
void ptl_bind(ptl_walk *walk, int value, ptl_expr expr);
void ptl_bind_leaf(ptl_walk *walk, int value, bool nonnegative);
void ptl_bind_leaves(ptl_walk *walk, int first, int count);
/* Notes of a value that is bound to itself that it is one of two numbers. */
void ptl_note_choice(ptl_walk *walk, int value, ptl_expr condition, ptl_expr a, ptl_expr b);
/* Binds `count` values from `first` on to what the values of `from` are bound to. */
void ptl_copy_bindings(ptl_walk *walk, int first, const int *from, int count);
/* A number that is none other. */
ptl_expr ptl_walk_fresh_leaf(ptl_walk *walk);
/* The values that a block's yield hands on; NULL without a yield. */
const ptl_op *ptl_yield_of(const ptl_block *block);
/* The tile that a value is on both of two paths: the same bytes as the same type; NULL if it is
 * not. */
ptl_tile *ptl_same_tile(ptl_walk *walk, const ptl_tile *a, const ptl_tile *b);

/* ---- tiles --------------------------------------------------------------------- */

/* Walks one op on views, tiles or GM (tiles.c), and the kinds of it: products (matmul.c),
 * sinks, stores and ops that are not followed (sinks.c). */
void ptl_walk_tile_op(ptl_walk *walk, const ptl_op *op);
void ptl_walk_matmul(ptl_walk *walk, const ptl_op *op);
/* An alloc_tile, or a slot of the multi tile that `at` allocates; what is wrong is told at `at`. */
void ptl_walk_alloc(ptl_walk *walk, const ptl_op *op, const ptl_op *at);
void ptl_walk_alloc_multi(ptl_walk *walk, const ptl_op *op);
void ptl_walk_slot(ptl_walk *walk, const ptl_op *op);
/* Moves between memory and tiles, and between tiles (transfers.c). */
void ptl_walk_load(ptl_walk *walk, const ptl_op *op);
void ptl_walk_extract(ptl_walk *walk, const ptl_op *op);
void ptl_walk_move(ptl_walk *walk, const ptl_op *op);
void ptl_walk_store(ptl_walk *walk, const ptl_op *op);
void ptl_walk_other(ptl_walk *walk, const ptl_op *op);
/* A tile that the other core pushed (pops.c); false if the op pops none. */
bool ptl_walk_pop(ptl_walk *walk, const ptl_op *op);
/* `part`: value number of the part of GM that a store writes; -1 for other sinks. */
void ptl_walk_sink(ptl_walk *walk, const ptl_op *op, int part);

/* The pointer of a view or part, as a value number; -1 if it is not known. */
int ptl_root_of(ptl_walk *walk, int value);
int64_t ptl_const_or(const ptl_walk *walk, ptl_expr expr, int64_t otherwise);
/* What a valid extent is at most, of a tile that has `size` (extents.c); where nothing hears of it,
 * a constant or `size`. */
int64_t ptl_extent_most(ptl_walk *walk, ptl_expr extent, int64_t size);
/* Bytes of what is valid of a tile at most: no more than the tile has. */
int64_t ptl_valid_bytes(ptl_walk *walk, const ptl_tile *tile);

/* The tile of an operand if its place is known; else NULL with a fault. */
const ptl_tile *ptl_placed_tile(ptl_walk *walk, const ptl_op *op, int operand);
/* What a tile holds, as it was written; NULL with a fault if that is not known. */
ptl_content *ptl_read_tile(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile);
void ptl_write_content(ptl_walk *walk, const ptl_op *op, const ptl_content *content);
void ptl_write_unknown(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile, const char *why);
/* Leaves an op: what it may read counts as read, what it may write is unknown. */
void ptl_walk_give_up(ptl_walk *walk, const ptl_op *op, const char *why);

/* Reports what is left in the buffers unread at the function's end. */
void ptl_walk_finish(ptl_walk *walk);

#endif
