/* The schedule of a plan: its instructions in program order, with loops.
 *
 * This is the one place that decides order; the lowering translates it item by
 * item, and the timeline runs it. The order (docs/plan.md, each rule measured):
 *   - lhs first (resident: one load), then unit by unit: round by round, chunk by chunk, column
 *     by column, part by part;
 *   - with a ring of S slots the load of the unit S - 1 ahead stands before the products of a unit,
 *     across chunks and rounds;
 *   - the first chunk of a round is peeled (its first product starts the accumulator), the
 *     last full chunks and the tail stand after the loop;
 *   - within a chunk the first column's units extract lhs into Left, the others use it;
 *   - the results of a round are stored at its end.
 */
#ifndef PTL_PLAN_SCHEDULE_H
#define PTL_PLAN_SCHEDULE_H

#include "plan/plan.h"

typedef enum ptl_item_kind {
  PTL_ITEM_LOAD_LHS,    /* GM -> Mat */
  PTL_ITEM_LOAD_RHS,    /* GM -> Mat */
  PTL_ITEM_EXTRACT_LHS, /* Mat -> Left */
  PTL_ITEM_EXTRACT_RHS, /* Mat -> Right */
  PTL_ITEM_MATMUL,      /* Left x Right -> Acc */
  PTL_ITEM_STORE,  /* Acc -> GM; the lowering leaves the sinks where they were if N is not cut */
  PTL_ITEM_LOOP_N, /* begin of the loop over rounds; ends with PTL_ITEM_END */
  PTL_ITEM_LOOP_K, /* begin of the loop over full chunks; ends with PTL_ITEM_END */
  PTL_ITEM_END,
} ptl_item_kind;

typedef struct ptl_item {
  ptl_item_kind kind;
  bool starts;                   /* MATMUL: overwrites the accumulator */
  bool in_k_loop, in_n_loop;     /* see below */
  int16_t rhs;                   /* of LOAD_RHS, EXTRACT_RHS, MATMUL, STORE */
  int16_t mat_slot;              /* LOAD_*, EXTRACT_*: of lhs, or of the ring */
  int16_t slot;                  /* Left slot of EXTRACT_LHS, Right slot of EXTRACT_RHS */
  int16_t left_slot, right_slot; /* operands of MATMUL */
  int16_t acc;                   /* accumulator of MATMUL, STORE */
  int16_t row;                   /* tile of rows: of *_LHS, MATMUL, STORE */

  /* K of the data: k_base, plus the K loop's variable where `in_k_loop`. The K
   * loop's variable runs from 0 in steps of `step`. */
  int64_t k_base;
  int64_t k_valid;  /* elements of K */
  int64_t k_tile;   /* the same, padded to the tile's box */
  int64_t k_in_mat; /* of EXTRACT_*: where in the Mat tile; for a resident lhs add the
                       K loop's variable where `in_k_loop` */

  /* N of the data, likewise: n_base, plus the N loop's variable where `in_n_loop`. */
  int64_t n_base;
  int64_t n;        /* columns */
  int64_t n_in_mat; /* of EXTRACT_RHS: where in the Mat tile */

  int64_t trip_count; /* LOOP_*: at least 2 (a loop of one pass is not a loop) */
  int64_t step;       /* LOOP_*: of the variable */
} ptl_item;

typedef struct ptl_schedule {
  ptl_item *items;
  int count;
} ptl_schedule;

/* The schedule of a complete plan; its items live in the arena. */
ptl_schedule ptl_schedule_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan);

/* What is done at each item, in order; `user` is handed through. */
typedef struct ptl_schedule_visitor {
  void (*load)(void *user, const ptl_item *item);
  void (*extract)(void *user, const ptl_item *item);
  void (*matmul)(void *user, const ptl_item *item);
  void (*store)(void *user, const ptl_item *item);
  /* Visits the body of a loop as often as it wants. */
  void (*loop)(void *user, const ptl_item *item, const ptl_schedule *body);
} ptl_schedule_visitor;

void ptl_schedule_visit(const ptl_schedule *schedule, const ptl_schedule_visitor *visitor,
                        void *user);

#endif
