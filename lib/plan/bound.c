/* What no schedule of a tiling can beat, in closed form: most candidates lose by
 * it and are never simulated. */
#include "plan/search.h"

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

static double matmul_cycles(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                            int64_t k, int64_t n) {
  int64_t passes = p->lhs == PTL_ELEM_F32 ? target->fp32_passes : 1;
  int64_t fractals =
      ptl_ceil_div(p->m, 16) * ptl_ceil_div(n, 16) * ptl_ceil_div(k, ptl_elem_fractal_k(p->lhs));
  return rates->matmul_head_cycles + (double)(passes * fractals);
}

static double drain_cycles(const ptl_rates *rates, const ptl_problem *p, int64_t n) {
  double row_bytes = (double)(n * ptl_elem_bytes(p->acc));
  double row = more(rates->drain_row_cycles, row_bytes / rates->acc_drain_bytes_per_cycle);
  return rates->drain_fixed_cycles + (double)p->m * row;
}

/* Busy cycles of MTE2: every byte of rhs once, lhs once, or for each N tile. */
static double load_cycles(const ptl_rates *rates, const ptl_problem *p, const ptl_tiling *t) {
  int64_t lhs_loads = t->lhs_resident ? 1 : n_tile_count(t);
  double elems = (double)p->m * (double)p->k * (double)lhs_loads +
                 (double)p->rhs_count * (double)p->k * (double)p->n;
  return elems * (double)ptl_elem_bytes(p->lhs) / rates->gm_to_mat_bytes_per_cycle;
}

static double extract_cycles(const ptl_rates *rates, const ptl_problem *p, const ptl_tiling *t) {
  double k = (double)ptl_round_up(p->k, ptl_k_box(p->lhs)) * (double)ptl_elem_bytes(p->lhs);
  double lhs = (double)t->m_tile * k * (double)n_tile_count(t);
  double rhs = (double)p->rhs_count * (double)p->n * k;
  return lhs / rates->mat_to_left_bytes_per_cycle + rhs / rates->mat_to_right_bytes_per_cycle;
}

static double cube_cycles(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                          const ptl_tiling *t) {
  int64_t products = n_tile_count(t) * p->rhs_count * count_of(t).steps;
  double fractals = matmul_cycles(target, rates, p, p->k, p->n) - rates->matmul_head_cycles;
  return (double)products * rates->matmul_head_cycles + (double)p->rhs_count * fractals;
}

double ptl_cycles_bound(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p,
                        const ptl_tiling *t) {
  counts c = count_of(t);
  int64_t last_n = t->n_tail > 0 ? t->n_tail : t->n_tile;
  double drain = drain_cycles(rates, p, last_n);
  double last_product = matmul_cycles(target, rates, p, c.last_k, last_n) + drain;
  int64_t last_bytes = ptl_round_up(c.last_k, ptl_k_box(p->lhs)) * last_n * ptl_elem_bytes(p->rhs);
  double last_extract = (double)last_bytes / rates->mat_to_right_bytes_per_cycle;
  int64_t first_k = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  int64_t lhs_k = t->lhs_resident ? p->k : first_k;
  double first_load =
      (double)(p->m * lhs_k * ptl_elem_bytes(p->lhs)) / rates->gm_to_mat_bytes_per_cycle;
  double bound = load_cycles(rates, p, t) + last_extract + last_product;
  bound = more(bound, first_load + extract_cycles(rates, p, t) + last_product);
  bound = more(bound, first_load + cube_cycles(target, rates, p, t) + drain);
  return more(bound, (double)ptl_issued_items(p, t) * rates->issue_cycles + drain);
}
