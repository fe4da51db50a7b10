/* What decides the pitch of an accumulator or operand: boxes, valid rows, compact. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mutate_state.h"

/* ---- types ----------------------------------------------------------------------------- */

/* Which values get another type: by value, with what becomes of it. */
typedef struct retyping {
  bool *is_chosen; /* by value */
  int64_t rows;    /* of the box; 0: as they are */
  int64_t valid_rows;
  bool turns_compact;
} retyping;

static mut_tile_type changed(const mut_tile_type *type, const retyping *how) {
  mut_tile_type result = *type;
  if (how->rows) {
    result.valid_rows = type->valid_rows > how->rows ? how->rows : type->valid_rows;
    result.rows = how->rows;
  }
  if (how->valid_rows && type->valid_rows >= 0) {
    result.valid_rows = how->valid_rows;
  }
  result.compact = how->turns_compact ? !type->compact : type->compact;
  return result;
}

static void retype_at(enumerator *e, int value, size_t from, size_t to, const retyping *how) {
  char text[320];
  if (value < 0 || !how->is_chosen[value] || from == to) {
    return;
  }
  mut_tile_type type = changed(&e->func->values[value].tile, how);
  mut_write_tile_type(&type, text, sizeof(text));
  mut_replace(e, from, to, "%s", text);
}

/* Wherever a chosen value's type is written. */
static void retype(enumerator *e, const retyping *how) {
  for (int b = 0; b < e->func->block_count; b++) {
    for (int i = 0; i < e->func->blocks[b]->count; i++) {
      const mut_op *op = &e->func->blocks[b]->ops[i];
      for (int j = 0; j < op->operand_count; j++) {
        const mut_operand *o = &op->operands[j];
        retype_at(e, o->value, o->type_begin, o->type_end, how);
      }
      if (op->result_count == 1) {
        retype_at(e, op->results[0], op->type_begin, op->type_end, how);
      }
    }
  }
}

static retyping nothing_chosen(const enumerator *e) {
  return (retyping){.is_chosen = calloc((size_t)e->func->value_count + 1, sizeof(bool))};
}

/* Parts of a chosen tile have its compact. */
static void choose_parts(const enumerator *e, bool *is_chosen) {
  for (int v = 0; v < e->func->value_count; v++) {
    int whole = e->func->values[v].slice_of;
    if (whole >= 0 && is_chosen[whole]) {
      is_chosen[v] = true;
    }
  }
}

static void choose_along(const enumerator *e, const site *with, scope how, bool *is_chosen) {
  for (int i = 0; i < e->site_count; i++) {
    if (mut_goes_along(&e->sites[i], with, how) && e->sites[i].type->rows == with->type->rows) {
      is_chosen[e->sites[i].value] = true;
    }
  }
}

static void turn_compact(enumerator *e, const site *s, scope how) {
  retyping r = nothing_chosen(e);
  choose_along(e, s, how, r.is_chosen);
  choose_parts(e, r.is_chosen);
  r.turns_compact = true;
  mut_begin(e, MUT_COMPACT, s->op);
  retype(e, &r);
  mut_describe(e, "%s%s to %d", mut_name_of(e, s->value), how == ALONE ? "" : " and its place's",
               !s->type->compact);
  mut_finish(e);
  free(r.is_chosen);
}

static void change_box(enumerator *e, const site *s, scope how, int64_t rows) {
  retyping r = nothing_chosen(e);
  choose_along(e, s, how, r.is_chosen);
  r.rows = rows;
  mut_begin(e, MUT_BOX_ROWS, s->op);
  retype(e, &r);
  mut_describe(e, "%s%s: %" PRId64 " -> %" PRId64, mut_name_of(e, s->value),
               how == ALONE ? "" : " and its place's", s->type->rows, rows);
  mut_finish(e);
  free(r.is_chosen);
}

/* ---- the left side of products ----------------------------------------------------------- */

/* Left tiles, accumulators, and the Mat tiles that fill Left, of one number of rows. */
static void choose_left_side(const enumerator *e, int64_t rows, bool *is_chosen) {
  for (int v = 0; v < e->func->value_count; v++) {
    const mut_value *value = &e->func->values[v];
    mut_space space = value->tile.space;
    is_chosen[v] = value->kind == MUT_TILE && value->tile.rows == rows &&
                   (space == MUT_LEFT || space == MUT_ACC);
  }
  for (int b = 0; b < e->func->block_count; b++) {
    for (int i = 0; i < e->func->blocks[b]->count; i++) {
      const mut_op *op = &e->func->blocks[b]->ops[i];
      int to = op->operand_count > 1 ? op->operands[op->operand_count - 1].value : -1;
      int from = op->operand_count > 1 ? op->operands[0].value : -1;
      if (to >= 0 && from >= 0 && e->func->values[to].tile.space == MUT_LEFT && is_chosen[to] &&
          e->func->values[from].tile.space == MUT_MAT && e->func->values[from].tile.rows == rows) {
        is_chosen[from] = true;
      }
    }
  }
}

/* The valid rows of chosen tiles, be they in the type or an operand. */
static void narrow(enumerator *e, const bool *is_chosen, int64_t valid) {
  mut_at_entry(e, "%%mut_rows = arith.constant %" PRId64 " : index", valid);
  for (int i = 0; i < e->site_count; i++) {
    const site *s = &e->sites[i];
    for (int j = 0; is_chosen[s->value] && j < s->op->operand_count; j++) {
      if (s->op->operands[j].key == 'r') {
        mut_replace(e, s->op->operands[j].begin, s->op->operands[j].end, "%%mut_rows");
      }
    }
  }
}

static void change_valid(enumerator *e, int64_t rows, int64_t valid, bool left, bool acc) {
  retyping r = nothing_chosen(e);
  choose_left_side(e, rows, r.is_chosen);
  for (int v = 0; v < e->func->value_count; v++) {
    mut_space space = e->func->values[v].tile.space;
    r.is_chosen[v] = r.is_chosen[v] && ((left && space == MUT_LEFT) || (acc && space == MUT_ACC));
  }
  r.valid_rows = valid;
  mut_begin(e, MUT_VALID_ROWS, NULL);
  narrow(e, r.is_chosen, valid);
  retype(e, &r);
  mut_describe(e, "%s%s of %" PRId64 " rows: %" PRId64 " valid", left ? "Left" : "",
               acc ? " accumulators" : "", rows, valid);
  mut_finish(e);
  free(r.is_chosen);
}

static void change_left_side(enumerator *e, int64_t rows) {
  retyping r = nothing_chosen(e);
  choose_left_side(e, rows, r.is_chosen);
  r.rows = 2 * rows;
  mut_begin(e, MUT_BOX_ROWS, NULL);
  retype(e, &r);
  mut_describe(e, "the whole left side: %" PRId64 " -> %" PRId64, rows, r.rows);
  mut_finish(e);
  free(r.is_chosen);
  const int64_t valid[] = {1, 16, rows / 2};
  for (int i = 0; i < 3; i++) {
    if (valid[i] > 0 && valid[i] < rows && (i < 2 || valid[i] > 16)) {
      change_valid(e, rows, valid[i], true, false);
      change_valid(e, rows, valid[i], false, true);
      change_valid(e, rows, valid[i], true, true);
    }
  }
}

/* ---- set_validshape --------------------------------------------------------------------- */

static void set_valid(enumerator *e, const mut_op *op, int64_t valid) {
  const mut_operand *from = &op->operands[0];
  const mut_tile_type *type = &e->func->values[from->value].tile;
  mut_begin(e, MUT_SET_VALID, op);
  mut_at_entry(e, "%%mut_rows = arith.constant %" PRId64 " : index", valid);
  mut_at_entry(e, "%%mut_cols = arith.constant %" PRId64 " : index", type->cols);
  mut_insert(e, op->begin, "pto.set_validshape %s, %%mut_rows, %%mut_cols : %.*s\n  ",
             mut_name_of(e, from->value), (int)(from->type_end - from->type_begin),
             e->text + from->type_begin);
  mut_describe(e, "%s: %" PRId64 " rows", mut_name_of(e, from->value), valid);
  mut_finish(e);
}

static void set_valid_before(enumerator *e, const mut_op *op) {
  bool leaves = strcmp(op->name, "pto.tstore") == 0 || strncmp(op->name, "pto.tpush", 9) == 0;
  int value = leaves ? op->operands[0].value : -1;
  if (value < 0 || e->func->values[value].tile.space != MUT_ACC ||
      e->func->values[value].tile.valid_rows >= 0) {
    return;
  }
  int64_t rows = e->func->values[value].tile.rows;
  for (int64_t valid = 16; valid <= rows; valid *= 2) {
    set_valid(e, op, valid);
  }
}

void mut_pitches(enumerator *e) {
  for (int i = 0; i < e->site_count; i++) {
    const site *s = &e->sites[i];
    mut_space space = s->type->space;
    bool is_acc = space == MUT_ACC, is_first = mut_is_first_of_address(e, s);
    bool has_more = is_first && mut_count_along(e, s, ALL_OF_ADDRESS) > 1;
    for (int all = 0; all <= has_more; all++) {
      if (is_acc || space == MUT_LEFT || space == MUT_RIGHT) {
        turn_compact(e, s, all ? ALL_OF_ADDRESS : ALONE);
      }
      if (is_acc) {
        change_box(e, s, all ? ALL_OF_ADDRESS : ALONE, s->type->rows * 2);
      }
      if (is_acc && s->type->rows > 16) {
        change_box(e, s, all ? ALL_OF_ADDRESS : ALONE, s->type->rows / 2);
      }
    }
    bool seen = false;
    for (int j = 0; j < i; j++) {
      seen =
          seen || (e->sites[j].type->space == MUT_LEFT && e->sites[j].type->rows == s->type->rows);
    }
    if (space == MUT_LEFT && !seen) {
      change_left_side(e, s->type->rows);
    }
  }
  for (int b = 0; b < e->func->block_count; b++) {
    for (int i = 0; i < e->func->blocks[b]->count; i++) {
      set_valid_before(e, &e->func->blocks[b]->ops[i]);
    }
  }
}
