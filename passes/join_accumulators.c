/* join-accumulators: take accumulators for one that a move joins.
 *
 * pypto gives what a loop or a branch hands on a tile of its own and moves it there; where it
 * plans addresses itself, both tiles have one. Where it leaves that to ptoas, the move
 * stays, which no chip can do, and what one of the tiles holds is read from the other.
 *
 * Requires: kernels in pto ops (functions made from tensors are passed over).
 * Produces: on alloc_tile ops without addresses, between whose accumulators a tmov leads,
 *   `ptolower.place` with one number; the function is marked with where these moves are.
 * Leaves alone: everything else; a function whose tiles are sound as they stand (the move is
 *   a copy then), and one that is unsound with them joined.
 */
#include "check/check.h"
#include "ir/build.h"
#include "ir/types.h"
#include "passes/passes.h"

/* Accumulators between which a move leads, as the alloc_tile ops that made them. */
typedef struct moves {
  ptl_session *session;
  ptl_op_list from, to;
} moves;

/* The type of an accumulator that is allocated; NULL if it is none. */
static const ptl_tile_type *accumulator(ptl_session *session, MlirValue value) {
  const ptl_tile_type *type = ptl_tile_of(session, value);
  bool is_allocated =
      mlirValueIsAOpResult(value) && ptl_op_is(mlirOpResultGetOwner(value), PTL_PTO_ALLOC_TILE);
  return is_allocated && type && type->space == PTL_SPACE_ACC ? type : NULL;
}

static void collect(MlirOperation op, void *user) {
  moves *m = user;
  if (!ptl_op_is(op, PTL_PTO_TMOV) || mlirOperationGetNumOperands(op) != 2) {
    return;
  }
  MlirValue source = mlirOperationGetOperand(op, 0), target = mlirOperationGetOperand(op, 1);
  const ptl_tile_type *from = accumulator(m->session, source);
  const ptl_tile_type *to = accumulator(m->session, target);
  if (from && to && from->elem == to->elem && from->rows == to->rows && from->cols == to->cols) {
    ptl_op_list_add(&m->from, mlirOpResultGetOwner(source));
    ptl_op_list_add(&m->to, mlirOpResultGetOwner(target));
  }
}

/* Whether an op reads what nobody meant it to read: what the function computes is not known. */
static bool is_undefined(const ptl_finding *finding) {
  switch (finding->fault) {
  case PTL_CODE_READ_BEFORE_WRITE:
  case PTL_CODE_TILE_OVERWRITTEN_IN_PART:
  case PTL_CODE_SHAPE_MISMATCH:
  case PTL_CODE_ELEMENT_TYPES:
  case PTL_CODE_ACCUMULATOR_IN_IS_OUT:
  case PTL_CODE_MIXED_SUM:
  case PTL_CODE_PITCH:
    return true;
  default:
    return false;
  }
}

static bool is_sound(ptl_session *session, MlirOperation func) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_findings findings =
      ptl_check_kernel(&arena, ptl_kernel_decode(&arena, func), session->target);
  bool sound = !findings.is_cut_short;
  for (int i = 0; i < findings.count && sound; i++) {
    sound = !is_undefined(&findings.items[i]);
  }
  ptl_arena_free(&arena);
  return sound;
}

static int64_t place_of(MlirOperation alloc) {
  return mlirIntegerAttrGetValueInt(ptl_attr(alloc, ptl_attr_place));
}

/* Gives one number to all that moves lead between, also over several moves. */
static void join(moves *m) {
  MlirContext context = m->session->context;
  for (int i = 0; i < m->from.count; i++) {
    ptl_set_attr(m->from.items[i], ptl_attr_place, ptl_int(context, 2 * i));
    ptl_set_attr(m->to.items[i], ptl_attr_place, ptl_int(context, 2 * i + 1));
  }
  for (int i = 0; i < m->from.count; i++) {
    int64_t old = place_of(m->to.items[i]);
    MlirAttribute joined = ptl_attr(m->from.items[i], ptl_attr_place);
    for (int j = 0; j < m->from.count; j++) {
      MlirOperation ends[2] = {m->from.items[j], m->to.items[j]};
      for (int end = 0; end < 2; end++) {
        if (place_of(ends[end]) == old) {
          ptl_set_attr(ends[end], ptl_attr_place, joined);
        }
      }
    }
  }
}

static void part(moves *m) {
  MlirStringRef name = mlirStringRefCreateFromCString(ptl_attr_place);
  for (int i = 0; i < m->from.count; i++) {
    mlirOperationRemoveAttributeByName(m->from.items[i], name);
    mlirOperationRemoveAttributeByName(m->to.items[i], name);
  }
}

void ptl_join_function(ptl_session *session, MlirOperation func) {
  moves m = {
      .session = session, .from = {.arena = &session->arena}, .to = {.arena = &session->arena}};
  if (ptl_has_attr(func, ptl_attr_imported) || ptl_has_branches(func)) {
    return;
  }
  ptl_for_each_op(func, collect, &m);
  if (m.from.count == 0 || ptl_kernel_decode(&session->arena, func)->has_addresses ||
      is_sound(session, func)) {
    return;
  }
  session->ir_is_kept = false;
  join(&m);
  if (is_sound(session, func)) {
    ptl_set_unit(func, ptl_attr_joined);
  } else {
    part(&m);
  }
}

static ptl_status join_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  ptl_join_function(session, func);
  return PTL_OK;
}

ptl_status ptl_join_accumulators(ptl_session *session) {
  session->ir_is_kept = true;
  return ptl_for_each_function(session, join_function, NULL);
}
