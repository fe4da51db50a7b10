/* Pipes between the cube and the vector cores: who waits for whom, and what is left at the end.
 *
 * A producer's push i waits for a free credit if i >= S and T divides i; S is the number of slots,
 * T = S if S <= 2, else S / 2. A pop waits for the push of its number. A free credit is given for
 * every T-th pop on a2a3, for every T-th tfree on a5. On a2a3 a producer does not end before
 * all of its credits are back. The cube waits for both vector cores
 * (pto-isa:include/pto/npu/a2a3/TPush.hpp, TPop.hpp, a5/TPush.hpp, TFree.hpp).
 */
#include "machine_state.h"

typedef enum role { NOT_A_PIPE_OP, PUSH, POP, FREE } role;

static role role_of(const mut_op *op) {
  if (strncmp(op->name, "pto.t", 5) != 0) {
    return NOT_A_PIPE_OP;
  }
  const char *name = op->name + 4;
  return strncmp(name, "tpush_", 6) == 0   ? PUSH
         : strncmp(name, "tpop_", 5) == 0  ? POP
         : strncmp(name, "tfree_", 6) == 0 ? FREE
                                           : NOT_A_PIPE_OP;
}

static bool to_vector_of(const mut_op *op) {
  return strstr(op->name, "_to_aiv") || strstr(op->name, "_from_aic");
}

static int id_of(const mut_op *op) {
  int64_t id = mut_attribute(op, "id = ", 0);
  return id >= 0 && id < MAX_PIPES ? (int)id : 0;
}

static pipe_end *end_of(mut_machine *m, const mut_op *op) {
  return &m->ends[to_vector_of(op)][id_of(op)];
}

/* The same pipe's end on another core. */
static const pipe_end *same_end(const mut_machine *m, const mut_machine *other,
                                const pipe_end *end) {
  return &other->ends[0][0] + (end - &m->ends[0][0]);
}

static int64_t period_of(const pipe_end *end) {
  return end->slots <= 2 ? end->slots : end->slots / 2;
}

/* Does a core take part in what `m` does? On a5 an entry that is not split goes to lane 0. */
static bool is_peer(const mut_machine *m, const mut_machine *other, int split) {
  if (other->is_cube == m->is_cube) {
    return false;
  }
  const mut_machine *vector = m->is_cube ? other : m;
  return !m->is_a5 || split != 0 || vector->lane == 0;
}

/* The fewest entries that the peers have pushed, popped or freed. */
static int64_t fewest(const mut_machine *m, const pipe_end *end, int split, bool frees) {
  int64_t least = INT64_MAX;
  for (int i = 0; i < m->chip->core_count; i++) {
    const mut_machine *other = m->chip->running[i];
    if (is_peer(m, other, split)) {
      const pipe_end *its = same_end(m, other, end);
      least = smaller(least, frees && m->is_a5 ? its->frees : its->count);
    }
  }
  return least;
}

static int64_t split_of(const mut_op *op) { return mut_attribute(op, "split = ", 0); }

bool mut_pipe_waits(mut_machine *m, const mut_op *op) {
  role r = role_of(op);
  if (!m->chip->is_mixed || (r != PUSH && r != POP)) {
    return false;
  }
  const pipe_end *end = end_of(m, op);
  int split = (int)split_of(op);
  if (r == POP) {
    return fewest(m, end, split, false) <= end->count;
  }
  int64_t period = period_of(end);
  if (!end->is_there || end->count < end->slots || end->count % period != 0) {
    return false;
  }
  return fewest(m, end, split, true) / period <= end->waits;
}

bool mut_pipe_waits_at_end(const mut_machine *m) {
  for (int i = 0; i < 2 * MAX_PIPES && !m->is_a5 && m->chip->is_mixed; i++) {
    const pipe_end *end = &m->ends[0][0] + i;
    int64_t period = end->is_producer ? period_of(end) : 1;
    if (end->is_producer && end->count > 0 &&
        fewest(m, end, end->split, true) / period < end->count / period) {
      return true;
    }
  }
  return false;
}

/* ---- ops ---------------------------------------------------------------------------- */

static const mut_op *reserve_of(const mut_func *func, const char *name, size_t length) {
  for (int i = 0; i < func->body->count; i++) {
    const mut_op *op = &func->body->ops[i];
    const char *own = strstr(op->attributes, "name = \"");
    if (strcmp(op->name, "pto.reserve_buffer") == 0 && own &&
        strncmp(own + strlen("name = \""), name, length + 1) == 0) {
      return op;
    }
  }
  return NULL;
}

static int64_t base_of(mut_machine *m, const mut_op *reserve) {
  int64_t base = mut_attribute(reserve, "base = ", -1);
  if (base >= 0 || !m->memory.is_unplanned) {
    return base < 0 ? 0 : base;
  }
  mut_space space = strstr(reserve->attributes, "space<vec>") ? MUT_VEC : MUT_MAT;
  return mut_place_buffer(m, reserve, space, mut_attribute(reserve, "size = ", 0));
}

/* reserve_buffer, or import_reserved_buffer of what a peer reserves. */
void mut_run_reserve(mut_machine *m, const mut_op *op) {
  const char *name = strstr(op->attributes, "name = \"");
  bool imports = strstr(op->name, "import") != NULL;
  if (!name) {
    fail(m, "a reserved buffer without a name");
    return;
  }
  name += strlen("name = \"");
  for (int i = 0; i < m->chip->core_count; i++) {
    mut_machine *core = m->chip->running[i];
    const mut_op *reserve = reserve_of(core->func, name, strcspn(name, "\""));
    if (reserve && (imports ? core->is_cube != m->is_cube : core == m)) {
      set_scalar(result(m, op), base_of(core, reserve));
      return;
    }
  }
}

void mut_run_initialize(mut_machine *m, const mut_op *op) {
  int64_t mask = mut_attribute(op, "dir_mask = ", 0);
  int64_t slots = mut_attribute(op, "slot_num = ", mask == 3 ? 4 : 8);
  bool has_gm = strstr(op->attributes, "gm_slot_buffer") != NULL;
  for (int to_vector = 0; to_vector < 2; to_vector++) {
    pipe_end *end = &m->ends[to_vector][id_of(op)];
    if (!(mask & (to_vector ? 1 : 2))) {
      continue;
    }
    *end = (pipe_end){.is_there = true,
                      .is_producer = m->is_cube == (to_vector == 1),
                      .mask = mask,
                      .slots = slots < 1 ? 1 : slots,
                      .slot_bytes = mut_attribute(op, "slot_size = ", 0),
                      .gm_root = -1,
                      .split = -1,
                      .open = -1,
                      .base = operand(m, op, op->operand_count - (to_vector ? 2 : 1))->integer};
    end->local_slots = mut_attribute(op, "local_slot_num = ", end->slots);
    if (has_gm) {
      const view *pointer = &operand(m, op, 0)->view;
      end->gm_root = pointer->root;
      end->gm_offset = pointer->offset * 4; /* of f32 */
      end->gm_offset += mask == 3 && !to_vector ? end->slots * end->slot_bytes : 0;
    }
  }
}

/* All entries of a pipe are split, or none is. */
static void note_split(mut_machine *m, pipe_end *end, int split) {
  m->record->refused += end->split >= 0 && (end->split != 0) != (split != 0);
  end->split = split;
}

void mut_run_push(mut_machine *m, const mut_op *op) {
  pipe_end *end = end_of(m, op);
  int split = (int)split_of(op);
  const tile *from = &operand(m, op, 0)->tile;
  tile t = mut_as_pushed(m->is_a5, from);
  if (!end->is_there) {
    fail(m, "a push without its pipe");
    return;
  }
  note_split(m, end, split);
  int64_t period = period_of(end);
  end->waits += m->chip->is_mixed && end->count >= end->slots && end->count % period == 0;
  mut_note_read(m, op, 0);
  mut_check_alignment(m, from);
  if (is_acc(&t)) {
    mut_judge_leaving(m, &t);
  }
  bool takes_part = m->is_cube || !m->is_a5 || split != 0 || m->lane == 0;
  for (int i = 0; i < m->chip->core_count && takes_part; i++) {
    mut_machine *other = m->chip->running[i];
    if (is_peer(m, other, split)) {
      mut_send_entry(m, end, other, &t, to_vector_of(op), split);
    }
  }
  if (!m->chip->is_mixed) {
    mut_send_entry(m, end, NULL, &t, to_vector_of(op), split);
  }
  end->count++;
}

/* What nobody pushed here: an input. */
static void fill_alone(mut_machine *m, const tile *t) {
  if (!mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < t->valid_rows; r++) {
    for (int64_t c = 0; c < t->valid_cols; c++) {
      write_element(m, t, &m->to, r, c,
                    mut_gm_identity(QUEUE_ROOT, m->pops * SLOT_ELEMENTS + r * t->type.cols + c));
    }
  }
  m->pops++;
}

void mut_run_pop(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  pipe_end *end = end_of(m, op);
  int split = (int)split_of(op);
  if (!end->is_there) {
    fail(m, "a pop without its pipe");
    return;
  }
  note_split(m, end, split);
  m->record->refused += end->open >= 0;
  int64_t slots = m->is_a5 ? end->slots : end->local_slots;
  out->is_freed = false;
  out->tile = (tile){.type = *type,
                     .address = end->base + end->count % slots * end->slot_bytes,
                     .valid_rows = type->valid_rows < 0 ? type->rows : type->valid_rows,
                     .valid_cols = type->valid_cols < 0 ? type->cols : type->valid_cols,
                     .name = op->results[0],
                     .buffer = -1};
  if (op->operand_count == 2) {
    out->tile.valid_rows = operand(m, op, 0)->integer;
    out->tile.valid_cols = operand(m, op, 1)->integer;
  }
  if (!m->chip->is_mixed) {
    fill_alone(m, &out->tile);
  } else {
    mut_take_entry(m, end, &out->tile, to_vector_of(op), split);
  }
  end->count++;
  end->open = op->results[0];
}

void mut_run_free(mut_machine *m, const mut_op *op) {
  pipe_end *end = end_of(m, op);
  if (end->open < 0) {
    m->record->refused++;
    return;
  }
  m->values[end->open].is_freed = true;
  end->open = -1;
  end->frees++;
}

/* ---- the end ---------------------------------------------------------------------------- */

static void judge_ends(mut_chip *chip, const mut_machine *m, const mut_machine *other, int i) {
  const pipe_end *a = &m->ends[0][0] + i, *b = &other->ends[0][0] + i;
  bool differ = a->is_there != b->is_there || a->mask != b->mask || a->slots != b->slots ||
                a->slot_bytes != b->slot_bytes || a->local_slots != b->local_slots;
  bool both_used = a->split >= 0 && b->split >= 0;
  chip->record->refused += differ || (both_used && (a->split != 0) != (b->split != 0));
  int split = a->split > 0 ? a->split : b->split;
  if (is_peer(m, other, split < 0 ? 0 : split) && a->count != b->count) {
    chip->record->ending = "an entry is left in a pipe";
  }
}

void mut_judge_pipes(mut_chip *chip) {
  for (int c = 0; c < chip->core_count; c++) {
    const mut_machine *m = chip->running[c];
    for (int i = 0; i < 2 * MAX_PIPES; i++) {
      const pipe_end *end = &m->ends[0][0] + i;
      chip->record->refused += end->is_there && end->open >= 0;
      for (int o = 0; o < chip->core_count && m->is_cube; o++) {
        if (!chip->running[o]->is_cube) {
          judge_ends(chip, m, chip->running[o], i);
        }
      }
    }
    if (!m->is_done && !chip->record->failed) {
      chip->record->ending = "a core waits for ever";
    }
  }
}
