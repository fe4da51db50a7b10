/* The plan of one dual product: how its operands are cut, and where every piece lies.
 *
 * Pure arithmetic: no MLIR here. A plan is found by searching over all ways to cut
 * K and N that the target's buffers allow; each candidate's schedule (schedule.h)
 * is run through a model of the pipes (timeline.h), and the one that is best under
 * all of the target's calibrations wins. Candidates whose lower bound cannot win are not
 * run, nor more than a few dozen of those that are close. The search is deterministic.
 *
 * The shape of every plan (docs/plan.md says why):
 *   - lhs lies in Mat for the whole K ("resident", one load) when it fits, else it
 *     is loaded chunk by chunk;
 *   - every rhs has one Mat tile of its own; the last chunks may be shorter
 *     (tail) and use the same base address;
 *   - one K chunk of lhs lies in Left as chunk / step tiles, extracted once and
 *     used by all rhs;
 *   - Right holds one or two tiles of step x n;
 *   - every rhs has one accumulator.
 */
#ifndef PTL_PLAN_PLAN_H
#define PTL_PLAN_PLAN_H

#include "support/codes.h"
#include "target/target.h"

enum {
  PTL_MAX_ROWS = 128, /* of lhs */
  PTL_MAX_RHS = 4,
  PTL_MAX_TAIL = 8,
  PTL_MAX_BUFFERS = 64
};

/* What is asked for. All extents in elements. */
typedef struct ptl_problem {
  int64_t m, k, n; /* valid extents: lhs m x k, each rhs k x n */
  int rhs_count;
  ptl_elem lhs, rhs, acc;
  bool rhs_transposed; /* each rhs lies in memory as n x k */
  bool n_splittable;   /* the results leave through stores that can be cut along N */
  int64_t k_block; /* of as many elements of K in a row both operands lie in one piece; 0: of all */
  int outer_loops; /* loops that stand around the product in the kernel: they carry its
                      Mat tiles, too, and take event ids */
} ptl_problem;

typedef enum ptl_role { PTL_ROLE_LHS, PTL_ROLE_RHS, PTL_ROLE_ACC } ptl_role;

/* Mat holds lhs, and one rhs tile for each stream; Left holds lhs and Right rhs tiles in
 * slots (all streams share them: stream 0); Acc one accumulator for each stream. */
typedef struct ptl_buffer {
  ptl_space space;
  ptl_role role;
  int stream; /* which rhs or accumulator; 0 for lhs */
  int slot;   /* which of several that take turns */
  int64_t address_bytes;
  int64_t size_bytes; /* physical: rows padded as the chip pads them */
} ptl_buffer;

/* One way to cut the problem. Tile extents are padded to what the boxes ask for;
 * valid extents never exceed the problem's. */
typedef struct ptl_tiling {
  int64_t m_tile; /* rows of lhs and accumulator tiles */
  int64_t n_tile; /* columns of one rhs tile; n is cut in n_full tiles of it ... */
  int64_t n_full;
  int64_t n_tail;  /* ... and one of this many columns, 0 if none */
  int64_t chunk_k; /* K of one rhs Mat tile */
  int64_t full_chunks;
  int tail_count; /* shorter chunks after the full ones */
  int64_t
      tail_k[PTL_MAX_TAIL]; /* valid K of each; only the last may be no multiple of the fractal */
  int64_t step_k;           /* K of one tmatmul */
  bool lhs_resident;
  int left_slots;  /* steps of one chunk: chunk_k / step_k */
  int right_slots; /* 1 or 2 */
  bool unroll_k;   /* no loop over chunks, or over N tiles: there are not enough event */
  bool unroll_n;   /* ids for the Mat tiles that nested loops carry */
} ptl_tiling;

typedef struct ptl_plan {
  ptl_problem problem;
  ptl_tiling tiling;
  int buffer_count;
  ptl_buffer buffers[PTL_MAX_BUFFERS];
  int64_t used_bytes[PTL_SPACE_COUNT]; /* end of the last buffer of each space */
  double cycles[PTL_MAX_RATES];        /* modelled, by each calibration of the target */
} ptl_plan;

/* Why there is no plan: the tightest buffer, in the cut that needs least of it. */
typedef struct ptl_no_plan {
  ptl_code code; /* PTL_CODE_NO_PLAN_... */
  ptl_space space;
  int64_t needed_bytes;
  int64_t available_bytes;
  const char *text; /* a sentence for the user: what, how much, what was tried, what to change */
} ptl_no_plan;

/* The best whole plan of a problem.
 * PTL_REFUSED: there is no plan, `why` says why (text in the arena). */
PTL_MUST_USE ptl_status ptl_plan_search(ptl_arena *arena, const ptl_target *target,
                                        const ptl_problem *problem, ptl_plan *out,
                                        ptl_no_plan *why);

/* The staging of a plan: m_tile, the tiles of N, the chunks of K, residency, and the Mat
 * buffers. All else is zero. */
ptl_plan ptl_plan_staging(const ptl_plan *plan);

/* Completes the staging that `plan` holds: decides step_k, Left and Right slots and what is
 * unrolled, places Left, Right and Acc, and models the cycles. Nothing but the staging counts,
 * so that the staging of a plan that was searched becomes that plan again.
 * PTL_REFUSED with `why` as above if that staging cannot be completed. */
PTL_MUST_USE ptl_status ptl_plan_accumulators(ptl_arena *arena, const ptl_target *target,
                                              ptl_plan *plan, ptl_no_plan *why);

/* The buffer of that place and role; one of no size if the plan has no such buffer. Never
 * NULL. */
const ptl_buffer *ptl_plan_buffer(const ptl_plan *plan, ptl_space space, ptl_role role, int stream,
                                  int slot);

/* Checks a plan on its own, sharing no arithmetic with the search: every buffer
 * aligned and inside its space, no two of one space overlap, every tile of the
 * schedule fits its buffer, K and N are covered exactly once.
 * PTL_INTERNAL: it is wrong; `why` (in the arena) says how. */
PTL_MUST_USE ptl_status ptl_plan_check(ptl_arena *arena, const ptl_target *target,
                                       const ptl_plan *plan, const char **why);

#endif
