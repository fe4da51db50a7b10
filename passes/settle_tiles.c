/* settle-tiles: allocate tiles in front of the loops that use them.
 *
 * Requires: functions in pto ops; what other passes have rewritten is marked as changed.
 * Produces: alloc_tile ops of the cube's buffers that are the same on every turn stand in front of
 *   their loop, so that they are issued once. A function that no other pass has rewritten is marked
 *   as changed and as settled; PTL129 says so.
 * Leaves alone: functions without addresses (ptoas places a tile by where it is allocated), those
 *   in which a check finds something, and those that are not modelled faster so; of others a tile
 *   that set_validshape changes, since it has to begin each turn anew.
 */
#include "check/check.h"
#include "ir/build.h"
#include "ir/types.h"
#include "passes/outcomes.h"
#include "passes/passes.h"
#include "summary/cost.h"

/* An alloc_tile that may stand in front of a loop. */
typedef struct move {
  MlirOperation alloc;
  MlirOperation home; /* the op in front of which it stands in the input */
  MlirOperation loop;
  ptl_space space;
} move;

typedef struct settler {
  ptl_session *session;
  MlirOperation func;
  move *items;
  int count, capacity;
  ptl_cost before;
} settler;

/* Which tiles stand in front of their loops: a bit for each space. */
typedef unsigned spaces;

static const spaces ALL_SPACES =
    1U << PTL_SPACE_MAT | 1U << PTL_SPACE_LEFT | 1U << PTL_SPACE_RIGHT | 1U << PTL_SPACE_ACC;

/* ---- what may move ---------------------------------------------------------- */

static bool is_inside(MlirOperation op, MlirOperation loop) {
  while (!mlirOperationIsNull(op) && !mlirOperationEqual(op, loop)) {
    op = mlirOperationGetParentOperation(op);
  }
  return !mlirOperationIsNull(op);
}

static bool is_made_inside(MlirValue value, MlirOperation loop) {
  MlirOperation maker = mlirValueIsAOpResult(value)
                            ? mlirOpResultGetOwner(value)
                            : mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value));
  return is_inside(maker, loop);
}

static bool depends_on(MlirOperation alloc, MlirOperation loop) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(alloc); i++) {
    if (is_made_inside(mlirOperationGetOperand(alloc, i), loop)) {
      return true;
    }
  }
  return false;
}

/* The outermost loop around an alloc_tile that does not change it; null if there is none. */
static MlirOperation loop_of(MlirOperation alloc, MlirOperation func) {
  MlirOperation found = {NULL};
  MlirOperation at = mlirOperationGetParentOperation(alloc);
  for (; !mlirOperationEqual(at, func) && !depends_on(alloc, at);
       at = mlirOperationGetParentOperation(at)) {
    found = ptl_op_is(at, PTL_SCF_FOR) ? at : found;
  }
  return found;
}

static bool is_reshaped(MlirValue tile) {
  MlirOpOperand use = mlirValueGetFirstUse(tile);
  while (!mlirOpOperandIsNull(use) &&
         !ptl_op_is(mlirOpOperandGetOwner(use), PTL_PTO_SET_VALIDSHAPE)) {
    use = mlirOpOperandGetNextUse(use);
  }
  return !mlirOpOperandIsNull(use);
}

static void collect(MlirOperation op, void *user) {
  settler *s = user;
  if (!ptl_op_is(op, PTL_PTO_ALLOC_TILE)) {
    return;
  }
  MlirValue tile = mlirOperationGetResult(op, 0);
  MlirOperation loop = loop_of(op, s->func);
  const ptl_tile_type *type = ptl_tile_of(s->session, tile);
  if (mlirOperationIsNull(loop) || is_reshaped(tile) || !type || !ptl_is_cube_space(type->space)) {
    return;
  }
  s->items =
      ptl_arena_more(&s->session->arena, s->items, s->count, &s->capacity, sizeof(*s->items));
  s->items[s->count++] = (move){op, mlirOperationGetNextInBlock(op), loop, type->space};
}

/* ---- moving ------------------------------------------------------------------ */

/* Puts the tiles of some spaces in front of their loops, and the others where they were. */
static int settle(settler *s, spaces which) {
  int moved = 0;
  for (int i = s->count; i-- > 0;) {
    mlirOperationMoveBefore(s->items[i].alloc, s->items[i].home);
  }
  for (int i = 0; i < s->count; i++) {
    if (which & 1U << s->items[i].space) {
      mlirOperationMoveBefore(s->items[i].alloc, s->items[i].loop);
      moved++;
    }
  }
  return moved;
}

static ptl_cost time_of(const settler *s) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_cost cost = ptl_kernel_cost(&arena, ptl_kernel_decode(&arena, s->func), s->session->target);
  ptl_arena_free(&arena);
  return cost;
}

/* ---- whether it pays ---------------------------------------------------------- */

/* Cycles of a turn of the loops of unknown bounds; of all, if there are none. */
static double on_average(const ptl_cost *cost, int rate) {
  double cycles = cost->times[rate].cycles;
  return cost->has_open_loops ? ptl_mean_turn(cycles, cost->turns[rate]) : cycles;
}

/* Whether nothing takes longer under any calibration, in a run in which loops of unknown bounds
 * have one turn and for each turn more. */
static bool is_never_longer(const settler *s, const ptl_cost *after) {
  for (int rate = 0; rate < s->session->target->rate_count; rate++) {
    if (ptl_is_longer(after->times[rate].cycles, s->before.times[rate].cycles) ||
        ptl_is_longer(after->turns[rate], s->before.turns[rate])) {
      return false;
    }
  }
  return after->is_complete;
}

/* The calibration under which most is gained; -1: no gain is more than noise. */
static int best_rate(const settler *s, const ptl_cost *after) {
  int best = -1;
  double least = 1;
  for (int rate = 0; rate < s->session->target->rate_count; rate++) {
    double now = on_average(after, rate), then = on_average(&s->before, rate);
    if (ptl_is_shorter(now, then) && now / then < least) {
      least = now / then;
      best = rate;
    }
  }
  return best;
}

/* The tiles that stand in front of their loops are those of every space whose tiles delay nothing
 * there. */
static spaces choose(settler *s) {
  settle(s, ALL_SPACES);
  ptl_cost after = time_of(s);
  if (is_never_longer(s, &after)) {
    return ALL_SPACES;
  }
  spaces chosen = 0;
  for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
    spaces next = chosen | (ALL_SPACES & 1U << space);
    if (next != chosen && settle(s, next) > 0) {
      after = time_of(s);
      chosen = is_never_longer(s, &after) ? next : chosen;
    }
  }
  return chosen;
}

/* Whether there is nothing to say against the function. */
static bool is_sound(const settler *s) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_findings findings =
      ptl_check_kernel(&arena, ptl_kernel_decode(&arena, s->func), s->session->target);
  bool sound = !findings.is_cut_short;
  for (int i = 0; i < findings.count && sound; i++) {
    ptl_code fault = findings.items[i].fault;
    sound = ptl_fault_is_of_others(fault) || ptl_fault_is_shared(fault);
  }
  ptl_arena_free(&arena);
  return sound;
}

/* ---- the pass ------------------------------------------------------------------ */

static void announce(settler *s, int moved, int rate, const ptl_cost *after) {
  ptl_session *session = s->session;
  ptl_code why = ptl_outcome_code(session, s->func);
  const char *stays =
      why == PTL_CODE_NONE
          ? ""
          : ptl_arena_printf(&session->arena, "its products stay as they are (PTL%03d), and ", why);
  ptl_diag_add(&session->diags, PTL_CODE_SETTLED, ptl_loc_of(session, s->func),
               "'%s' is settled: %s%d of its tiles are allocated in front of the loops that use "
               "them; modelled at %.0f cycles (%s), before at %.0f",
               ptl_function_name(session, s->func), stays, moved, on_average(after, rate),
               session->target->rates[rate].name, on_average(&s->before, rate));
}

/* Whether a function may be changed: it is anyway, or stays as it is otherwise. */
static bool may_settle(ptl_session *session, MlirOperation func, bool is_rewritten) {
  bool is_asked_for = session->rewrite == PTL_REWRITE_ALL && ptl_is_wanted(session, func);
  return (is_rewritten || is_asked_for) && !ptl_has_branches(func);
}

static bool has_addresses(const settler *s) {
  return ptl_kernel_decode(&s->session->arena, s->func)->has_addresses;
}

/* Moves what pays. Returns how many tiles. */
static int settle_best(settler *s, ptl_cost *after, int *rate) {
  s->before = time_of(s);
  int moved = settle(s, s->before.is_complete ? choose(s) : 0);
  *after = time_of(s);
  *rate = best_rate(s, after);
  return *rate >= 0 ? moved : settle(s, 0);
}

static ptl_status settle_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  settler s = {.session = session, .func = func};
  bool is_rewritten = ptl_has_attr(func, ptl_attr_changed);
  ptl_cost after;
  int rate;
  if (may_settle(session, func, is_rewritten)) {
    ptl_for_each_op(func, collect, &s);
  }
  session->ir_is_kept = session->ir_is_kept && s.count == 0;
  int moved = s.count > 0 && has_addresses(&s) ? settle_best(&s, &after, &rate) : 0;
  if (moved == 0 || is_rewritten) {
    return PTL_OK;
  }
  if (!is_sound(&s)) {
    settle(&s, 0);
    return PTL_OK;
  }
  ptl_set_unit(func, ptl_attr_changed);
  ptl_set_unit(func, ptl_attr_settled);
  announce(&s, moved, rate, &after);
  return PTL_OK;
}

/* The proof reads the input again, as a whole. */
static void find_unread(MlirOperation op, void *user) {
  bool *any = user;
  *any = *any || ptl_has_attr(op, ptl_attr_opaque);
}

ptl_status ptl_settle_tiles(ptl_session *session) {
  bool any_unread = false;
  session->ir_is_kept = true;
  ptl_for_each_op(mlirModuleGetOperation(session->module), find_unread, &any_unread);
  if (any_unread) {
    return PTL_OK;
  }
  return ptl_for_each_function(session, settle_function, NULL);
}
