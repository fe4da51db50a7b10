/* Addresses of tiles. */
#include <inttypes.h>

#include "mutate_state.h"

enum { FORMS = 5 };

/* An address as it may be written: as a constant, or computed. */
static void put_address(enumerator *e, int64_t address, int form) {
  switch (form) {
  case 0:
    mut_at_entry(e, "%%mut_address = arith.constant %" PRId64 " : i64", address);
    return;
  case 1:
    mut_at_entry(e, "%%mut_a = arith.constant %" PRId64 " : i64", address - address / 2);
    mut_at_entry(e, "%%mut_b = arith.constant %" PRId64 " : i64", address / 2);
    mut_at_entry(e, "%%mut_address = arith.addi %%mut_a, %%mut_b : i64");
    return;
  case 2:
    mut_at_entry(e, "%%mut_a = arith.constant 32 : i64");
    mut_at_entry(e, "%%mut_b = arith.constant %" PRId64 " : i64", address / 32);
    mut_at_entry(e, "%%mut_address = arith.muli %%mut_a, %%mut_b : i64");
    return;
  case 3:
    mut_at_entry(e, "%%mut_a = arith.constant %" PRId64 " : index", address);
    mut_at_entry(e, "%%mut_address = arith.index_cast %%mut_a : index to i64");
    return;
  case 4:
    mut_at_entry(e, "%%mut_a = arith.constant %" PRId64 " : i64", address + 64);
    mut_at_entry(e, "%%mut_b = arith.constant 64 : i64");
    mut_at_entry(e, "%%mut_address = arith.subi %%mut_a, %%mut_b : i64");
    return;
  default:
    mut_at_entry(e, "%%mut_a = arith.constant %" PRId64 " : index", address * 2);
    mut_at_entry(e, "%%mut_b = arith.constant 2 : index");
    mut_at_entry(e, "%%mut_c = arith.divsi %%mut_a, %%mut_b : index");
    mut_at_entry(e, "%%mut_address = arith.index_cast %%mut_c : index to i64");
    return;
  }
}

static void move(enumerator *e, mut_kind kind, const site *with, scope how, int64_t address) {
  int form = kind == MUT_COMPUTED || kind == MUT_SAME_ADDRESS ? 1 + e->form++ % FORMS : 0;
  int count = 0;
  mut_begin(e, kind, with->op);
  put_address(e, address, form);
  for (int i = 0; i < e->site_count; i++) {
    const site *s = &e->sites[i];
    if (mut_goes_along(s, with, how)) {
      const mut_operand *operand = &s->op->operands[s->operand];
      mut_replace(e, operand->begin, operand->end, "%%mut_address");
      count++;
    }
  }
  mut_describe(e, "%s of %d tile%s: %" PRId64 " -> %" PRId64 "%s", mut_name_of(e, with->value),
               count, count == 1 ? "" : "s", with->address, address, form ? ", computed" : "");
  mut_finish(e);
}

static void move_alone_and_all(enumerator *e, mut_kind kind, const site *s, int64_t address) {
  move(e, kind, s, ALONE, address);
  if (mut_is_first_of_address(e, s) && mut_count_along(e, s, ALL_OF_ADDRESS) > 1) {
    move(e, kind, s, ALL_OF_ADDRESS, address);
  }
}

static void mutate_place(enumerator *e, const site *s) {
  int64_t capacity = mut_capacity(e->program->is_a5, s->type->space);
  int64_t step = s->type->space == MUT_MAT || s->type->space == MUT_VEC ? 32 : 512;
  int64_t half = s->bytes / 2 / step * step;
  move_alone_and_all(e, MUT_STRADDLE_END, s, capacity - (half > 0 ? half : 0));
  move_alone_and_all(e, MUT_PAST_END, s, capacity + step);
  move_alone_and_all(e, MUT_MISALIGN, s, s->address + 16);
  move_alone_and_all(e, MUT_MISALIGN, s, s->address + 8);
  move_alone_and_all(e, MUT_NEGATIVE, s, -512);
  move_alone_and_all(e, MUT_SAME_ADDRESS, s, s->address);
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    if (other->type->space == s->type->space && other->operand >= 0 &&
        other->address != s->address && mut_is_first_of_address(e, other)) {
      move(e, MUT_MOVE, s, ALONE, other->address);
      move(e, MUT_COMPUTED, s, ALONE, other->address);
      if (mut_is_first_of_address(e, s) && mut_count_along(e, s, ALL_OF_ADDRESS) > 1) {
        move(e, MUT_MOVE_BUFFER, s, ALL_OF_ADDRESS, other->address);
      }
    }
  }
}

/* Every pair of stages: same type, both in loops, at different addresses. */
static void mutate_stages(enumerator *e, const site *s) {
  if (!s->in_loop) {
    return;
  }
  for (const site *first = e->sites; first < s; first++) {
    bool is_pair = first->in_loop && first->operand >= 0 && first->address != s->address &&
                   mut_same_type(first->type, s->type);
    bool seen = false;
    for (const site *other = e->sites; other < first; other++) {
      seen = seen || (other->in_loop && other->address == first->address &&
                      mut_same_type(other->type, s->type));
    }
    for (const site *other = e->sites; other < s; other++) {
      seen = seen || (other->in_loop && other->address == s->address &&
                      mut_same_type(other->type, s->type));
    }
    if (is_pair && !seen) {
      move(e, MUT_COLLAPSE, s, ALL_IN_LOOPS, first->address);
    }
  }
}

static void mutate_footprint(enumerator *e, const site *s) {
  if (s->type->space != MUT_ACC || !mut_is_first_of_address(e, s)) {
    return;
  }
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    int64_t logical = other->type->rows * other->type->cols * other->type->elem_bytes;
    if (other->type->space == MUT_ACC && other->operand >= 0 && other->address != s->address &&
        other->bytes != logical && mut_is_first_of_address(e, other) &&
        other->address + logical != s->address) {
      move(e, MUT_FOOTPRINT, s, ALL_OF_ADDRESS, other->address + logical);
    }
  }
}

void mut_addresses(enumerator *e, const site *s) {
  mutate_place(e, s);
  mutate_stages(e, s);
  mutate_footprint(e, s);
}
