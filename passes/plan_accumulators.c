/* plan-accumulators: choose the L0 steps, and place Left, Right and Acc tiles.
 *
 * Requires: ptolower.matmul_dual_acc with `staging`.
 * Produces: `plan` instead of it, whole: every buffer has its address. The plan has
 *   been proved on its own (ptl_plan_check). Products of one function that differ in
 *   their plans lie apart: ptoas ties tiles by their base addresses, so that two
 *   layouts must not overlap in part.
 * Refuses: a staging that cannot be completed (PTL030 to PTL032), or plans of one
 *   function that do not fit beside each other (PTL033).
 */
#include <inttypes.h>
#include <string.h>

#include "ir/build.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"

/* A plan as it was made, and where it was put. */
typedef struct layout {
  ptl_plan base, placed;
} layout;

typedef struct planner {
  ptl_session *session;
  ptl_status status;
  layout *layouts; /* of this function so far, different ones */
  int count;
  int64_t used_bytes[PTL_SPACE_COUNT];
} planner;

static bool same_layout(const ptl_plan *a, const ptl_plan *b) {
  if (a->buffer_count != b->buffer_count) {
    return false;
  }
  for (int i = 0; i < a->buffer_count; i++) {
    const ptl_buffer *x = &a->buffers[i], *y = &b->buffers[i];
    if (x->space != y->space || x->address_bytes != y->address_bytes ||
        x->size_bytes != y->size_bytes) {
      return false;
    }
  }
  return true;
}

/* Moves the plan behind the function's other plans, unless it is laid out as one of
 * them: then it takes that one's place. */
static bool settle(planner *p, ptl_plan *plan) {
  for (int i = 0; i < p->count; i++) {
    if (same_layout(&p->layouts[i].base, plan)) {
      memcpy(plan->buffers, p->layouts[i].placed.buffers, sizeof(plan->buffers));
      memcpy(plan->used_bytes, p->layouts[i].placed.used_bytes, sizeof(plan->used_bytes));
      return true;
    }
  }
  p->layouts = ptl_arena_grow(&p->session->arena, p->layouts, (size_t)p->count,
                              (size_t)p->count + 1, sizeof(layout));
  layout *layout = &p->layouts[p->count++];
  layout->base = *plan;
  for (int i = 0; i < plan->buffer_count; i++) {
    plan->buffers[i].address_bytes += p->used_bytes[plan->buffers[i].space];
  }
  for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
    int64_t align = p->session->target->alignment_bytes[space];
    int64_t end = p->used_bytes[space] + plan->used_bytes[space];
    if (end > p->session->target->capacity_bytes[space]) {
      return false;
    }
    plan->used_bytes[space] = end;
    p->used_bytes[space] = align > 0 ? (end + align - 1) / align * align : end;
  }
  layout->placed = *plan;
  return true;
}

static ptl_status prove(ptl_session *session, MlirOperation op, const ptl_plan *plan) {
  const char *why = NULL;
  ptl_status status = ptl_plan_check(&session->arena, session->target, plan, &why);
  if (status != PTL_OK) {
    ptl_diag_add(&session->diags, PTL_ERROR, 901, ptl_loc_of(session, op),
                 "the plan is wrong: %s", why);
  }
  return status;
}

static ptl_status plan_op(planner *p, MlirOperation op) {
  ptl_session *session = p->session;
  ptl_plan plan;
  ptl_no_plan why = {0};
  if (!ptl_plan_from_attr(session, op, ptl_attr_staging, &plan)) {
    ptl_diag_add(&session->diags, PTL_ERROR, 5, ptl_loc_of(session, op),
                 "the op has no 'staging' that can be read");
    return PTL_REFUSED;
  }
  ptl_status status =
      ptl_plan_accumulators(&session->arena, session->target, &plan, &why);
  if (status != PTL_OK) {
    ptl_diag_add(&session->diags, PTL_ERROR, 30 + (int)why.reason, ptl_loc_of(session, op), "%s",
                 why.text);
    return status;
  }
  if (!settle(p, &plan)) {
    ptl_diag_add(&session->diags, PTL_ERROR, 33, ptl_loc_of(session, op),
                 "the function's products do not fit beside each other: split the function");
    return PTL_REFUSED;
  }
  status = prove(session, op, &plan);
  if (status == PTL_OK) {
    mlirOperationRemoveAttributeByName(op, mlirStringRefCreateFromCString(ptl_attr_staging));
    ptl_set_attr(op, ptl_attr_plan, ptl_plan_to_attr(session, &plan));
  }
  return status;
}

static void visit(MlirOperation op, void *user) {
  planner *p = user;
  if (p->status == PTL_OK && ptl_op_is(op, "ptolower.matmul_dual_acc")) {
    p->status = plan_op(p, op);
  }
}

static ptl_status plan_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  planner p = {.session = session};
  ptl_for_each_op(func, visit, &p);
  return p.status;
}

ptl_status ptl_plan_accumulators_pass(ptl_session *session) {
  return ptl_for_each_function(session, plan_function, NULL);
}
