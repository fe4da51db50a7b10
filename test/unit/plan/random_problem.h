/* Random problems of products, and chips with versions of ptoas to plan them for. */
#ifndef PTL_UNIT_PLAN_RANDOM_PROBLEM_H
#define PTL_UNIT_PLAN_RANDOM_PROBLEM_H

#include "plan/plan.h"

static inline uint64_t next_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return *seed >> 33;
}

static inline int64_t pick(uint64_t *seed, int64_t most) {
  /* As many small as large ones. */
  int64_t limit = most >> (next_random(seed) % 10);
  return 1 + (int64_t)(next_random(seed) % (uint64_t)(limit > 0 ? limit : 1));
}

/* Rhs of one width or of several, some of them transposed. */
static inline void pick_rhs(uint64_t *seed, int64_t most_columns, ptl_problem *p) {
  bool alike = next_random(seed) % 2;
  for (int i = 0; i < p->rhs_count; i++) {
    p->rhs_transposed[i] = next_random(seed) % 4 == 0;
    p->n[i] = 32 * pick(seed, most_columns / 32);
    if (alike && i > 0) {
      p->rhs_transposed[i] = p->rhs_transposed[0];
      p->n[i] = p->n[0];
    }
  }
}

static inline ptl_problem random_problem(uint64_t *seed, int64_t most_k, int64_t most_columns) {
  const ptl_elem elems[] = {PTL_ELEM_I8, PTL_ELEM_F16, PTL_ELEM_BF16, PTL_ELEM_F32};
  ptl_elem elem = elems[next_random(seed) % 4];
  int64_t m = next_random(seed) % 2 ? 16 : pick(seed, PTL_MAX_ROWS);
  int64_t k = pick(seed, most_k);
  ptl_problem p = {.m = m,
                   .k = k < 16 ? 16 : k,
                   .rhs_count = 1 + (int)(next_random(seed) % PTL_MAX_RHS),
                   .lhs = elem,
                   .rhs = elem,
                   .acc = ptl_elem_accumulator(elem, elem)};
  p.k = next_random(seed) % 2 ? (p.k + 127) / 128 * 128 : p.k;
  p.n_splittable = next_random(seed) % 3 > 0;
  p.outer_loops = next_random(seed) % 4 == 0 ? (int)(next_random(seed) % 3) : 0;
  p.ptoas_places = p.k % 3 == 0;
  p.repeats = p.outer_loops > 0 ? 1 + (int64_t)(next_random(seed) % 8) : 0;
  pick_rhs(seed, most_columns, &p);
  return p;
}

static inline const ptl_target *random_target(ptl_arena *arena, uint64_t *seed) {
  const ptl_target *chip = ptl_target_find(next_random(seed) % 2 ? "a2a3" : "a5");
  const ptl_version versions[] = {{0, 27}, {0, 48}, {0, 60}};
  return ptl_target_for_ptoas(arena, chip, versions[next_random(seed) % 3]);
}

#endif
