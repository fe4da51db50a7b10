/* Records what becomes of each kernel: raise-products opens the record, and every pass that says
 * something of the function leaves the place of that in it. */
#include "passes/outcomes.h"

#include "passes/passes.h"

static int cube_ops_of(const ptl_block *block) {
  int count = 0;
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    count += ptl_row(op)->pipe == PTL_SYNC_PIPE_M;
    count += cube_ops_of(op->blocks[0]) + cube_ops_of(op->blocks[1]);
  }
  return count;
}

int ptl_cube_ops(const ptl_kernel *kernel) { return cube_ops_of(kernel->body); }

static bool has_cube_tiles(const ptl_kernel *kernel) {
  for (int i = 0; i < kernel->value_count; i++) {
    const ptl_value *value = &kernel->values[i];
    if (value->is_tile && value->tile.space <= PTL_SPACE_ACC) {
      return true;
    }
  }
  return false;
}

static ptl_outcome *outcome_of(ptl_session *session, MlirOperation func) {
  ptl_outcome *outcome = session->outcomes;
  while (outcome && !mlirOperationEqual(outcome->func, func)) {
    outcome = outcome->next;
  }
  return outcome;
}

void ptl_outcome_open(ptl_session *session, const ptl_kernel *kernel) {
  int cube_ops = ptl_cube_ops(kernel);
  if (cube_ops == 0 && !has_cube_tiles(kernel)) {
    return;
  }
  ptl_outcome *outcome = ptl_arena_alloc(&session->arena, sizeof(*outcome));
  *outcome = (ptl_outcome){.func = kernel->func,
                           .name = kernel->name,
                           .line = ptl_loc_of(session, kernel->func).line,
                           .cube_ops = cube_ops,
                           .diagnostic = -1};
  ptl_outcome **last = &session->outcomes;
  while (*last) {
    last = &(*last)->next;
  }
  *last = outcome;
}

void ptl_outcome_set_products(ptl_session *session, MlirOperation func,
                              const ptl_products *products) {
  ptl_outcome *outcome = outcome_of(session, func);
  if (!outcome) {
    return;
  }
  outcome->is_followed = true;
  outcome->product_count = products->count;
  outcome->groups =
      ptl_arena_array(&session->arena, (size_t)products->count, sizeof(*outcome->groups));
  for (int i = 0; i < products->count; i++) {
    bool begins = i == 0 || products->items[i].group != products->items[i - 1].group;
    outcome->group_count += begins;
    int *size = &outcome->groups[outcome->group_count - 1];
    *size = begins ? 1 : *size + 1;
  }
}

void ptl_outcome_end_visit(ptl_session *session, MlirOperation func, size_t first) {
  const ptl_diags *diags = &session->diags;
  ptl_outcome *outcome = diags->count > first ? outcome_of(session, func) : NULL;
  for (size_t i = first; outcome && i < diags->count; i++) {
    if (diags->items[i].severity != PTL_NOTE) {
      outcome->diagnostic = (int)i;
    }
  }
}

ptl_code ptl_outcome_code(ptl_session *session, MlirOperation func) {
  const ptl_outcome *outcome = outcome_of(session, func);
  return outcome && outcome->diagnostic >= 0 ? session->diags.items[outcome->diagnostic].code
                                             : PTL_CODE_NONE;
}

const char *ptl_outcome_text(ptl_session *session, MlirOperation func) {
  const ptl_outcome *outcome = outcome_of(session, func);
  return outcome && outcome->diagnostic >= 0 ? session->diags.items[outcome->diagnostic].text
                                             : NULL;
}
