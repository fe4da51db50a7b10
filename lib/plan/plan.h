/* The plan of a group of products that share lhs: how operands are cut, and where every piece lies.
 *
 * Pure arithmetic: no MLIR here. A plan is found by searching over all ways to cut
 * K and N that the target's buffers allow; each candidate's schedule (schedule.h)
 * is run through a model of the pipes (timeline.h), and the one that is best under
 * the target's calibrations wins. Candidates whose lower bound cannot win are not
 * run, nor more than a few dozen of those that are close. The search is deterministic.
 *
 * The shape of every plan (docs/plan.md says why):
 *   - lhs lies in Mat for the whole K ("resident", one load) when it fits, else it
 *     is loaded chunk by chunk, in each round or, if each chunk has a slot, in the first ("stays");
 *   - N of every rhs is cut in column tiles; as many as there are accumulators for are computed
 *     side by side (a round), chunk of K by chunk;
 *   - one chunk of one column tile, or a part of it along K, is a unit; the units of all rhs go
 *     through one ring of Mat slots, each at its own address;
 *   - of several row tiles each round is computed for one after the other; the units of a round
 *     have a slot each, are loaded once and stay, while lhs streams;
 *   - the last chunks may be shorter (tail);
 *   - one K chunk of lhs lies in Left as chunk / step tiles, extracted once a round and
 *     used by all columns of it;
 *   - Right holds one or two tiles of step x (columns of a unit, or half of them).
 */
#ifndef PTL_PLAN_PLAN_H
#define PTL_PLAN_PLAN_H

#include "support/codes.h"
#include "target/target.h"

enum {
  PTL_MAX_ROWS = 128,      /* of lhs */
  PTL_MAX_ROW_TILES = 128, /* that a product of more rows is cut into */
  PTL_MAX_SHARING = 8,     /* row tiles that share a rhs in Mat */
  PTL_MAX_RHS = 6,
  PTL_MAX_TAIL = 8,
  PTL_MAX_MAT_SLOTS = 8,  /* of the ring */
  PTL_MAX_LHS_SLOTS = 16, /* of Mat */
  PTL_MAX_LEFT_SLOTS = 32,
  PTL_MAX_RIGHT_SLOTS = 2,
  PTL_MAX_ACCS = 32,    /* accumulators at once */
  PTL_LIKELY_TURNS = 8, /* of a loop of unknown bounds */
  /* Longest text, in instructions: of a plan, and of all plans that a kernel is rewritten to. ptoas
   * 0.48 takes 2 s for 1,500 instructions of a kernel, and 80 s for 6,300 (measured). */
  PTL_MAX_TEXT = 1200,
  PTL_MAX_TEXT_OF_ALL = 2 * PTL_MAX_TEXT,
  /* Shorter rows of a load are slow bursts, whose time no calibration tells. */
  PTL_LEAST_ROW_BYTES = 512,
  PTL_MAX_BUFFERS = PTL_MAX_MAT_SLOTS + PTL_MAX_LHS_SLOTS + PTL_MAX_LEFT_SLOTS +
                    PTL_MAX_RIGHT_SLOTS + PTL_MAX_ACCS
};

/* What is asked for. All extents in elements. */
typedef struct ptl_problem {
  int64_t m, k;     /* valid extents: lhs m x k */
  int64_t rows_out; /* of the results that leave, padding as well; 0: m */
  int row_tiles;    /* lhs has so many times m rows, of which each m are multiplied by the same rhs,
                       which stays in Mat meanwhile; 0: once */
  int rhs_count;
  int64_t n[PTL_MAX_RHS];           /* the product with rhs i is m x n[i] ... */
  int64_t n_in_memory[PTL_MAX_RHS]; /* ... of which rhs has so many columns; 0: all */
  bool lhs_transposed;              /* it lies in memory as k x m */
  bool rhs_transposed[PTL_MAX_RHS]; /* it lies in memory as n[i] x k */
  ptl_elem lhs, rhs, acc;
  bool n_splittable; /* the results leave through stores that can be cut along N */
  int64_t k_block; /* of as many elements of K in a row all operands lie in one piece; 0: of all */
  int outer_loops; /* loops that stand around the product in the kernel: they carry its
                      Mat tiles, too, and take event ids */
  int64_t repeats; /* how often those loops run the plan, time after time; 0: once */
  bool ptoas_places; /* the tiles have no addresses (level2): all of them have to fit beside each
                        other, own_tiles.h says why */
  bool rounds_written_out; /* no loop over them: the proof of what a kernel does follows no load
                              from one pass of a loop that stores to the next */
} ptl_problem;

typedef enum ptl_role { PTL_ROLE_LHS, PTL_ROLE_RHS, PTL_ROLE_ACC } ptl_role;

/* Mat holds lhs (one slot, or several where it is streamed) and the ring of rhs slots; Left holds
 * lhs and Right rhs tiles in slots that take turns; Acc one slot for each accumulator that is open
 * at a time. */
typedef struct ptl_buffer {
  ptl_space space;
  ptl_role role;
  int slot;
  int64_t address_bytes;
  int64_t size_bytes; /* physical: rows padded as the chip pads them */
} ptl_buffer;

/* One way to cut the problem. Tile extents are padded to what the boxes ask for;
 * valid extents never exceed the problem's. Unused entries are zero. */
typedef struct ptl_tiling {
  int64_t m_tile; /* rows of lhs and accumulator tiles */

  /* ---- N ---- */
  int64_t n_tile[PTL_MAX_RHS]; /* columns of a tile of rhs i; the last may be narrower */
  int columns_at_once;         /* column tiles of a round */
  bool rhs_by_rhs; /* the order of column tiles: all of rhs 0 first; else one of each in turn */
  int n_parts;     /* a column tile goes to Right in as many parts, each with an accumulator */

  /* ---- K ---- */
  int64_t chunk_k;
  int k_parts[PTL_MAX_RHS]; /* a unit of rhs i has this part of a chunk: units of like size */
  int64_t full_chunks;
  int tail_count; /* shorter chunks after the full ones */
  int64_t
      tail_k[PTL_MAX_TAIL]; /* valid K of each; only the last may be no multiple of the fractal */
  int64_t step_k;           /* K of one tmatmul */

  /* ---- slots ---- */
  bool lhs_resident;
  int lhs_slots;   /* of Mat: 1 if it is resident */
  int lhs_kept;    /* chunks of lhs that stay for all rounds, each in a slot of its own; the others
                      take turns in the slots behind those */
  int mat_slots;   /* the ring */
  int left_slots;  /* steps of one chunk, chunk_k / step_k, or of two that take turns */
  int right_slots; /* 1 or 2 */
  bool unroll_k;   /* no loop over chunks, or over rounds: there are not enough event */
  bool unroll_n;   /* ids for the Mat tiles that nested loops carry */
} ptl_tiling;

typedef struct ptl_plan {
  ptl_problem problem;
  ptl_tiling tiling;
  int buffer_count;
  ptl_buffer buffers[PTL_MAX_BUFFERS];
  int64_t used_bytes[PTL_SPACE_COUNT]; /* end of the last buffer of each space */
  double cycles[PTL_MAX_RATES];        /* modelled, by each calibration of the target: of one of the
                                          repeats, on average */
  double first_cycles[PTL_MAX_RATES];  /* the same of the first repeat alone */
} ptl_plan;

/* Cycles that a plan must not exceed, by each calibration. */
typedef struct ptl_reference {
  double cycles[PTL_MAX_RATES];       /* of a repeat, on average */
  double first_cycles[PTL_MAX_RATES]; /* of the first one alone; 0: as many as it likes */
} ptl_reference;

/* Why there is no plan: the tightest buffer, in the cut that needs least of it. */
typedef struct ptl_no_plan {
  ptl_code code; /* PTL_CODE_NO_PLAN_... */
  ptl_space space;
  int64_t needed_bytes;
  int64_t available_bytes;
  const char *text; /* a sentence for the user: what, how much, what was tried, what to change */
} ptl_no_plan;

/* The best whole plan of a problem. `reference`: NULL, or what the plan must not exceed; where no
 * plan keeps below all of it, the best without regard to it.
 * PTL_REFUSED: there is no plan, `why` says why (text in the arena). */
PTL_MUST_USE ptl_status ptl_plan_search(ptl_arena *arena, const ptl_target *target,
                                        const ptl_problem *problem, const ptl_reference *reference,
                                        ptl_plan *out, ptl_no_plan *why);

/* The staging of a plan: m_tile, the tiles of N and their order, the chunks of K, residency, Mat
 * slots and buffers. All else is zero. */
ptl_plan ptl_plan_staging(const ptl_plan *plan);

/* Completes the staging that `plan` holds: decides n_parts, step_k, Left and Right slots and what
 * is unrolled, places Left, Right and Acc, and models the cycles. Nothing but the staging and the
 * reference counts, so that the staging of a plan that was searched becomes that plan again.
 * PTL_REFUSED with `why` as above if that staging cannot be completed. */
PTL_MUST_USE ptl_status ptl_plan_accumulators(ptl_arena *arena, const ptl_target *target,
                                              const ptl_reference *reference, ptl_plan *plan,
                                              ptl_no_plan *why);

/* Places the buffers of a complete plan, one after the other from the start of each space. */
void ptl_plan_place(const ptl_target *target, ptl_plan *plan);

/* The buffer of that place and role; one of no size if the plan has no such buffer. Never
 * NULL. */
const ptl_buffer *ptl_plan_buffer(const ptl_plan *plan, ptl_space space, ptl_role role, int slot);

/* ---- column tiles ---- */

/* Tile number `tile` of rhs `rhs`: n columns from n_base on. */
typedef struct ptl_column {
  int rhs;
  int64_t n_base, n;
} ptl_column;

/* How many column tiles a tiling makes of a problem; and of these the one with that number, in the
 * order in which they are computed. */
int64_t ptl_column_count(const ptl_problem *problem, const ptl_tiling *tiling);
ptl_column ptl_column_at(const ptl_problem *problem, const ptl_tiling *tiling, int64_t number);
/* All of them. */
void ptl_columns_of(const ptl_problem *problem, const ptl_tiling *tiling, ptl_column *out);

/* Of `n` columns of a rhs from `n_base` on those that it has. */
int64_t ptl_columns_in_memory(const ptl_problem *problem, int rhs, int64_t n_base, int64_t n);

/* Whether a time is longer than another one, as far as the model can tell two apart. */
static inline bool ptl_is_longer(double cycles, double than) { return cycles > than * (1 + 1e-9); }

/* Whether one time is shorter than another by more than the model cannot tell apart. */
static inline bool ptl_is_shorter(double cycles, double than) { return cycles < than * 0.99; }

/* Cycles of a turn on average, of as many as a loop of unknown bounds is taken to have: the first
 * takes `once`, each after it `turn`. */
static inline double ptl_mean_turn(double once, double turn) {
  return (once + (PTL_LIKELY_TURNS - 1) * turn) / PTL_LIKELY_TURNS;
}

/* How often loops run the plan of a problem: once or more. */
int64_t ptl_repeats(const ptl_problem *problem);

/* Tiles of m rows of the problem: one or more. */
int ptl_row_tiles_of(const ptl_problem *problem);

/* Of a lhs that is loaded chunk by chunk, whether the chunk of that number stays: it is loaded in
 * the first round only. Those that do are spread evenly over K, so that MTE2, which runs ahead by a
 * few units only, has always about the same to load. */
bool ptl_lhs_is_kept(const ptl_tiling *tiling, int64_t piece);

/* Chunks before `piece` that stay. */
int64_t ptl_lhs_kept_before(const ptl_tiling *tiling, int64_t piece);

/* Rows of a result that leave. */
int64_t ptl_rows_out(const ptl_problem *problem);

/* Whether the results leave through stores of the plan: a rhs has several accumulators, or they are
 * used again for another rhs. */
bool ptl_plan_cuts_n(const ptl_plan *plan);

/* Checks a plan on its own, sharing no arithmetic with the search: every buffer
 * aligned and inside its space, no two of one space overlap, every tile of the
 * schedule fits its buffer, K and N are covered exactly once.
 * PTL_INTERNAL: it is wrong; `why` (in the arena) says how. */
PTL_MUST_USE ptl_status ptl_plan_check(ptl_arena *arena, const ptl_target *target,
                                       const ptl_plan *plan, const char **why);

#endif
