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
         a->bytes.is_long == b->bytes.is_long && a->bytes.range.slot == b->bytes.range.slot &&
         ptl_range_equal(&a->bytes.range, &b->bytes.range);
}

/* The access of that pipe to those bytes; NULL if there was none. `hint` is where it may be. */
static ptl_flag_access *find(const ptl_flag_state *state, const ptl_flag_access *access, int hint) {
  if (hint < state->access_count && is_alike(&state->accesses[hint], access)) {
    return &state->accesses[hint];
  }
  for (int i = 0; i < state->access_count; i++) {
    if (is_alike(&state->accesses[i], access)) {
      return &state->accesses[i];
    }
  }
  return NULL;
}

static bool meet_columns(ptl_flag_column_set *set, const ptl_flag_column_set *other) {
  bool changes = false;
  for (int i = 0; i < PTL_FLAG_WORDS; i++) {
    changes = changes || (set->words[i] & ~other->words[i]) != 0;
    set->words[i] &= other->words[i];
  }
  return changes;
}

bool ptl_flag_state_meet(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_state *other) {
  bool changes = false;
  for (int i = 0; i < other->access_count; i++) {
    ptl_flag_access *own = find(state, &other->accesses[i], i);
    if (own) {
      changes |= meet_columns(&own->behind, &other->accesses[i].behind);
    } else {
      *add(arena, state) = other->accesses[i];
      changes = true;
    }
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

void ptl_flag_state_note(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_access *access) {
  if (access->bytes.is_write) {
    drop_covered(state, access);
  }
  ptl_flag_access *own = find(state, access, state->access_count);
  own = own ? own : add(arena, state);
  *own = *access;
  own->behind = (ptl_flag_column_set){{0}};
}

void ptl_flag_state_tidy(ptl_flag_state *state, unsigned pipes) {
  for (int i = state->access_count; i-- > 0;) {
    if ((state->accesses[i].behind.words[0] & pipes) == pipes) {
      drop(state, i);
    }
  }
}
