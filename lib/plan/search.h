/* The parts of the search for a plan, shared by each other. Not for other layers. */
#ifndef PTL_PLAN_SEARCH_H
#define PTL_PLAN_SEARCH_H

#include "plan/boxes.h"
#include "plan/paces.h"
#include "plan/plan.h"

enum { PTL_MAX_WIDTHS = 16, PTL_MAX_CHUNKS = 48, PTL_MAX_COMPLETIONS = 12 };

/* Keeps every product of extents far from overflow. */
#define PTL_MAX_EXTENT ((int64_t)1 << 40)

/* A growing list of tilings; of a staging only the fields that staging decides count. */
typedef struct ptl_tilings {
  ptl_arena *arena;
  bool one_slot;  /* of the ring; else two or more */
  bool lhs_stays; /* those are asked for in which it does */
  ptl_tiling *items;
  int count;
  int capacity;
} ptl_tilings;

/* ---- candidates.c: the ways to cut ---- */

/* K extents of a chunk to try, largest first; returns how many. */
int ptl_chunks(const ptl_target *target, const ptl_problem *problem, int64_t *out);

/* Mat slots that lhs takes in such a ring, without those of chunks that stay: where it is streamed,
 * a slot is loaded again after the last extract from it. */
int ptl_lhs_slots(const ptl_problem *problem, const ptl_tiling *tiling);

/* Whether each unit of a round has a slot of its own, in every round the same: of several row tiles
 * the first alone loads it. */
bool ptl_rhs_stays(const ptl_problem *problem, const ptl_tiling *tiling);

/* Which rings are tried together; each kind only where those before it give no plan. */
typedef struct ptl_ring_kind {
  bool one_slot; /* which take the least of Mat and of event ids; else two slots and more */
  bool narrow;   /* column tiles down to a fractal, which take less still */
} ptl_ring_kind;

/* All stagings of a kind whose Mat tiles fit and that at least one completion fits. */
ptl_tilings ptl_stagings(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                         ptl_ring_kind kind);

/* ---- complete.c: what goes with a staging ---- */

/* The parts of N, steps and slots that go with a staging for which there are any; returns how many.
 */
int ptl_completions(const ptl_target *target, const ptl_problem *problem, const ptl_tiling *staging,
                    ptl_tiling *out);

/* Whether there is any. */
bool ptl_can_complete(const ptl_target *target, const ptl_problem *problem,
                      const ptl_tiling *staging);

/* ---- sizes.c ---- */

/* Bytes of one tile of a tiling. */
int64_t ptl_mat_lhs_bytes(const ptl_target *target, const ptl_problem *problem,
                          const ptl_tiling *tiling);
int64_t ptl_mat_rhs_bytes(const ptl_problem *problem, const ptl_tiling *tiling);
int64_t ptl_left_bytes(const ptl_problem *problem, const ptl_tiling *tiling);
int64_t ptl_right_bytes(const ptl_target *target, const ptl_problem *problem,
                        const ptl_tiling *tiling);

/* Columns of the widest part of a column tile. */
int64_t ptl_widest_part(const ptl_target *target, const ptl_problem *problem,
                        const ptl_tiling *tiling);

/* Columns of each accumulator; returns how many there are, which must be PTL_MAX_ACCS at most. */
int ptl_acc_widths(const ptl_target *target, const ptl_problem *problem, const ptl_tiling *tiling,
                   int64_t widths[PTL_MAX_ACCS]);

/* Bytes of all accumulators, and of all Mat tiles, as ptl_place_* lays them out. */
int64_t ptl_acc_total_bytes(const ptl_target *target, const ptl_problem *problem,
                            const ptl_tiling *tiling);
int64_t ptl_mat_total_bytes(const ptl_target *target, const ptl_problem *problem,
                            const ptl_tiling *tiling);

/* Bytes of `count` tiles of `bytes` each, every one aligned as the space asks for; and whether they
 * fit into it. */
int64_t ptl_space_bytes(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes);
bool ptl_fits(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes);

/* Whether Mat and Acc hold the tiles of a staging with its n_parts. */
bool ptl_mat_and_acc_fit(const ptl_target *target, const ptl_problem *problem,
                         const ptl_tiling *tiling);

/* ---- own_room.c: whether the tiles fit beside each other where ptoas places them; true if it does
 * not ---- */
bool ptl_own_mat_and_acc_fit(const ptl_target *target, const ptl_problem *problem,
                             const ptl_tiling *tiling);

/* The widths of the tiles that a Right slot has, which do not depend on the steps: how many, and
 * their columns together. */
typedef struct ptl_own_widths {
  int64_t columns;
  int count;
} ptl_own_widths;

ptl_own_widths ptl_own_widths_of(const ptl_target *target, const ptl_problem *problem,
                                 const ptl_tiling *tiling);
bool ptl_own_l0_fits(const ptl_target *target, const ptl_problem *problem, const ptl_tiling *tiling,
                     const ptl_own_widths *widths);

/* ---- place.c: fill in the Mat buffers; then those of Left, Right and Acc after them ---- */
void ptl_place_staging(const ptl_target *target, ptl_plan *plan);
void ptl_place_accumulators(const ptl_target *target, ptl_plan *plan);

/* ---- counts.c ---- */

/* How often things happen in a schedule of that tiling. */
typedef struct ptl_counts {
  int64_t rounds, pieces;
  int64_t rhs_loads; /* units */
  int64_t lhs_loads; /* of lhs, or of a chunk of it */
  /* What goes with a staging decides these. */
  int64_t steps; /* of one column */
  int64_t products;
  int64_t stores;
} ptl_counts;

/* What a staging decides of them; then the rest. */
ptl_counts ptl_count_staging(const ptl_problem *problem, const ptl_tiling *staging);
void ptl_count_whole(const ptl_target *target, const ptl_problem *problem, const ptl_tiling *tiling,
                     ptl_counts *counts);

/* Instructions that a schedule with these counts issues. */
int64_t ptl_issued_items(const ptl_problem *problem, const ptl_counts *counts);

/* About how many items the schedule has at the least, with all the loops that it may have. */
int64_t ptl_least_text(const ptl_problem *problem, const ptl_tiling *tiling,
                       const ptl_counts *counts);

/* ---- bound.c ---- */

/* What the bounds of all tilings of a problem have in common. */
typedef struct ptl_bounds {
  const ptl_target *target;
  const ptl_problem *problem;
  int64_t columns_in_memory;
  ptl_paces paces;
  ptl_cycles lhs_extract; /* of all of lhs, once */
  ptl_cycles rhs_extract;
  double cube; /* cycles of all products, without what each takes besides */
} ptl_bounds;

ptl_bounds ptl_bounds_of(const ptl_target *target, const ptl_problem *problem);

/* What the bounds of all ways to complete a staging have in common. */
typedef struct ptl_staging_bounds {
  const ptl_bounds *of;
  ptl_counts counts; /* of what a staging decides */
  int64_t first_k;   /* of the first chunk */
  int64_t lhs_load_bytes, unit_load_bytes;
  ptl_column last;          /* column tile */
  int64_t last_unit_k;      /* of the last unit */
  int64_t last_row_bytes;   /* of a column of it, padded */
  ptl_cycles loads;         /* of everything */
  ptl_cycles first_loads;   /* lhs and a unit of rhs, before the first extract of rhs */
  ptl_cycles lhs;           /* its extracts */
  ptl_cycles last_extracts; /* of the last unit, after its load */
} ptl_staging_bounds;

ptl_staging_bounds ptl_bounds_of_staging(const ptl_bounds *bounds, const ptl_tiling *staging);

/* Cycles that no schedule of a tiling of this staging can do without. */
ptl_cycles ptl_cycles_bounds(const ptl_staging_bounds *bounds, const ptl_tiling *tiling,
                             const ptl_counts *counts);

/* Cycles of all products. */
ptl_cycles ptl_cube_cycles(const ptl_bounds *bounds, const ptl_counts *counts);

/* ---- last_units.c ---- */

enum { PTL_MOST_LAST_UNITS = 32 };

typedef struct ptl_last_unit {
  int rhs;
  int64_t n, in_memory; /* columns, and those of them that rhs has */
  int64_t k;
  int64_t lhs_k;     /* of the chunk of lhs that is loaded before it; 0: none is */
  bool extracts_lhs; /* it is one of the first column */
  bool ends_column;  /* its column tile is done with it */
  bool is_alike;     /* it takes as long as the one before it */
} ptl_last_unit;

/* The last units of a schedule: of the last full chunk and those after it, or of fewer; none if
 * those of the last chunk are too many. */
typedef struct ptl_last_units {
  bool is_known;
  ptl_last_unit units[PTL_MOST_LAST_UNITS];
  int count;
} ptl_last_units;

ptl_last_units ptl_last_units_of(const ptl_staging_bounds *bounds, const ptl_tiling *staging);

/* Cycles that no schedule of a tiling of this staging can do without: sharper than those of
 * ptl_cycles_bounds in most cases, but it takes longer. 0: not known. */
ptl_cycles ptl_last_units_bound(const ptl_last_units *units, const ptl_staging_bounds *bounds,
                                const ptl_tiling *tiling, const ptl_counts *counts);

/* ---- staging.c ---- */

/* PTL_OK if a staging that came from outside is one of this problem: extents in their
 * boxes, K and N covered. */
ptl_status ptl_check_staging(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                             const ptl_tiling *staging, ptl_no_plan *why);

/* PTL_OK if the Mat buffers of such a staging can hold its tiles: one for each slot, large enough,
 * aligned, inside of Mat, and apart from the others. */
ptl_status ptl_check_mat_tiles(ptl_arena *arena, const ptl_target *target, const ptl_plan *staging,
                               ptl_no_plan *why);

/* ---- refuse.c ---- */

/* PTL_REFUSED for an extent or a place that cannot be; `text` says why. */
ptl_status ptl_refuse_shape(ptl_no_plan *why, const char *text);

/* PTL_OK if the cube can do such a product in tiles at all. */
ptl_status ptl_check_problem(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                             ptl_no_plan *why);

/* Says which buffer stands in the way of a problem that no staging fits, or for which ptoas has too
 * few event ids. */
void ptl_explain_no_plan(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                         ptl_no_plan *why);

/* Says why a given staging cannot be completed. */
void ptl_explain_no_completion(ptl_arena *arena, const ptl_target *target,
                               const ptl_problem *problem, const ptl_tiling *staging,
                               ptl_no_plan *why);

/* The refusal of a problem whose every plan needs too many event ids. */
void ptl_explain_events(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                        ptl_no_plan *why);

#endif
