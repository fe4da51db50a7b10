/* Writes a problem and its plan as MLIR attributes, and reads them back. */
#include "passes/plan_attr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/columns.h"
#include "passes/loops.h"
#include "plan/boxes.h"
#include "support/checked.h"
#include "support/rounding.h"

const char ptl_attr_staging[] = "staging";
const char ptl_attr_plan[] = "plan";
const char ptl_attr_k_blocks[] = "k_blocks";
const char ptl_attr_row_tiles[] = "row_tiles";
const char ptl_attr_repeats[] = "repeats";
const char ptl_attr_most_rows[] = "most_rows";
const char ptl_attr_reference[] = "reference";
const char ptl_attr_share[] = "share";

static bool part_type(ptl_session *session, MlirValue value, ptl_view_type *out) {
  ptl_str text = ptl_type_text(&session->arena, mlirValueGetType(value));
  return ptl_view_type_parse(text, out) && out->is_partition && out->rank == 2;
}

/* Whether the op, or one that it stands in, has an attribute. */
static bool stands_in(MlirOperation op, const char *attribute) {
  while (!mlirOperationIsNull(op) && !ptl_has_attr(op, attribute)) {
    op = mlirOperationGetParentOperation(op);
  }
  return !mlirOperationIsNull(op);
}

/* At level2 ptoas places accumulators by their declared rows, so that an i32 one has to be
 * declared as high as the chip pads it, and lhs with it: the problem is that high. */
static bool is_level2(MlirOperation op) { return stands_in(op, ptl_attr_level2); }

static int loops_around(MlirOperation op) {
  int count = 0;
  for (op = mlirOperationGetParentOperation(op); !mlirOperationIsNull(op);
       op = mlirOperationGetParentOperation(op)) {
    count += ptl_op_is(op, PTL_SCF_FOR);
  }
  return count;
}

bool ptl_k_blocks_of(MlirOperation op, int64_t places[4]) {
  MlirAttribute blocks = ptl_attr(op, ptl_attr_k_blocks);
  if (mlirAttributeIsNull(blocks) || !mlirAttributeIsADenseI64Array(blocks) ||
      mlirDenseArrayGetNumElements(blocks) != 4) {
    return false;
  }
  for (int i = 0; i < 4; i++) {
    places[i] = mlirDenseI64ArrayGetElement(blocks, i);
  }
  return places[0] > 0 && places[2] > 0;
}

/* Of as many elements of K in a row both operands lie in one piece, if their blocks are alike, or
 * those of lhs are made of whole ones of rhs; else of one. */
static int64_t k_block_of(MlirOperation op) {
  int64_t places[4];
  if (!ptl_k_blocks_of(op, places)) {
    return 0;
  }
  return places[0] % places[2] == 0 ? places[2] : 1;
}

/* Columns of a result; 0 if it is no matrix. */
static int64_t columns_of(MlirOperation op, int result) {
  MlirType type = mlirOperationGetNumResults(op) > result
                      ? mlirValueGetType(mlirOperationGetResult(op, result))
                      : mlirNoneTypeGet(mlirOperationGetContext(op));
  bool is_matrix = mlirTypeIsARankedTensor(type) && mlirShapedTypeGetRank(type) == 2 &&
                   !mlirShapedTypeIsDynamicDim(type, 1);
  return is_matrix ? mlirShapedTypeGetDimSize(type, 1) : 0;
}

/* Rows of the results; 0 if they are as many as lhs has. */
static int64_t rows_of_result(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  return mlirTypeIsARankedTensor(type) && !mlirShapedTypeIsDynamicDim(type, 0)
             ? mlirShapedTypeGetDimSize(type, 0)
             : 0;
}

/* The columns of every rhs; false if they are not constant, or the types differ. */
static bool read_rhs(ptl_session *session, MlirOperation op, ptl_problem *out) {
  for (int i = 0; i < out->rhs_count; i++) {
    ptl_view_type rhs;
    if (!part_type(session, mlirOperationGetOperand(op, 1 + i), &rhs) ||
        (i > 0 && rhs.elem != out->rhs)) {
      return false;
    }
    out->rhs = rhs.elem;
    out->rhs_transposed[i] = ptl_rhs_is_transposed(op, i);
    int64_t n = rhs.extents[out->rhs_transposed[i] ? 0 : 1];
    int64_t widest = ptl_max(n, columns_of(op, i)); /* tiles are as wide as what leaves */
    out->n[i] = ptl_round_up(widest, ptl_n_box(session->target, out, i));
    out->n_in_memory[i] = n > 0 && n < out->n[i] ? n : 0;
    if (out->n[i] <= 0) {
      return false;
    }
  }
  return true;
}

static int64_t number_of(MlirOperation op, const char *name, int64_t otherwise) {
  MlirAttribute value = ptl_attr(op, name);
  bool is_number = !mlirAttributeIsNull(value) && mlirAttributeIsAInteger(value);
  return is_number ? mlirIntegerAttrGetValueInt(value) : otherwise;
}

/* M where it is no constant: what it is at most, but tiles keep the height of the input's. */
static int64_t most_rows_of(const ptl_target *target, MlirOperation op) {
  int64_t tile = number_of(op, "max_rows", -1), block = target->family->fractal_rows;
  return ptl_max(number_of(op, ptl_attr_most_rows, tile), ptl_round_up(tile, block) - block + 1);
}

/* A problem of row tiles is that of one of them. */
static bool read_row_tiles(const ptl_session *session, MlirOperation op, ptl_problem *out) {
  int64_t tiles = number_of(op, ptl_attr_row_tiles, 1);
  return (tiles >= 1 && tiles <= PTL_MAX_SHARING &&
          ptl_problem_in_row_tiles(session->target, (int)tiles, out)) ||
         tiles == 1;
}

bool ptl_problem_in_row_tiles(const ptl_target *target, int tiles, ptl_problem *problem) {
  ptl_problem tile = *problem;
  if (tiles < 2 || problem->m % tiles != 0 || ptl_rows_out(problem) != problem->m) {
    return false;
  }
  tile.m /= tiles;
  tile.rows_out = 0;
  tile.row_tiles = tiles;
  bool is_whole = ptl_m_tile(target, &tile) == tile.m;
  *problem = is_whole ? tile : *problem;
  return is_whole;
}

bool ptl_problem_of(ptl_session *session, MlirOperation op, ptl_problem *out) {
  ptl_view_type lhs;
  memset(out, 0, sizeof(*out));
  if (mlirOperationGetNumOperands(op) < 2 ||
      !part_type(session, mlirOperationGetOperand(op, 0), &lhs)) {
    return false;
  }
  bool is_dual = ptl_is_dual_acc(op);
  out->rhs_count = is_dual ? (int)mlirOperationGetNumOperands(op) - 1 : 1;
  if (out->rhs_count > PTL_MAX_RHS || !read_rhs(session, op, out)) {
    return false;
  }
  out->lhs_transposed = ptl_has_attr(op, ptl_attr_lhs_transposed);
  out->m = lhs.extents[out->lhs_transposed ? 1 : 0];
  out->m = out->m < 0 ? most_rows_of(session->target, op) : out->m;
  out->rows_out = rows_of_result(op);
  out->k = lhs.extents[out->lhs_transposed ? 0 : 1];
  if (is_level2(op) && ptl_elem_accumulator(lhs.elem, out->rhs) == PTL_ELEM_I32) {
    out->m = ptl_round_up(out->m, session->target->acc_row_multiple_i32);
  }
  out->lhs = lhs.elem;
  out->acc = ptl_elem_accumulator(lhs.elem, out->rhs);
  out->n_splittable = ptl_leaves_in_columns(session, &op, 1);
  out->k_block = k_block_of(op);
  out->outer_loops = loops_around(op);
  out->repeats = ptl_times_run(op) * ptl_max(1, number_of(op, ptl_attr_repeats, 1));
  out->ptoas_places = is_level2(op);
  out->rounds_written_out = !stands_in(op, ptl_attr_imported);
  return out->m > 0 && out->k > 0 && read_row_tiles(session, op, out);
}

/* A dictionary that is being made. */
enum { MOST_FIELDS = 24 };
typedef struct fields {
  MlirContext context;
  MlirType i64;
  MlirNamedAttribute items[MOST_FIELDS];
  int count;
} fields;

static fields no_fields(MlirContext context) {
  return (fields){.context = context, .i64 = mlirIntegerTypeGet(context, 64)};
}

static void add(fields *f, const char *name, MlirAttribute value) {
  f->items[f->count++] = ptl_named(f->context, name, value);
}

static void add_int(fields *f, const char *name, int64_t value) {
  add(f, name, mlirIntegerAttrGet(f->i64, value));
}

static void add_bool(fields *f, const char *name, bool value) {
  add(f, name, mlirBoolAttrGet(f->context, value));
}

static void add_ints(fields *f, const char *name, const int64_t *values, int count) {
  add(f, name, mlirDenseI64ArrayGet(f->context, count, values));
}

static void add_string(fields *f, const char *name, const char *text) {
  add(f, name, ptl_string(f->context, ptl_str_of(text)));
}

static MlirAttribute dictionary_of(const fields *f) {
  return mlirDictionaryAttrGet(f->context, f->count, f->items);
}

/* What stage-rhs decides of a tiling. */
static void add_cut(fields *f, const ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  int64_t k_parts[PTL_MAX_RHS];
  for (int i = 0; i < plan->problem.rhs_count; i++) {
    k_parts[i] = t->k_parts[i];
  }
  add_int(f, "m_tile", t->m_tile);
  add_ints(f, "n_tile", t->n_tile, plan->problem.rhs_count);
  add_int(f, "columns_at_once", t->columns_at_once);
  add_bool(f, "rhs_by_rhs", t->rhs_by_rhs);
  add_int(f, "chunk_k", t->chunk_k);
  add_int(f, "full_chunks", t->full_chunks);
  add_ints(f, "tail_k", t->tail_k, t->tail_count);
  add_ints(f, "k_parts", k_parts, plan->problem.rhs_count);
  add_bool(f, "lhs_resident", t->lhs_resident);
  add_int(f, "lhs_slots", t->lhs_slots);
  add_int(f, "lhs_kept", t->lhs_kept);
  add_int(f, "mat_slots", t->mat_slots);
}

/* What plan-accumulators decides of it. */
static void add_steps(fields *f, const ptl_tiling *t) {
  add_int(f, "n_parts", t->n_parts);
  add_int(f, "step_k", t->step_k);
  add_int(f, "left_slots", t->left_slots);
  add_int(f, "right_slots", t->right_slots);
  add_bool(f, "unroll_k", t->unroll_k);
  add_bool(f, "unroll_n", t->unroll_n);
}

static const char *role_name(ptl_role role) {
  static const char *const names[] = {"lhs", "rhs", "acc"};
  return names[role];
}

static void add_buffers(fields *f, const ptl_plan *plan) {
  MlirAttribute buffers[PTL_MAX_BUFFERS];
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *b = &plan->buffers[i];
    fields buffer = no_fields(f->context);
    add_string(&buffer, "space", ptl_space_name(b->space));
    add_string(&buffer, "role", role_name(b->role));
    add_int(&buffer, "slot", b->slot);
    add_int(&buffer, "address", b->address_bytes);
    add_int(&buffer, "size", b->size_bytes);
    buffers[i] = dictionary_of(&buffer);
  }
  add(f, "buffers", mlirArrayAttrGet(f->context, plan->buffer_count, buffers));
}

/* To a tenth, as `%.1f` rounds. */
static double in_tenths(double cycles) {
  char text[40];
  (void)snprintf(text, sizeof(text), "%.1f", cycles);
  return strtod(text, NULL);
}

static void add_cycles(fields *f, const ptl_plan *plan, int count) {
  double cycles[PTL_MAX_RATES];
  for (int i = 0; i < count; i++) {
    cycles[i] = in_tenths(plan->cycles[i]);
  }
  add(f, "cycles", mlirDenseF64ArrayGet(f->context, count, cycles));
}

MlirAttribute ptl_staging_to_attr(ptl_session *session, const ptl_plan *staging) {
  fields f = no_fields(session->context);
  add_cut(&f, staging);
  add_buffers(&f, staging);
  return dictionary_of(&f);
}

MlirAttribute ptl_plan_to_attr(ptl_session *session, const ptl_plan *plan) {
  fields f = no_fields(session->context);
  add_cut(&f, plan);
  add_steps(&f, &plan->tiling);
  add_buffers(&f, plan);
  add_cycles(&f, plan, session->target->rate_count);
  return dictionary_of(&f);
}

/* Reads fields of a dictionary; `ok` turns false at the first that is not there. */
typedef struct reader {
  MlirAttribute dictionary;
  bool ok;
} reader;

static MlirAttribute field(reader *r, const char *name) {
  MlirAttribute value =
      mlirDictionaryAttrGetElementByName(r->dictionary, mlirStringRefCreateFromCString(name));
  r->ok = r->ok && !mlirAttributeIsNull(value);
  return value;
}

static int64_t int_field(reader *r, const char *name) {
  MlirAttribute value = field(r, name);
  if (!r->ok || !mlirAttributeIsAInteger(value)) {
    r->ok = false;
    return 0;
  }
  return mlirIntegerAttrGetValueInt(value);
}

static bool bool_field(reader *r, const char *name) {
  MlirAttribute value = field(r, name);
  r->ok = r->ok && mlirAttributeIsABool(value);
  return r->ok && mlirBoolAttrGetValue(value);
}

static ptl_str string_field(reader *r, const char *name) {
  MlirAttribute value = field(r, name);
  if (!r->ok || !mlirAttributeIsAString(value)) {
    r->ok = false;
    return ptl_str_of("");
  }
  MlirStringRef text = mlirStringAttrGetValue(value);
  return (ptl_str){text.data, text.length};
}

/* Reads an array of `least` to `most` numbers; returns how many. */
static int array_field(reader *r, const char *name, int64_t *out, int least, int most) {
  MlirAttribute list = field(r, name);
  if (!r->ok || !mlirAttributeIsADenseI64Array(list) ||
      mlirDenseArrayGetNumElements(list) < least || mlirDenseArrayGetNumElements(list) > most) {
    r->ok = false;
    return 0;
  }
  int count = (int)mlirDenseArrayGetNumElements(list);
  for (int i = 0; i < count; i++) {
    out[i] = mlirDenseI64ArrayGetElement(list, i);
  }
  return count;
}

static void read_cut(reader *r, const ptl_problem *problem, ptl_tiling *t) {
  int64_t k_parts[PTL_MAX_RHS] = {0};
  int count = problem->rhs_count;
  t->m_tile = int_field(r, "m_tile");
  (void)array_field(r, "n_tile", t->n_tile, count, count);
  t->columns_at_once = (int)int_field(r, "columns_at_once");
  t->rhs_by_rhs = bool_field(r, "rhs_by_rhs");
  t->chunk_k = int_field(r, "chunk_k");
  t->full_chunks = int_field(r, "full_chunks");
  t->tail_count = array_field(r, "tail_k", t->tail_k, 0, PTL_MAX_TAIL);
  (void)array_field(r, "k_parts", k_parts, count, count);
  for (int i = 0; i < count; i++) {
    t->k_parts[i] = (int)k_parts[i];
  }
  t->lhs_resident = bool_field(r, "lhs_resident");
  t->lhs_slots = (int)int_field(r, "lhs_slots");
  t->lhs_kept = (int)int_field(r, "lhs_kept");
  t->mat_slots = (int)int_field(r, "mat_slots");
}

static void read_steps(reader *r, ptl_tiling *t) {
  t->n_parts = (int)int_field(r, "n_parts");
  t->step_k = int_field(r, "step_k");
  t->left_slots = (int)int_field(r, "left_slots");
  t->right_slots = (int)int_field(r, "right_slots");
  t->unroll_k = bool_field(r, "unroll_k");
  t->unroll_n = bool_field(r, "unroll_n");
}

static ptl_role role_of(reader *r, ptl_str name) {
  for (ptl_role role = PTL_ROLE_LHS; role <= PTL_ROLE_ACC; role++) {
    if (ptl_str_is(name, role_name(role))) {
      return role;
    }
  }
  r->ok = false;
  return PTL_ROLE_LHS;
}

static void read_buffers(reader *r, ptl_plan *plan) {
  MlirAttribute list = field(r, "buffers");
  if (!r->ok || !mlirAttributeIsAArray(list) ||
      mlirArrayAttrGetNumElements(list) > PTL_MAX_BUFFERS) {
    r->ok = false;
    return;
  }
  plan->buffer_count = (int)mlirArrayAttrGetNumElements(list);
  for (int i = 0; i < plan->buffer_count; i++) {
    reader item = {mlirArrayAttrGetElement(list, i), true};
    if (!mlirAttributeIsADictionary(item.dictionary)) {
      r->ok = false;
      return;
    }
    ptl_buffer *b = &plan->buffers[i];
    b->space = ptl_space_find(string_field(&item, "space"));
    b->role = role_of(&item, string_field(&item, "role"));
    b->slot = (int)int_field(&item, "slot");
    b->address_bytes = int_field(&item, "address");
    b->size_bytes = int_field(&item, "size");
    int64_t end = 0;
    r->ok = r->ok && item.ok && b->space < PTL_SPACE_COUNT &&
            ptl_add(b->address_bytes, b->size_bytes, &end);
    if (r->ok && end > plan->used_bytes[b->space]) {
      plan->used_bytes[b->space] = end;
    }
  }
}

static void read_cycles(reader *r, ptl_plan *plan) {
  MlirAttribute cycles = field(r, "cycles");
  if (!r->ok || !mlirAttributeIsADenseF64Array(cycles)) {
    r->ok = false;
    return;
  }
  intptr_t count = mlirDenseArrayGetNumElements(cycles);
  for (intptr_t i = 0; i < count && i < PTL_MAX_RATES; i++) {
    plan->cycles[i] = mlirDenseF64ArrayGetElement(cycles, i);
  }
}

/* Begins to read the attribute of that name: clears `out` but for its problem. */
static reader reader_of(ptl_session *session, MlirOperation op, const char *name, ptl_plan *out) {
  reader r = {ptl_attr(op, name), true};
  memset(out, 0, sizeof(*out));
  r.ok = !mlirAttributeIsNull(r.dictionary) && mlirAttributeIsADictionary(r.dictionary) &&
         ptl_problem_of(session, op, &out->problem);
  return r;
}

bool ptl_staging_from_attr(ptl_session *session, MlirOperation op, ptl_plan *out) {
  reader r = reader_of(session, op, ptl_attr_staging, out);
  if (r.ok) {
    read_cut(&r, &out->problem, &out->tiling);
    read_buffers(&r, out);
  }
  return r.ok;
}

bool ptl_plan_from_attr(ptl_session *session, MlirOperation op, ptl_plan *out) {
  reader r = reader_of(session, op, ptl_attr_plan, out);
  if (r.ok) {
    read_cut(&r, &out->problem, &out->tiling);
    read_steps(&r, &out->tiling);
    read_buffers(&r, out);
    read_cycles(&r, out);
  }
  return r.ok;
}

static const ptl_reference *reference_of(ptl_session *session, MlirOperation op) {
  MlirAttribute cycles = ptl_attr(op, ptl_attr_reference);
  if (mlirAttributeIsNull(cycles) || !mlirAttributeIsADenseF64Array(cycles) ||
      mlirDenseArrayGetNumElements(cycles) < 2 * session->target->rate_count) {
    return NULL;
  }
  ptl_reference *out = ptl_arena_alloc(&session->arena, sizeof(*out));
  int count = session->target->rate_count;
  for (int i = 0; i < count; i++) {
    out->cycles[i] = mlirDenseF64ArrayGetElement(cycles, i);
    out->first_cycles[i] = mlirDenseF64ArrayGetElement(cycles, count + i);
  }
  return out;
}

MlirAttribute ptl_reference_to_attr(ptl_session *session, const ptl_reference *reference) {
  double cycles[2 * PTL_MAX_RATES];
  int count = session->target->rate_count;
  for (int i = 0; i < count; i++) {
    cycles[i] = reference->cycles[i];
    cycles[count + i] = reference->first_cycles[i];
  }
  return mlirDenseF64ArrayGet(session->context, 2 * count, cycles);
}

ptl_limits ptl_limits_of(ptl_session *session, MlirOperation op) {
  MlirAttribute share = ptl_attr(op, ptl_attr_share);
  bool has_share = !mlirAttributeIsNull(share) && mlirAttributeIsAInteger(share);
  int64_t parts = has_share ? mlirIntegerAttrGetValueInt(share) : 1;
  return (ptl_limits){reference_of(session, op), parts > 0 && parts < 1024 ? (int)parts : 1};
}

const ptl_target *ptl_target_of_share(ptl_session *session, int share) {
  if (share <= 1) {
    return session->target;
  }
  ptl_target *target = ptl_arena_alloc(&session->arena, sizeof(*target));
  *target = *session->target;
  for (ptl_space space = PTL_SPACE_MAT; space <= PTL_SPACE_ACC; space++) {
    int64_t align = ptl_target_alignment(target, space);
    int64_t part = target->capacity_bytes[space] / share;
    target->capacity_bytes[space] = align > 0 ? part / align * align : part;
  }
  return target;
}
