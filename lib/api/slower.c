/* Compares each rewritten kernel, as it is written, with its input. */
#include "api/slower.h"

#include "ir/build.h"
#include "summary/cost.h"

typedef struct comparison {
  ptl_session *session;
  bool any;
} comparison;

/* Whether the model decides of the function. */
static bool is_timed(MlirOperation func) {
  return ptl_has_attr(func, ptl_attr_close) && ptl_has_attr(func, ptl_attr_cycles) &&
         !ptl_has_attr(func, ptl_attr_imported) && !ptl_has_attr(func, ptl_attr_merged) &&
         !ptl_has_attr(func, ptl_attr_broken) && !ptl_has_attr(func, ptl_attr_settled);
}

static double input_cycles(MlirOperation func, const char *name, int rate) {
  MlirAttribute cycles = ptl_attr(func, name);
  return mlirAttributeIsNull(cycles) ? 0 : mlirDenseF64ArrayGetElement(cycles, rate);
}

/* The words for a time that is longer than the input's; NULL: none is. */
static const char *why_slower(comparison *c, MlirOperation func, const ptl_cost *cost) {
  const ptl_target *target = c->session->target;
  bool has_turns = ptl_has_attr(func, ptl_attr_turns);
  for (int rate = 0; rate < target->rate_count; rate++) {
    double before = input_cycles(func, ptl_attr_cycles, rate), after = cost->times[rate].cycles;
    if (has_turns && !ptl_is_longer(after, before)) {
      before = input_cycles(func, ptl_attr_turns, rate);
      after = cost->turns[rate];
    }
    if (ptl_is_longer(after, before)) {
      return ptl_arena_printf(&c->session->arena,
                              "the plan is not modelled faster under every calibration, as it is "
                              "written (%s: %.0f cycles, the input %.0f)",
                              target->rates[rate].name, after, before);
    }
  }
  return NULL;
}

/* The words for times none of which is shorter than the input's; NULL: one is. */
static const char *why_not_faster(comparison *c, MlirOperation func, const ptl_cost *cost) {
  const ptl_target *target = c->session->target;
  bool has_turns = ptl_has_attr(func, ptl_attr_turns);
  for (int rate = 0; rate < target->rate_count; rate++) {
    double before = input_cycles(func, ptl_attr_cycles, rate), after = cost->times[rate].cycles;
    if (has_turns) {
      before = ptl_mean_turn(before, input_cycles(func, ptl_attr_turns, rate));
      after = ptl_mean_turn(after, cost->turns[rate]);
    }
    if (ptl_is_shorter(after, before)) {
      return NULL;
    }
  }
  return ptl_arena_printf(&c->session->arena,
                          "the plan is modelled faster by more than 1 %% under no calibration, as "
                          "it is written (%s: %.0f cycles, the input %.0f)",
                          target->rates[0].name, cost->times[0].cycles,
                          input_cycles(func, ptl_attr_cycles, 0));
}

static const char *why_no_gain(comparison *c, MlirOperation func, const ptl_cost *cost) {
  const char *why = why_slower(c, func, cost);
  return why ? why : why_not_faster(c, func, cost);
}

static void compare(MlirOperation op, void *user) {
  comparison *c = user;
  ptl_session *session = c->session;
  if (!ptl_op_is(op, PTL_FUNC_FUNC) || !is_timed(op)) {
    return;
  }
  const ptl_kernel *kernel = ptl_kernel_decode(&session->arena, op);
  ptl_cost cost = ptl_kernel_cost(&session->arena, kernel, session->target);
  const char *why = cost.is_complete ? why_no_gain(c, op, &cost) : NULL;
  if (why) {
    ptl_slower *slower = ptl_arena_alloc(&session->arena, sizeof(*slower));
    *slower = (ptl_slower){kernel->name, why, session->slower};
    session->slower = slower;
    c->any = true;
  }
}

bool ptl_note_slower(ptl_session *session) {
  comparison c = {.session = session};
  if (session->fuse != PTL_FUSE_ALWAYS) {
    ptl_for_each_op(mlirModuleGetOperation(session->module), compare, &c);
  }
  return c.any;
}
