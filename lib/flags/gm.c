/* What ops read and write of global memory, and where two of them meet. */
#include "flags/gm.h"

#include <limits.h>
#include <string.h>

enum { MAX_STEP = 1 << 30 }; /* elements; sums of a few are numbers */

/* ---- numbers by round ---------------------------------------------------------------- */

static int newest_leaf(const ptl_exprs *exprs, ptl_expr expr) {
  int newest = -1;
  for (int i = 0; expr >= 0 && i < exprs->nodes[expr].term_count; i++) {
    const ptl_atom *atom = &exprs->atoms[exprs->nodes[expr].terms[i].atom];
    int a = atom->op == PTL_EXPR_LEAF ? atom->leaf : newest_leaf(exprs, atom->a);
    int b = atom->op == PTL_EXPR_LEAF ? -1 : newest_leaf(exprs, atom->b);
    newest = a > newest ? a : newest;
    newest = b > newest ? b : newest;
  }
  return newest;
}

static int64_t coefficient(const ptl_exprs *exprs, ptl_expr expr, int atom) {
  for (int i = 0; i < exprs->nodes[expr].term_count; i++) {
    if (exprs->nodes[expr].terms[i].atom == atom) {
      return exprs->nodes[expr].terms[i].coefficient;
    }
  }
  return 0;
}

/* False if it is not known. */
static bool place_of(ptl_exprs *exprs, ptl_expr expr, const ptl_flag_gm *gm, ptl_flag_place *out) {
  *out = (ptl_flag_place){.rest = expr};
  for (int i = 0; i < gm->turn_count && out->rest >= 0; i++) {
    const ptl_flag_turn *turn = &gm->turns[i];
    if (!turn->is_first && turn->atom >= 0) {
      out->steps[i] = coefficient(exprs, out->rest, turn->atom);
      if (out->steps[i] < -MAX_STEP || out->steps[i] > MAX_STEP) {
        return false;
      }
      out->rest =
          ptl_expr_add_const(exprs, ptl_expr_without(exprs, out->rest, turn->atom), -out->steps[i]);
    }
  }
  out->newest_leaf = newest_leaf(exprs, out->rest);
  return out->rest >= 0;
}

/* ---- what an operand names -------------------------------------------------------------- */

static bool is_argument(const ptl_kernel *kernel, int value) {
  const ptl_block *body = kernel->body;
  return value >= body->first_argument && value < body->first_argument + body->argument_count;
}

/* The elements from the first of the window to its last. */
static void measure(ptl_exprs *exprs, ptl_flag_gm *gm) {
  const ptl_gm_window *window = &gm->window;
  ptl_expr one = ptl_expr_const(exprs, 1), dense = one;
  gm->span = one;
  gm->is_dense = true;
  for (int i = window->rank - 1; i >= 0; i--) {
    if (window->extents[i] == one) {
      continue;
    }
    gm->is_dense = gm->is_dense && window->strides[i] == dense;
    dense = ptl_expr_mul(exprs, dense, window->extents[i]);
    ptl_expr last = ptl_expr_add_const(exprs, window->extents[i], -1);
    gm->span = ptl_expr_add(exprs, gm->span, ptl_expr_mul(exprs, last, window->strides[i]));
  }
}

static bool place_window(ptl_exprs *exprs, ptl_flag_gm *gm) {
  const ptl_gm_window *window = &gm->window;
  ptl_expr start = window->base;
  bool is_known = true;
  for (int i = 0; i < window->rank; i++) {
    is_known = is_known && window->extents[i] >= 0 && window->strides[i] >= 0 &&
               place_of(exprs, window->offsets[i], gm, &gm->places[i]);
    start = ptl_expr_add(exprs, start, ptl_expr_mul(exprs, window->offsets[i], window->strides[i]));
  }
  measure(exprs, gm);
  return place_of(exprs, start, gm, &gm->start) && is_known;
}

/* A scalar op touches the element at an offset from its pointer. */
static bool add_scalar_offset(ptl_walk *walk, const ptl_op *op, int operand, ptl_flag_gm *gm) {
  bool is_scalar = op->id == PTL_PTO_LOAD_SCALAR || op->id == PTL_PTO_STORE_SCALAR;
  if (!is_scalar) {
    return gm->window.rank > 0;
  }
  if (operand + 1 < op->operand_count) {
    gm->window.base = ptl_expr_add(ptl_walk_exprs(walk), gm->window.base,
                                   ptl_integer_at(walk, op->operands[operand + 1]));
  }
  return operand + 1 < op->operand_count && gm->window.rank == 0;
}

const ptl_flag_gm *ptl_flag_gm_of(ptl_arena *arena, ptl_walk *walk, const ptl_kernel *kernel,
                                  const ptl_op *op, int operand, const ptl_flag_turn *turns,
                                  int turn_count) {
  const ptl_value *value = ptl_value_at(walk, op->operands[operand]);
  if (!value->is_view && !value->is_pointer) {
    return NULL;
  }
  ptl_flag_gm *gm = ptl_arena_alloc(arena, sizeof(*gm));
  const ptl_gm_window *window = ptl_gm_window_at(walk, op->operands[operand]);
  *gm = (ptl_flag_gm){.root = window && is_argument(kernel, window->root) ? window->root : -1};
  if (gm->root < 0 || turn_count > PTL_FLAG_GM_LOOPS) {
    return gm;
  }
  gm->window = *window;
  gm->turn_count = turn_count;
  memcpy(gm->turns, turns, (size_t)turn_count * sizeof(*turns));
  gm->is_known = add_scalar_offset(walk, op, operand, gm) && place_window(ptl_walk_exprs(walk), gm);
  return gm;
}

bool ptl_flag_gm_same(const ptl_flag_gm *a, const ptl_flag_gm *b) {
  if (a == b || !a || !b) {
    return a == b;
  }
  bool is_same = a->root == b->root && a->is_known == b->is_known &&
                 a->window.rank == b->window.rank && a->turn_count == b->turn_count;
  if (!is_same || !a->is_known) {
    return is_same;
  }
  for (int i = 0; is_same && i < a->turn_count; i++) {
    is_same = a->turns[i].loop == b->turns[i].loop && a->turns[i].is_first == b->turns[i].is_first;
  }
  for (int i = 0; is_same && i < a->window.rank; i++) {
    is_same = a->places[i].rest == b->places[i].rest &&
              a->window.extents[i] == b->window.extents[i] &&
              a->window.strides[i] == b->window.strides[i] &&
              memcmp(a->places[i].steps, b->places[i].steps, sizeof(a->places[i].steps)) == 0;
  }
  return is_same && a->start.rest == b->start.rest;
}

/* ---- where two meet ------------------------------------------------------------------------ */

/* `rest` plus numbers that are at least 1, each times something. */
typedef struct distance {
  ptl_expr rest;
  int64_t sum;             /* of what they are multiplied with */
  bool may_fall, may_rise; /* below `rest + sum`, above it */
} distance;

static void add_times(distance *d, int64_t factor) {
  d->sum += factor;
  d->may_fall = d->may_fall || factor < 0;
  d->may_rise = d->may_rise || factor > 0;
}

static int index_of(const ptl_flag_gm *gm, int loop) {
  for (int i = 0; i < gm->turn_count; i++) {
    if (gm->turns[i].loop == loop) {
      return i;
    }
  }
  return -1;
}

/* What a loop around both adds to how far `now` lies from `earlier`. */
static void add_shared(distance *d, const ptl_flag_turn *turn, const ptl_flag_turn *moved,
                       int64_t earlier, int64_t now) {
  bool is_same_round = moved->loop == 0 || moved->depth > turn->depth;
  if (is_same_round) {
    add_times(d, now - earlier);
  } else if (moved->loop == turn->loop) {
    add_times(d, now - earlier);
    add_times(d, now);
  } else {
    add_times(d, now);
    add_times(d, -earlier);
  }
}

static distance distance_of(ptl_exprs *exprs, const ptl_flag_gm *earlier,
                            const ptl_flag_place *from, const ptl_flag_turn *moved,
                            const ptl_flag_gm *now, const ptl_flag_place *to) {
  distance d = {.rest = ptl_expr_sub(exprs, to->rest, from->rest)};
  for (int i = 0; i < now->turn_count; i++) {
    int other = index_of(earlier, now->turns[i].loop);
    if (other < 0 || earlier->turns[other].is_first || now->turns[i].is_first) {
      add_times(&d, to->steps[i]);
    } else {
      add_shared(&d, &now->turns[i], moved, from->steps[other], to->steps[i]);
    }
  }
  for (int i = 0; i < earlier->turn_count; i++) {
    int other = index_of(now, earlier->turns[i].loop);
    if (other < 0 || earlier->turns[i].is_first || now->turns[other].is_first) {
      add_times(&d, -from->steps[i]);
    }
  }
  return d;
}

/* Whether what has this leaf in it may be another number in another round. */
static bool changes(const ptl_flag_place *place, const ptl_flag_turn *moved) {
  return moved->loop != 0 && place->newest_leaf >= moved->first_leaf;
}

static bool is_never_negative(ptl_exprs *exprs, ptl_expr a) {
  return a >= 0 && ptl_expr_max(exprs, a, ptl_expr_const(exprs, 0)) == a;
}

static bool is_inside(ptl_exprs *exprs, ptl_expr distance, ptl_expr before, ptl_expr after) {
  int64_t at, before_size, after_size;
  if (!ptl_expr_is_const(exprs, distance, &at)) {
    return false;
  }
  return at == 0 ||
         (ptl_expr_is_const(exprs, before, &before_size) &&
          ptl_expr_is_const(exprs, after, &after_size) && at < before_size && at > -after_size);
}

/* An extent in any round, or what it is at most; PTL_EXPR_NONE if that is not known. */
static ptl_expr in_any_round(ptl_exprs *exprs, ptl_expr extent, const ptl_flag_turn *moved) {
  if (moved->loop == 0 || newest_leaf(exprs, extent) < moved->first_leaf) {
    return extent;
  }
  int64_t most = ptl_expr_most(exprs, extent);
  return most < INT64_MAX ? ptl_expr_const(exprs, most) : PTL_EXPR_NONE;
}

static ptl_flag_meeting spans_meet(ptl_exprs *exprs, const distance *d, ptl_expr before,
                                   ptl_expr after) {
  ptl_expr nearest = ptl_expr_add_const(exprs, d->rest, d->sum);
  ptl_expr zero = ptl_expr_const(exprs, 0);
  bool is_above = !d->may_fall && is_never_negative(exprs, ptl_expr_sub(exprs, nearest, before));
  bool is_below =
      !d->may_rise &&
      is_never_negative(exprs, ptl_expr_sub(exprs, ptl_expr_sub(exprs, zero, nearest), after));
  return is_above || is_below                       ? PTL_FLAG_APART
         : is_inside(exprs, nearest, before, after) ? PTL_FLAG_MEETS
                                                    : PTL_FLAG_MAY_MEET;
}

/* Whether both are boxes of one view, in whatever rounds. */
static bool have_same_strides(const ptl_exprs *exprs, const ptl_flag_gm *a, const ptl_flag_gm *b,
                              const ptl_flag_turn *moved) {
  int first_leaf = moved->loop == 0 ? INT_MAX : moved->first_leaf;
  bool is_same = a->window.base == b->window.base && a->window.rank == b->window.rank &&
                 a->window.rank > 0 && newest_leaf(exprs, a->window.base) < first_leaf;
  for (int i = 0; is_same && i < a->window.rank; i++) {
    is_same = a->window.strides[i] == b->window.strides[i] &&
              newest_leaf(exprs, a->window.strides[i]) < first_leaf;
  }
  return is_same;
}

static ptl_flag_meeting boxes_meet(ptl_exprs *exprs, const ptl_flag_gm *earlier,
                                   const ptl_flag_turn *moved, const ptl_flag_gm *now) {
  ptl_flag_meeting result = PTL_FLAG_MEETS;
  for (int i = 0; i < now->window.rank; i++) {
    const ptl_flag_place *from = &earlier->places[i], *to = &now->places[i];
    distance d = distance_of(exprs, earlier, from, moved, now, to);
    ptl_flag_meeting meeting =
        changes(from, moved) || changes(to, moved)
            ? PTL_FLAG_MAY_MEET
            : spans_meet(exprs, &d, in_any_round(exprs, earlier->window.extents[i], moved),
                         in_any_round(exprs, now->window.extents[i], moved));
    if (meeting == PTL_FLAG_APART) {
      return meeting;
    }
    result = meeting == PTL_FLAG_MAY_MEET ? meeting : result;
  }
  return result;
}

ptl_flag_meeting ptl_flag_gm_meeting(ptl_exprs *exprs, const ptl_flag_gm *earlier,
                                     const ptl_flag_turn *moved, const ptl_flag_gm *now) {
  if (earlier->root >= 0 && now->root >= 0 && earlier->root != now->root) {
    return PTL_FLAG_APART;
  }
  if (!earlier->is_known || !now->is_known) {
    return PTL_FLAG_MAY_MEET;
  }
  if (have_same_strides(exprs, earlier, now, moved)) {
    return boxes_meet(exprs, earlier, moved, now);
  }
  if (changes(&earlier->start, moved) || changes(&now->start, moved)) {
    return PTL_FLAG_MAY_MEET;
  }
  distance d = distance_of(exprs, earlier, &earlier->start, moved, now, &now->start);
  ptl_flag_meeting meeting = spans_meet(exprs, &d, in_any_round(exprs, earlier->span, moved),
                                        in_any_round(exprs, now->span, moved));
  bool is_sure = earlier->is_dense && now->is_dense;
  return meeting == PTL_FLAG_MEETS && !is_sure ? PTL_FLAG_MAY_MEET : meeting;
}
