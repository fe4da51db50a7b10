/* The parts of the search for a plan, shared by each other. Not for other layers. */
#ifndef PTL_PLAN_SEARCH_H
#define PTL_PLAN_SEARCH_H

#include "plan/boxes.h"
#include "plan/plan.h"

enum { PTL_MAX_N_TILES = 16, PTL_MAX_CHUNKS = 48, PTL_MAX_COMPLETIONS = 8, PTL_MAX_LEFT = 32 };

/* Longest text of a kernel, in instructions, that unrolling may make. */
enum { PTL_MAX_UNROLLED = 800 };

/* Keeps every product of extents far from overflow. */
#define PTL_MAX_EXTENT ((int64_t)1 << 40)

/* A growing list of tilings; of a staging only the fields that staging decides count. */
typedef struct ptl_tilings {
  ptl_arena *arena;
  ptl_tiling *items;
  int count;
  int capacity;
} ptl_tilings;

/* candidates.c: the ways to cut. */

/* Widths of a rhs tile to try, widest first; returns how many: the whole N where it
 * fits; where it may be cut, also few equal parts, the widest that fits, and powers
 * of two down to `narrowest` columns. */
int ptl_n_tiles(const ptl_target *target, const ptl_problem *problem, int64_t narrowest,
                int64_t *out);

/* K extents of a chunk to try, largest first; returns how many. */
int ptl_chunks(const ptl_target *target, const ptl_problem *problem, int64_t *out);

/* All stagings whose Mat tiles fit and that at least one completion fits. */
ptl_tilings ptl_stagings(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem);

/* The steps and slots that go with a staging; returns how many. */
int ptl_completions(const ptl_target *target, const ptl_problem *problem, const ptl_tiling *staging,
                    ptl_tiling *out);

/* unroll.c: unrolls those loops that ptoas has not enough event ids for, in the way that
 * makes the shortest text; false if that is too long, or if Left and Right slots alone take
 * too many ids. */
bool ptl_choose_loops(const ptl_target *target, const ptl_problem *problem, ptl_tiling *tiling);

/* Bytes of the tiles of a tiling. */
int64_t ptl_mat_lhs_bytes(const ptl_target *target, const ptl_problem *problem,
                          const ptl_tiling *tiling);
int64_t ptl_mat_rhs_bytes(const ptl_problem *problem, const ptl_tiling *tiling);
int64_t ptl_left_bytes(const ptl_problem *problem, const ptl_tiling *tiling);
int64_t ptl_right_bytes(const ptl_problem *problem, const ptl_tiling *tiling);

/* Bytes of `count` tiles of `bytes` each, every one aligned as the space asks for. */
int64_t ptl_space_bytes(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes);

/* place.c: fill in the Mat buffers; then those of Left, Right and Acc after them. */
void ptl_place_staging(const ptl_target *target, ptl_plan *plan);
void ptl_place_accumulators(const ptl_target *target, ptl_plan *plan);

/* bound.c: cycles that no schedule of this tiling can do without, by one calibration. */
double ptl_cycles_bound(const ptl_target *target, const ptl_rates *rates,
                        const ptl_problem *problem, const ptl_tiling *tiling);

/* Instructions that the schedule of the tiling issues, loops counted as often as they run. */
int64_t ptl_issued_items(const ptl_problem *problem, const ptl_tiling *tiling);

/* staging.c: PTL_OK if a staging that came from outside is one of this problem: extents in their
 * boxes, K and N covered. */
ptl_status ptl_check_staging(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                             const ptl_tiling *staging, ptl_no_plan *why);

/* PTL_OK if the Mat buffers of such a staging can hold its tiles: one for each, large enough,
 * aligned, inside of Mat, and apart from the others. */
ptl_status ptl_check_mat_tiles(ptl_arena *arena, const ptl_target *target, const ptl_plan *staging,
                               ptl_no_plan *why);

/* refuse.c: PTL_REFUSED for an extent or a place that cannot be; `text` says why. */
ptl_status ptl_refuse_shape(ptl_no_plan *why, const char *text);

/* PTL_OK if the cube can do such a product in tiles at all. */
ptl_status ptl_check_problem(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                             ptl_no_plan *why);

/* Says which buffer stands in the way of a problem that no staging fits. */
void ptl_explain_no_plan(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                         ptl_no_plan *why);

/* Says why a given staging cannot be completed. */
void ptl_explain_no_completion(ptl_arena *arena, const ptl_target *target,
                               const ptl_problem *problem, const ptl_tiling *staging,
                               ptl_no_plan *why);

#endif
