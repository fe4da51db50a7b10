/* The time that no schedule of a tiling can beat, in closed form. Most candidates lose by it and
 * need not be run. */
#include "plan/search.h"
#include "plan/timeline_state.h"

/* How often things happen in one N tile. */
typedef struct counts {
  int64_t pieces;
  int64_t steps;
  int64_t last_k; /* valid K of the very last product */
} counts;

static double more(double a, double b) { return a > b ? a : b; }

static counts count_of(const ptl_tiling *t) {
  counts c = {t->full_chunks + t->tail_count, t->full_chunks * t->left_slots, 0};
  int64_t last_piece = t->tail_count > 0 ? t->tail_k[t->tail_count - 1] : t->chunk_k;
  for (int i = 0; i < t->tail_count; i++) {
    c.steps += ptl_ceil_div(t->tail_k[i], t->step_k);
  }
  c.last_k = last_piece - (ptl_ceil_div(last_piece, t->step_k) - 1) * t->step_k;
  return c;
}

static int64_t n_tile_count(const ptl_tiling *t) { return t->n_full + (t->n_tail > 0 ? 1 : 0); }

int64_t ptl_issued_items(const ptl_problem *p, const ptl_tiling *t) {
  counts c = count_of(t);
  int64_t rhs = p->rhs_count;
  int64_t per_n_tile = rhs * c.pieces + (t->lhs_resident ? 0 : c.pieces) /* loads */
                       + c.steps + rhs * c.steps                         /* extracts */
                       + rhs * c.steps + rhs;                            /* products, stores */
  return n_tile_count(t) * per_n_tile + (t->lhs_resident ? 1 : 0);
}

/* Busy cycles of MTE2: every byte of rhs once, lhs once, or for each N tile. */
static double all_load_cycles(const ptl_rates *rates, const ptl_problem *p, const ptl_tiling *t) {
  int64_t lhs_loads = t->lhs_resident ? 1 : n_tile_count(t);
  double elems = (double)p->m * (double)p->k * (double)lhs_loads +
                 (double)p->rhs_count * (double)p->k * (double)p->n;
  int64_t pieces = count_of(t).pieces;
  int64_t loads = n_tile_count(t) * pieces * (p->rhs_count + (t->lhs_resident ? 0 : 1)) +
                  (t->lhs_resident ? 1 : 0);
  return (double)loads * rates->load_fixed_cycles +
         elems * (double)ptl_elem_bytes(p->lhs) / rates->gm_to_mat_bytes_per_cycle;
}

static double lhs_extract_cycles(const ptl_target *target, const ptl_rates *rates,
                                 const ptl_problem *p, const ptl_tiling *t) {
  int64_t k = ptl_round_up(p->k, ptl_k_box(target, p->lhs));
  int64_t bytes = t->m_tile * k * ptl_elem_bytes(p->lhs);
  return (double)n_tile_count(t) *
         ptl_extract_cycles(rates, PTL_SPACE_LEFT, bytes, ptl_elem_bytes(p->lhs), false);
}

static double rhs_extract_cycles(const ptl_target *target, const ptl_rates *rates,
                                 const ptl_problem *p) {
  int64_t k = ptl_round_up(p->k, ptl_k_box(target, p->lhs));
  double one_column = ptl_extract_cycles(rates, PTL_SPACE_RIGHT, k * ptl_elem_bytes(p->rhs),
                                         ptl_elem_bytes(p->rhs), !p->rhs_transposed);
  return (double)p->rhs_count * (double)p->n * one_column;
}

static double cube_cycles(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                          const ptl_tiling *t) {
  double products = (double)(n_tile_count(t) * p->rhs_count * count_of(t).steps);
  double whole = ptl_matmul_cycles(target, rates, p->m, p->k, p->n, p->lhs);
  return products * rates->matmul_head_cycles +
         (double)p->rhs_count * (whole - rates->matmul_head_cycles);
}

/* Everything that the first and the last product and the ends of a schedule hold up. */
typedef struct ends {
  double first_loads;   /* lhs and rhs, before the first extract of rhs */
  double first_extract; /* of lhs: may run while rhs is still loaded */
  double last_extract;  /* of rhs, after its load */
  double last_product;
  double drain;
} ends;

static ends ends_of(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                    const ptl_tiling *t) {
  counts c = count_of(t);
  int64_t elem = ptl_elem_bytes(p->lhs);
  int64_t box = ptl_k_box(target, p->lhs);
  int64_t first_k = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  int64_t lhs_k = t->lhs_resident ? p->k : first_k;
  int64_t last_n = t->n_tail > 0 ? t->n_tail : t->n_tile;
  ends e;
  e.first_loads = ptl_load_cycles(rates, p->m * lhs_k * elem) +
                  ptl_load_cycles(rates, first_k * t->n_tile * elem);
  e.first_extract = ptl_extract_cycles(rates, PTL_SPACE_LEFT,
                                       t->m_tile * ptl_min(t->step_k, first_k) * elem, elem, false);
  e.last_extract =
      ptl_extract_cycles(rates, PTL_SPACE_RIGHT, ptl_round_up(c.last_k, box) * last_n * elem, elem,
                         !p->rhs_transposed);
  e.last_product = ptl_matmul_cycles(target, rates, p->m, c.last_k, last_n, p->lhs);
  e.drain = ptl_drain_cycles(rates, p->m, p->m * last_n * ptl_elem_bytes(p->acc));
  return e;
}

double ptl_cycles_bound(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                        const ptl_tiling *t) {
  ends e = ends_of(target, rates, p, t);
  double lhs = lhs_extract_cycles(target, rates, p, t);
  double rhs = rhs_extract_cycles(target, rates, p);
  double cube = cube_cycles(target, rates, p, t);
  double bound = all_load_cycles(rates, p, t) + e.last_extract + e.last_product;
  bound = more(bound, e.first_loads + lhs - e.first_extract + rhs + e.last_product);
  bound = more(bound, e.first_loads + cube);
  if (t->right_slots == 1) {
    /* An extract into the one Right tile and the product that reads it take turns. */
    bound = more(bound, e.first_loads + rhs + cube);
  }
  if (p->rhs_count == 1) {
    /* A load into the one Mat tile and the extracts from it take turns. */
    bound = more(bound, all_load_cycles(rates, p, t) + rhs + e.last_product);
  }
  return more(bound, (double)ptl_issued_items(p, t) * rates->issue_cycles) + e.drain;
}
