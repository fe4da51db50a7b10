/* Writes a problem and its plan as MLIR attributes, and reads them back. */
#include "passes/plan_attr.h"

#include <inttypes.h>
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/columns.h"
#include "support/checked.h"
#include "support/rounding.h"

const char ptl_attr_staging[] = "staging";
const char ptl_attr_plan[] = "plan";
const char ptl_attr_k_blocks[] = "k_blocks";

static bool part_type(ptl_session *session, MlirValue value, ptl_view_type *out) {
  const char *text = ptl_type_text(&session->arena, mlirValueGetType(value));
  return ptl_view_type_parse(ptl_str_of(text), out) && out->is_partition && out->rank == 2;
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

/* Columns of the op's results; 0 if they are no matrices. */
static int64_t columns_of(MlirOperation op) {
  MlirType type = mlirOperationGetNumResults(op) > 0
                      ? mlirValueGetType(mlirOperationGetResult(op, 0))
                      : mlirNoneTypeGet(mlirOperationGetContext(op));
  bool is_matrix = mlirTypeIsARankedTensor(type) && mlirShapedTypeGetRank(type) == 2 &&
                   !mlirShapedTypeIsDynamicDim(type, 1);
  return is_matrix ? mlirShapedTypeGetDimSize(type, 1) : 0;
}

bool ptl_problem_of(ptl_session *session, MlirOperation op, ptl_problem *out) {
  ptl_view_type lhs, rhs;
  memset(out, 0, sizeof(*out));
  if (mlirOperationGetNumOperands(op) < 2 ||
      !part_type(session, mlirOperationGetOperand(op, 0), &lhs) ||
      !part_type(session, mlirOperationGetOperand(op, 1), &rhs)) {
    return false;
  }
  bool is_dual = ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC);
  out->rhs_transposed = ptl_has_attr(op, "rhs_transposed");
  out->rhs_count = is_dual ? (int)mlirOperationGetNumOperands(op) - 1 : 1;
  out->m = lhs.extents[0];
  MlirAttribute max_rows = ptl_attr(op, "max_rows");
  if (out->m < 0 && !mlirAttributeIsNull(max_rows)) {
    out->m = mlirIntegerAttrGetValueInt(max_rows);
  }
  out->k = lhs.extents[1];
  if (is_level2(op) && ptl_elem_accumulator(lhs.elem, rhs.elem) == PTL_ELEM_I32) {
    out->m = ptl_round_up(out->m, session->target->acc_row_multiple_i32);
  }
  out->n = rhs.extents[out->rhs_transposed ? 0 : 1];
  out->n = ptl_max(out->n, columns_of(op)); /* tiles are as wide as what leaves */
  out->lhs = lhs.elem;
  out->rhs = rhs.elem;
  out->acc = ptl_elem_accumulator(lhs.elem, rhs.elem);
  out->n_splittable = ptl_leaves_in_columns(session, &op, 1);
  out->k_block = k_block_of(op);
  out->outer_loops = loops_around(op);
  return out->m > 0 && out->k > 0 && out->n > 0;
}

static const char *bool_text(bool value) { return value ? "true" : "false"; }

/* What stage-rhs decides of a tiling. */
static void print_cut(const ptl_tiling *t, ptl_strbuf *out) {
  ptl_strbuf_printf(out,
                    "m_tile = %" PRId64 " : i64, n_tile = %" PRId64 " : i64, n_full = %" PRId64
                    " : i64, n_tail = %" PRId64 " : i64, chunk_k = %" PRId64
                    " : i64, full_chunks = %" PRId64
                    " : i64, lhs_resident = %s, tail_k = array<i64",
                    t->m_tile, t->n_tile, t->n_full, t->n_tail, t->chunk_k, t->full_chunks,
                    bool_text(t->lhs_resident));
  for (int i = 0; i < t->tail_count; i++) {
    ptl_strbuf_printf(out, "%s %" PRId64, i ? "," : ":", t->tail_k[i]);
  }
  ptl_strbuf_puts(out, ">");
}

/* What plan-accumulators decides of it. */
static void print_steps(const ptl_tiling *t, ptl_strbuf *out) {
  ptl_strbuf_printf(out,
                    "step_k = %" PRId64 " : i64, left_slots = %d : i64, right_slots = %d : i64, "
                    "unroll_k = %s, unroll_n = %s",
                    t->step_k, t->left_slots, t->right_slots, bool_text(t->unroll_k),
                    bool_text(t->unroll_n));
}

static const char *role_name(ptl_role role) {
  static const char *const names[] = {"lhs", "rhs", "acc"};
  return names[role];
}

static void print_buffers(const ptl_plan *plan, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "buffers = [");
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *b = &plan->buffers[i];
    ptl_strbuf_printf(out,
                      "%s{space = \"%s\", role = \"%s\", stream = %d : i64, slot = %d : i64, "
                      "address = %" PRId64 " : i64, size = %" PRId64 " : i64}",
                      i ? ", " : "", ptl_space_name(b->space), role_name(b->role), b->stream,
                      b->slot, b->address_bytes, b->size_bytes);
  }
  ptl_strbuf_puts(out, "]");
}

static void print_cycles(const ptl_plan *plan, int count, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "cycles = array<f64");
  for (int i = 0; i < count; i++) {
    ptl_strbuf_printf(out, "%s %.1f", i ? "," : ":", plan->cycles[i]);
  }
  ptl_strbuf_puts(out, ">");
}

static MlirAttribute parse(ptl_session *session, const ptl_strbuf *text) {
  return mlirAttributeParseGet(session->context, mlirStringRefCreate(text->data, text->length));
}

MlirAttribute ptl_staging_to_attr(ptl_session *session, const ptl_plan *staging) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  ptl_strbuf_puts(&text, "{");
  print_cut(&staging->tiling, &text);
  ptl_strbuf_puts(&text, ", ");
  print_buffers(staging, &text);
  ptl_strbuf_puts(&text, "}");
  return parse(session, &text);
}

MlirAttribute ptl_plan_to_attr(ptl_session *session, const ptl_plan *plan) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  ptl_strbuf_puts(&text, "{");
  print_cut(&plan->tiling, &text);
  ptl_strbuf_puts(&text, ", ");
  print_steps(&plan->tiling, &text);
  ptl_strbuf_puts(&text, ", ");
  print_buffers(plan, &text);
  ptl_strbuf_puts(&text, ", ");
  print_cycles(plan, session->target->rate_count, &text);
  ptl_strbuf_puts(&text, "}");
  return parse(session, &text);
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

static void read_tail(reader *r, ptl_tiling *t) {
  MlirAttribute tail = field(r, "tail_k");
  if (!r->ok || !mlirAttributeIsADenseI64Array(tail) ||
      mlirDenseArrayGetNumElements(tail) > PTL_MAX_TAIL) {
    r->ok = false;
    return;
  }
  t->tail_count = (int)mlirDenseArrayGetNumElements(tail);
  for (int i = 0; i < t->tail_count; i++) {
    t->tail_k[i] = mlirDenseI64ArrayGetElement(tail, i);
  }
}

static void read_cut(reader *r, ptl_tiling *t) {
  t->m_tile = int_field(r, "m_tile");
  t->n_tile = int_field(r, "n_tile");
  t->n_full = int_field(r, "n_full");
  t->n_tail = int_field(r, "n_tail");
  t->chunk_k = int_field(r, "chunk_k");
  t->full_chunks = int_field(r, "full_chunks");
  t->lhs_resident = bool_field(r, "lhs_resident");
  read_tail(r, t);
}

static void read_steps(reader *r, ptl_tiling *t) {
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
    b->stream = (int)int_field(&item, "stream");
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
    read_cut(&r, &out->tiling);
    read_buffers(&r, out);
  }
  return r.ok;
}

bool ptl_plan_from_attr(ptl_session *session, MlirOperation op, ptl_plan *out) {
  reader r = reader_of(session, op, ptl_attr_plan, out);
  if (r.ok) {
    read_cut(&r, &out->tiling);
    read_steps(&r, &out->tiling);
    read_buffers(&r, out);
    read_cycles(&r, out);
  }
  return r.ok;
}
