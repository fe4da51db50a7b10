/* Forks and joins the parts of a walk's state. */
#include "walk/state.h"

#include "walk/walk_state.h"

void ptl_state_init(ptl_state *state, ptl_arena *arena, const ptl_kernel *kernel) {
  *state = (ptl_state){.memory = {.arena = arena}, .shapes = {.arena = arena}};
  ptl_owners_init(&state->owners, arena, kernel);
}

ptl_state ptl_state_fork(ptl_state *state) {
  return (ptl_state){ptl_memory_copy(&state->memory), ptl_owners_fork(&state->owners),
                     ptl_shapes_fork(&state->shapes), state->hazards, state->gm};
}

void ptl_state_meet(ptl_walk *walk, ptl_state *state, const ptl_state *second,
                    const ptl_meeting *meeting) {
  walk->scanned += (int64_t)state->memory.count * second->memory.count +
                   (int64_t)state->owners.count * second->owners.count;
  ptl_memory_meet(&state->memory, &second->memory, meeting);
  ptl_owners_meet(walk, &state->owners, &second->owners, meeting);
  ptl_shapes_meet(walk, &state->shapes, &second->shapes);
  ptl_hazards_meet(walk->arena, &state->hazards, &second->hazards);
  state->gm = ptl_gm_meet(walk->arena, state->gm, second->gm);
}
