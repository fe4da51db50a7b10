/* Pipes between cores: pushes, pops and tfrees, and where the slots lie. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mutate_state.h"

/* ---- ops ------------------------------------------------------------------------------- */

static bool is_pop(const mut_op *op) { return strncmp(op->name, "pto.tpop_", 9) == 0; }

static bool is_free(const mut_op *op) { return strncmp(op->name, "pto.tfree_", 10) == 0; }

static bool is_pipe_op(const mut_op *op) {
  return is_pop(op) || is_free(op) || strncmp(op->name, "pto.tpush_", 10) == 0;
}

/* The tfree of a pop; NULL if it is in another block. */
static const mut_op *free_of(const enumerator *e, const mut_op *pop) {
  const mut_block *block = e->func->blocks[pop->scope];
  for (const mut_op *op = pop + 1; op < block->ops + block->count; op++) {
    if (is_free(op) &&
        strcmp(op->name + strlen("pto.tfree_"), pop->name + strlen("pto.tpop_")) == 0 &&
        mut_attribute(op, "id = ", 0) == mut_attribute(pop, "id = ", 0)) {
      return op;
    }
  }
  return NULL;
}

/* A pop's tile becomes one that nobody filled. */
static void drop_pop(enumerator *e, const mut_op *op) {
  const mut_tile_type *type = &e->func->values[op->results[0]].tile;
  const mut_op *its_free = free_of(e, op);
  if (type->valid_rows < 0 || type->valid_cols < 0 || !its_free) {
    return;
  }
  bool has_addresses = e->site_count > 0 && e->sites[0].operand >= 0;
  mut_begin(e, MUT_DROP_PIPE, op);
  if (has_addresses) {
    mut_at_entry(e, "%%mut_address = arith.constant 0 : i64");
  }
  mut_replace(e, op->begin, op->end, "%s = pto.alloc_tile%s : %.*s", mut_name_of(e, op->results[0]),
              has_addresses ? " addr = %mut_address" : "", (int)(op->type_end - op->type_begin),
              e->text + op->type_begin);
  mut_remove(e, its_free);
  mut_describe(e, "%s", op->name);
  mut_finish(e);
}

static void double_pop(enumerator *e, const mut_op *op) {
  const mut_op *its_free = free_of(e, op);
  const char *rest = strchr(e->text + op->begin, '=');
  if (!its_free) {
    return;
  }
  mut_begin(e, MUT_DOUBLE_PIPE, op);
  mut_insert(e, op->begin, "%%mut_more %.*s\n  %.*s\n  ", (int)(op->end - (size_t)(rest - e->text)),
             rest, (int)(its_free->end - its_free->begin), e->text + its_free->begin);
  mut_describe(e, "%s", op->name);
  mut_finish(e);
}

static void drop_and_double(enumerator *e, const mut_op *op) {
  if (is_pop(op)) {
    drop_pop(e, op);
    double_pop(e, op);
    return;
  }
  mut_begin(e, MUT_DROP_PIPE, op);
  mut_remove(e, op);
  mut_describe(e, "%s", op->name);
  mut_finish(e);
  mut_begin(e, MUT_DOUBLE_PIPE, op);
  mut_insert(e, op->end, "\n  %.*s", (int)(op->end - op->begin), e->text + op->begin);
  mut_describe(e, "%s", op->name);
  mut_finish(e);
}

/* ---- attributes ---------------------------------------------------------------------------- */

/* Where the number of an attribute stands in an op's text; false if it has none. */
static bool find_number(const enumerator *e, const mut_op *op, const char *key, size_t *begin,
                        size_t *end, int64_t *number) {
  const char *at = mut_find_attribute(op, key);
  if (!at) {
    return false;
  }
  char *rest;
  *begin = op->begin + (size_t)(at - op->attributes);
  *number = strtoll(e->text + *begin, &rest, 10);
  *end = (size_t)(rest - e->text);
  return true;
}

static void change_split(enumerator *e, const mut_op *op) {
  size_t begin, end;
  int64_t split;
  if (is_free(op) || !find_number(e, op, "split = ", &begin, &end, &split)) {
    return;
  }
  for (int64_t other = 0; other < 3; other++) {
    if (other != split) {
      mut_begin(e, MUT_SPLIT, op);
      mut_replace(e, begin, end, "%" PRId64, other);
      mut_describe(e, "%s: %" PRId64 " -> %" PRId64, op->name, split, other);
      mut_finish(e);
    }
  }
}

/* The other half's initialize of the same pipe. */
static const mut_op *peer_initialize(const enumerator *e, const mut_op *op) {
  for (int i = 0; i < e->unit->count; i++) {
    const mut_func *func = &e->program->funcs[e->unit->funcs[i]];
    for (int j = 0; func != e->func && j < func->body->count; j++) {
      const mut_op *other = &func->body->ops[j];
      if (strstr(other->name, "_initialize_pipe") &&
          mut_attribute(other, "id = ", 0) == mut_attribute(op, "id = ", 0)) {
        return other;
      }
    }
  }
  return NULL;
}

static void change_number(enumerator *e, const mut_op *op, const mut_op *peer, const char *key,
                          int64_t to) {
  size_t begin, end;
  int64_t number;
  if (!find_number(e, op, key, &begin, &end, &number) || number == to || to <= 0) {
    return;
  }
  mut_begin(e, MUT_SLOTS, op);
  mut_replace(e, begin, end, "%" PRId64, to);
  if (peer && find_number(e, peer, key, &begin, &end, &number)) {
    mut_replace(e, begin, end, "%" PRId64, to);
  }
  mut_describe(e, "%s%" PRId64 "%s", key, to, peer ? ", both halves" : "");
  mut_finish(e);
}

/* Two rings in one place of GM: the pointer that the other one's was made of. */
static void share_gm(enumerator *e, const mut_op *op) {
  const mut_operand *pointer = &op->operands[0];
  for (int i = 0; i < e->func->body->count; i++) {
    const mut_op *made = &e->func->body->ops[i];
    if (strcmp(made->name, "pto.addptr") == 0 && made->results[0] == pointer->value) {
      mut_begin(e, MUT_SLOTS, op);
      mut_replace(e, pointer->begin, pointer->end, "%s", mut_name_of(e, made->operands[0].value));
      mut_describe(e, "%s -> %s", mut_name_of(e, pointer->value),
                   mut_name_of(e, made->operands[0].value));
      mut_finish(e);
    }
  }
}

static void change_pipe(enumerator *e, const mut_op *op) {
  const mut_op *peer = peer_initialize(e, op);
  static const char *const keys[] = {"slot_num = ", "slot_size = "};
  for (int i = 0; i < 2; i++) {
    int64_t number = mut_attribute(op, keys[i], 0);
    for (int both = 0; both <= (peer != NULL); both++) {
      change_number(e, op, both ? peer : NULL, keys[i], number * 2);
      change_number(e, op, both ? peer : NULL, keys[i], number / 2);
      change_number(e, op, both ? peer : NULL, keys[i], number + (i ? 32 : 1));
    }
  }
  if (strstr(op->attributes, "gm_slot_buffer")) {
    share_gm(e, op);
  }
}

static void move_slots(enumerator *e, const mut_op *op) {
  size_t begin, end;
  int64_t base;
  mut_space space = strstr(op->attributes, "space<vec>") ? MUT_VEC : MUT_MAT;
  if (!find_number(e, op, "base = ", &begin, &end, &base)) {
    return;
  }
  int64_t size = mut_attribute(op, "size = ", 0);
  int64_t others[64] = {base + size / 2, mut_capacity(e->program->is_a5, space) - size / 2,
                        mut_capacity(e->program->is_a5, space) + 32, base + 16};
  int count = 4;
  for (int i = 0; i < e->site_count && count < 64; i++) {
    if (e->sites[i].type->space == space && e->sites[i].operand >= 0 &&
        mut_is_first_of_address(e, &e->sites[i])) {
      others[count++] = e->sites[i].address;
    }
  }
  for (int i = 0; i < count; i++) {
    if (others[i] != base) {
      mut_begin(e, MUT_SLOTS, op);
      mut_replace(e, begin, end, "%" PRId64, others[i]);
      mut_describe(e, "base %" PRId64 " -> %" PRId64, base, others[i]);
      mut_finish(e);
    }
  }
}

/* ---- trips ---------------------------------------------------------------------------------- */

static bool has_pipe_op(const mut_block *block) {
  bool found = false;
  for (int i = 0; i < block->count && !found; i++) {
    const mut_op *op = &block->ops[i];
    found = is_pipe_op(op) || (op->blocks[0] && has_pipe_op(op->blocks[0])) ||
            (op->blocks[1] && has_pipe_op(op->blocks[1]));
  }
  return found;
}

static void change_trips(enumerator *e, const mut_op *op) {
  const mut_operand *upper = &op->operands[1];
  static const char *const changes[] = {"addi", "subi"};
  for (int i = 0; i < 2; i++) {
    mut_begin(e, MUT_TRIPS, op);
    mut_insert(e, op->begin, "%%mut_end = arith.%s %s, %s : index\n  ", changes[i],
               mut_name_of(e, upper->value), mut_name_of(e, op->operands[2].value));
    mut_replace(e, upper->begin, upper->end, "%%mut_end");
    mut_describe(e, "%s a step", changes[i]);
    mut_finish(e);
  }
}

void mut_pipes(enumerator *e, const mut_op *op) {
  if (is_pipe_op(op)) {
    drop_and_double(e, op);
    change_split(e, op);
  } else if (strstr(op->name, "_initialize_pipe")) {
    change_pipe(e, op);
  } else if (strcmp(op->name, "pto.reserve_buffer") == 0) {
    move_slots(e, op);
  } else if (strcmp(op->name, "scf.for") == 0 && has_pipe_op(op->blocks[0])) {
    change_trips(e, op);
  }
}
