/* Writes the plans of a function as JSON: problem, tiling, buffers, cycles, assumptions. */
#include "passes/plan_json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "ir/build.h"
#include "passes/plan_tiles.h"
#include "plan/spent.h"

static void add_number(cJSON *object, const char *name, double value) {
  cJSON_AddNumberToObject(object, name, value);
}

static cJSON *problem_json(const ptl_problem *problem) {
  cJSON *object = cJSON_CreateObject();
  add_number(object, "m", (double)problem->m);
  if (problem->row_tiles > 1) {
    add_number(object, "row_tiles", problem->row_tiles);
  }
  add_number(object, "k", (double)problem->k);
  cJSON_AddBoolToObject(object, "lhs_transposed", problem->lhs_transposed);
  cJSON *n = cJSON_AddArrayToObject(object, "n");
  cJSON *transposed = cJSON_AddArrayToObject(object, "rhs_transposed");
  for (int i = 0; i < problem->rhs_count; i++) {
    cJSON_AddItemToArray(n, cJSON_CreateNumber((double)problem->n[i]));
    cJSON_AddItemToArray(transposed, cJSON_CreateBool(problem->rhs_transposed[i]));
  }
  add_number(object, "rhs_count", problem->rhs_count);
  cJSON_AddStringToObject(object, "lhs", ptl_elem_name(problem->lhs));
  cJSON_AddStringToObject(object, "rhs", ptl_elem_name(problem->rhs));
  cJSON_AddStringToObject(object, "acc", ptl_elem_name(problem->acc));
  return object;
}

static cJSON *tiling_json(const ptl_plan *plan) {
  const ptl_tiling *tiling = &plan->tiling;
  cJSON *object = cJSON_CreateObject();
  add_number(object, "m_tile", (double)tiling->m_tile);
  cJSON *n_tile = cJSON_AddArrayToObject(object, "n_tile");
  cJSON *k_parts = cJSON_AddArrayToObject(object, "k_parts");
  for (int i = 0; i < plan->problem.rhs_count; i++) {
    cJSON_AddItemToArray(n_tile, cJSON_CreateNumber((double)tiling->n_tile[i]));
    cJSON_AddItemToArray(k_parts, cJSON_CreateNumber(tiling->k_parts[i]));
  }
  add_number(object, "columns_at_once", tiling->columns_at_once);
  cJSON_AddBoolToObject(object, "rhs_by_rhs", tiling->rhs_by_rhs);
  add_number(object, "n_parts", tiling->n_parts);
  add_number(object, "chunk_k", (double)tiling->chunk_k);
  add_number(object, "full_chunks", (double)tiling->full_chunks);
  cJSON *tail = cJSON_AddArrayToObject(object, "tail_k");
  for (int i = 0; i < tiling->tail_count; i++) {
    cJSON_AddItemToArray(tail, cJSON_CreateNumber((double)tiling->tail_k[i]));
  }
  add_number(object, "step_k", (double)tiling->step_k);
  cJSON_AddBoolToObject(object, "lhs_resident", tiling->lhs_resident);
  cJSON_AddBoolToObject(object, "unroll_k", tiling->unroll_k);
  cJSON_AddBoolToObject(object, "unroll_n", tiling->unroll_n);
  add_number(object, "lhs_slots", tiling->lhs_slots);
  add_number(object, "lhs_kept", tiling->lhs_kept);
  add_number(object, "mat_slots", tiling->mat_slots);
  add_number(object, "left_slots", tiling->left_slots);
  add_number(object, "right_slots", tiling->right_slots);
  return object;
}

/* What a buffer holds: an accumulator the product of a rhs, if there is one round; the slots of the
 * ring, and of Right, are of all rhs. */
static const char *owner_of(const ptl_plan *plan, const ptl_buffer *buffer, const char *lhs_name,
                            const char *const *rhs_names) {
  if (buffer->role == PTL_ROLE_LHS) {
    return lhs_name;
  }
  int rhs = ptl_rhs_of_buffer(plan, buffer->role, buffer->slot);
  return rhs >= 0 ? rhs_names[rhs] : "rhs";
}

static cJSON *buffers_json(const ptl_plan *plan, const char *lhs_name, const char *const *rhs_names,
                           bool has_addresses) {
  cJSON *array = cJSON_CreateArray();
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *buffer = &plan->buffers[i];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "space", ptl_space_name(buffer->space));
    cJSON_AddStringToObject(object, "holds", owner_of(plan, buffer, lhs_name, rhs_names));
    add_number(object, "slot", buffer->slot);
    if (has_addresses) {
      add_number(object, "address_bytes", (double)buffer->address_bytes);
    }
    add_number(object, "size_bytes", (double)buffer->size_bytes);
    cJSON_AddItemToArray(array, object);
  }
  return array;
}

static cJSON *spaces_json(const ptl_plan *plan, const ptl_target *target) {
  cJSON *object = cJSON_CreateObject();
  for (ptl_space space = PTL_SPACE_MAT; space <= PTL_SPACE_ACC; space++) {
    cJSON *use = cJSON_AddObjectToObject(object, ptl_space_name(space));
    add_number(use, "used_bytes", (double)plan->used_bytes[space]);
    add_number(use, "capacity_bytes", (double)target->capacity_bytes[space]);
  }
  return object;
}

enum { TENTHS = 10, TEN_THOUSANDTHS = 10000 };

/* In so many parts of one; none is negative. */
static void add_rounded(cJSON *object, const char *name, double value, int parts) {
  add_number(object, name, (double)(int64_t)(value * parts + 0.5) / parts);
}

/* What each pipe works, and how near the plan is to the work of the one that works longest. */
static void add_spent(cJSON *object, const ptl_spent *spent) {
  const char *bound = "issue";
  double most = spent->issue;
  cJSON *busy = cJSON_AddObjectToObject(object, "busy_cycles");
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    add_rounded(busy, ptl_pipe_name((ptl_pipe)pipe), spent->busy[pipe], TENTHS);
    bound = spent->busy[pipe] > most ? ptl_pipe_name((ptl_pipe)pipe) : bound;
    most = spent->busy[pipe] > most ? spent->busy[pipe] : most;
  }
  add_rounded(busy, "issue", spent->issue, TENTHS);
  cJSON_AddStringToObject(object, "bound", bound);
  add_rounded(object, "bound_cycles", most, TENTHS);
  add_rounded(object, "efficiency", most / spent->cycles, TEN_THOUSANDTHS);
}

/* Modelled cycles of the plan, and of the input where there was a kernel. */
static cJSON *cycles_json(ptl_session *session, MlirOperation func, const ptl_plan *plan) {
  const ptl_target *target = session->target;
  MlirAttribute before = ptl_attr(func, ptl_attr_cycles);
  cJSON *array = cJSON_CreateArray();
  ptl_spent spent[PTL_MAX_RATES];
  ptl_plan_spent(&session->arena, target, plan, spent);
  for (int i = 0; i < target->rate_count; i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "calibration", target->rates[i].name);
    add_rounded(object, "plan", plan->cycles[i], TENTHS);
    if (!mlirAttributeIsNull(before)) {
      add_rounded(object, "input_function", mlirDenseF64ArrayGetElement(before, i), TENTHS);
    }
    add_spent(object, &spent[i]);
    cJSON_AddItemToArray(array, object);
  }
  return array;
}

static void add_assumptions(cJSON *object, MlirOperation func) {
  MlirAttribute names = ptl_attr(func, ptl_attr_assumes);
  cJSON *array = cJSON_AddArrayToObject(object, "assumes_nonnegative");
  if (mlirAttributeIsNull(names)) {
    return;
  }
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(names); i++) {
    MlirStringRef name = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, i));
    cJSON_AddItemToArray(array, cJSON_CreateString(name.data));
  }
}

static void append_to_function(ptl_session *session, MlirOperation func, const char *text) {
  MlirAttribute old = ptl_attr(func, ptl_attr_plans);
  intptr_t count = mlirAttributeIsNull(old) ? 0 : mlirArrayAttrGetNumElements(old);
  MlirAttribute *items = ptl_arena_array(&session->arena, (size_t)count + 1, sizeof(MlirAttribute));
  for (intptr_t i = 0; i < count; i++) {
    items[i] = mlirArrayAttrGetElement(old, i);
  }
  items[count] = ptl_string(session->context, ptl_str_of(text));
  ptl_set_attr(func, ptl_attr_plans, mlirArrayAttrGet(session->context, count + 1, items));
}

void ptl_plan_add_json(ptl_session *session, MlirOperation func, const ptl_plan *plan,
                       const char *lhs_name, const char *const *rhs_names) {
  bool has_addresses = !ptl_has_attr(func, ptl_attr_level2);
  ptl_str name = ptl_string_attr(func, "sym_name");
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "function",
                          ptl_arena_copy(&session->arena, name.data, name.length));
  cJSON_AddStringToObject(object, "level", has_addresses ? "level3" : "level2");
  cJSON_AddStringToObject(object, "lhs_name", lhs_name);
  cJSON *rhs = cJSON_AddArrayToObject(object, "rhs_names");
  for (int i = 0; i < plan->problem.rhs_count; i++) {
    cJSON_AddItemToArray(rhs, cJSON_CreateString(rhs_names[i]));
  }
  cJSON_AddItemToObject(object, "problem", problem_json(&plan->problem));
  cJSON_AddItemToObject(object, "tiling", tiling_json(plan));
  cJSON_AddItemToObject(object, "buffers", buffers_json(plan, lhs_name, rhs_names, has_addresses));
  cJSON_AddItemToObject(object, "spaces", spaces_json(plan, session->target));
  cJSON_AddItemToObject(object, "modelled_cycles", cycles_json(session, func, plan));
  add_assumptions(object, func);
  char *text = cJSON_Print(object);
  if (text) {
    append_to_function(session, func, text);
    free(text);
  }
  cJSON_Delete(object);
}
