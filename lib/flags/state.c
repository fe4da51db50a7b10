/* What is known at one point of a run: of each access, who is behind it; of each flag, whether it
 * is up. */
#include "flags/flags_state.h"

#include <string.h>

static ptl_flag_access *add(ptl_arena *arena, ptl_flag_state *state) {
  state->accesses = ptl_arena_more(arena, state->accesses, state->access_count,
                                   &state->access_capacity, sizeof(ptl_flag_access));
  return &state->accesses[state->access_count++];
}

void ptl_flag_state_copy(ptl_arena *arena, ptl_flag_state *to, const ptl_flag_state *from) {
  to->access_count = 0;
  for (int i = 0; i < from->access_count; i++) {
    *add(arena, to) = from->accesses[i];
  }
  memcpy(to->counts, from->counts, sizeof(to->counts));
  memcpy(to->set_at, from->set_at, sizeof(to->set_at));
}

static bool is_alike(const ptl_flag_access *a, const ptl_flag_access *b) {
  return a->pipe == b->pipe && a->bytes.is_write == b->bytes.is_write &&
         a->bytes.is_long == b->bytes.is_long && a->bytes.is_doubtful == b->bytes.is_doubtful &&
         a->bytes.range.slot == b->bytes.range.slot && a->pops == b->pops &&
         a->bytes.is_empty == b->bytes.is_empty && a->was_let_on == b->was_let_on &&
         a->bytes.role == b->bytes.role && ptl_range_equal(&a->bytes.range, &b->bytes.range) &&
         a->moved.loop == b->moved.loop && ptl_flag_gm_same(a->bytes.gm, b->bytes.gm);
}

static bool covers(const ptl_flag_column_set *all, const ptl_flag_column_set *some) {
  bool result = true;
  for (int i = 0; result && i < PTL_FLAG_WORDS; i++) {
    result = (some->words[i] & ~all->words[i]) == 0;
  }
  return result;
}

static void keep_common(ptl_flag_column_set *set, const ptl_flag_column_set *other) {
  for (int i = 0; i < PTL_FLAG_WORDS; i++) {
    set->words[i] &= other->words[i];
  }
}

/* Whether whoever is behind `access` is behind the one at this index too, or would be. */
static bool implies(const ptl_flag_state *state, int index, const ptl_flag_access *access) {
  return index < state->access_count && is_alike(&state->accesses[index], access) &&
         covers(&access->behind, &state->accesses[index].behind);
}

/* Adds an access that was made on another path. Of accesses to the same bytes those are kept that
 * ask for more than others; past MOST_ALIKE what all of them tell is told of one. */
enum { MOST_ALIKE = 4 };

static bool add_path(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_access *access,
                     int hint) {
  int alike = 0, last = -1;
  if (implies(state, hint, access)) {
    return false;
  }
  for (int i = 0; i < state->access_count; i++) {
    if (!is_alike(&state->accesses[i], access)) {
      continue;
    }
    if (covers(&access->behind, &state->accesses[i].behind)) {
      return false;
    }
    alike++;
    bool is_less = last >= 0 && covers(&state->accesses[last].behind, &access->behind);
    last = is_less ? last : i;
  }
  if (last >= 0 &&
      (alike >= MOST_ALIKE || covers(&state->accesses[last].behind, &access->behind))) {
    keep_common(&state->accesses[last].behind, &access->behind);
  } else {
    *add(arena, state) = *access;
  }
  return true;
}

bool ptl_flag_state_meet(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_state *other) {
  bool changes = false;
  for (int i = 0; i < other->access_count; i++) {
    changes |= add_path(arena, state, &other->accesses[i], i);
  }
  for (int i = 0; i < PTL_FLAG_MOST; i++) {
    if (state->counts[i] != other->counts[i] && state->counts[i] != PTL_FLAG_EITHER) {
      state->counts[i] = PTL_FLAG_EITHER;
      state->set_at[i] = state->set_at[i] ? state->set_at[i] : other->set_at[i];
      changes = true;
    }
  }
  return changes;
}

static void drop(ptl_flag_state *state, int index) {
  state->accesses[index] = state->accesses[--state->access_count];
}

/* A later op on bytes that a write covers is behind what came before that write if it is behind
 * the write, and needs to be. */
static void drop_covered(ptl_flag_state *state, const ptl_flag_access *write) {
  for (int i = state->access_count; i-- > 0;) {
    const ptl_flag_access *old = &state->accesses[i];
    if (ptl_range_covers(&write->bytes.range, &old->bytes.range) &&
        ptl_flag_is_behind(old, (int)write->pipe)) {
      drop(state, i);
    }
  }
}

static void drop_alike(ptl_flag_state *state, const ptl_flag_access *access) {
  for (int i = state->access_count; i-- > 0;) {
    if (is_alike(&state->accesses[i], access)) {
      drop(state, i);
    }
  }
}

void ptl_flag_state_note(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_access *access) {
  if (access->bytes.is_write && !access->bytes.gm) {
    drop_covered(state, access);
  }
  drop_alike(state, access);
  ptl_flag_access *own = add(arena, state);
  *own = *access;
  own->behind = (ptl_flag_column_set){{0}};
}

static bool is_inside(const ptl_flag_gm *gm, const ptl_flag_turn *turn) {
  for (int i = 0; gm && i < gm->turn_count; i++) {
    if (gm->turns[i].loop == turn->loop) {
      return true;
    }
  }
  return false;
}

/* Drops an access if another one has become like it, and says as much. */
static void join(ptl_flag_state *state, int index) {
  for (int i = 0; i < state->access_count; i++) {
    if (i != index && implies(state, i, &state->accesses[index])) {
      drop(state, index);
      return;
    }
  }
}

void ptl_flag_state_move(ptl_flag_state *state, const ptl_flag_turn *turn) {
  for (int i = state->access_count; i-- > 0;) {
    ptl_flag_access *access = &state->accesses[i];
    bool is_outermost = access->moved.loop == 0 || access->moved.depth > turn->depth;
    if (is_outermost && is_inside(access->bytes.gm, turn)) {
      access->moved = *turn;
      join(state, i);
    }
  }
}

void ptl_flag_state_tidy(ptl_flag_state *state, unsigned pipes) {
  for (int i = state->access_count; i-- > 0;) {
    if ((state->accesses[i].behind.words[0] & pipes) == pipes) {
      drop(state, i);
    }
  }
}
