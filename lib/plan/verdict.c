/* Compares candidates under all calibrations, by their times or by bounds of them. */
#include "plan/choice.h"

/* The model cannot tell plans apart whose worst ratios differ by less. */
static const double CLOSE = 0.004;
/* Sums of ratios that differ by less are the same. */
static const double SAME = 1e-9;

static bool exceeds(const ptl_reference *most, const ptl_verdict *v, int rate) {
  return most && (ptl_is_longer(v->cycles[rate], most->cycles[rate]) ||
                  (most->first_cycles[rate] > 0 &&
                   ptl_is_longer(v->first_cycles[rate], most->first_cycles[rate])));
}

void ptl_judge(const ptl_search *s, ptl_verdict *v, const double *least) {
  v->worst_ratio = 0;
  v->sum_of_ratios = 0;
  v->exceeds = false;
  for (int i = 0; i < s->target->rate_count; i++) {
    double ratio = v->cycles[i] / least[i];
    bool leads = !s->target->rates[i].is_guard;
    v->worst_ratio = leads && ratio > v->worst_ratio ? ratio : v->worst_ratio;
    v->sum_of_ratios += ratio;
    v->exceeds = v->exceeds || exceeds(s->reference, v, i);
  }
}

bool ptl_is_more_promising(const ptl_verdict *a, const ptl_verdict *b) {
  return a->exceeds != b->exceeds ? b->exceeds : a->worst_ratio < b->worst_ratio;
}

static int compare_extent(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* Among equally fast plans: fewer instructions, then larger pieces. */
static bool is_simpler(const ptl_entry *a, const ptl_entry *b) {
  const ptl_tiling *x = &a->tiling;
  const ptl_tiling *y = &b->tiling;
  int order = compare_extent(a->issued_items, b->issued_items);
  order = order ? order : compare_extent(x->n_parts, y->n_parts);
  order = order ? order : compare_extent(x->mat_slots, y->mat_slots);
  order = order ? order : compare_extent(y->n_tile[0], x->n_tile[0]);
  order = order ? order : compare_extent(y->chunk_k, x->chunk_k);
  order = order ? order : compare_extent(y->step_k, x->step_k);
  order = order ? order : compare_extent(x->tail_count, y->tail_count);
  order = order ? order : compare_extent(x->right_slots, y->right_slots);
  return order < 0;
}

const ptl_entry *ptl_best_of(ptl_entry *const *entries, int count) {
  const ptl_entry *best = NULL;
  const ptl_verdict *least = NULL;
  for (int i = 0; i < count; i++) {
    const ptl_verdict *v = &entries[i]->verdict;
    least = entries[i]->is_possible && (!least || ptl_is_more_promising(v, least)) ? v : least;
  }
  for (int i = 0; i < count; i++) {
    const ptl_entry *e = entries[i];
    if (!e->is_possible || e->verdict.exceeds != least->exceeds ||
        e->verdict.worst_ratio > least->worst_ratio + CLOSE) {
      continue;
    }
    double gain = best ? best->verdict.sum_of_ratios - e->verdict.sum_of_ratios : 1;
    if (gain > SAME || (gain >= -SAME && is_simpler(e, best))) {
      best = e;
    }
  }
  return best;
}

bool ptl_may_win(const ptl_verdict *bounds, const ptl_verdict *best) {
  return !best || bounds->exceeds < best->exceeds ||
         (bounds->exceeds == best->exceeds && bounds->worst_ratio <= best->worst_ratio + CLOSE);
}

/* Whether a candidate with these bounds cannot take the place of the winner so far: it brings the
 * winner no further from the least worst ratio than what is close, and has no less sum. */
static bool cannot_replace(const ptl_verdict *bounds, const ptl_verdict *winner) {
  return bounds->exceeds >= winner->exceeds && bounds->worst_ratio >= winner->worst_ratio - CLOSE &&
         bounds->sum_of_ratios >= winner->sum_of_ratios;
}

/* Whether one that was run is better in all that counts. */
static bool is_outdone(const ptl_trial *t, const ptl_verdict *v) {
  for (int i = 0; i < t->possible; i++) {
    const ptl_verdict *other = &t->room->entries[i]->verdict;
    if (other->exceeds <= v->exceeds && other->worst_ratio <= v->worst_ratio &&
        other->sum_of_ratios < v->sum_of_ratios - SAME) {
      return true;
    }
  }
  return false;
}

bool ptl_verdict_is_wanted(const ptl_trial *t, const ptl_verdict *v) {
  return ptl_may_win(v, t->best) && !(t->winner && cannot_replace(v, &t->winner->verdict)) &&
         !is_outdone(t, v);
}
