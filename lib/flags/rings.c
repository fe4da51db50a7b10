/* The slots of a core's end of a pipe, in which what it pops lies: who may still read the slot that
 * a pop or a push writes to again, and who waits for what comes.
 *
 * Where pipes lie in global memory, a pop copies to the next of its core's own slots, by MTE2,
 * without a wait for those who read what lay there. Else the other core writes to the slot: one
 * pipe awaits that (pto-isa:include/pto/npu/a5/TPush.hpp, Consumer::wait), and the same pipe gives
 * the slot back at the tfree, when it has done all before it (TFree.hpp).
 */
#include "flags/flags_state.h"
#include "rules/op_types.h"

static int64_t attribute_or(const ptl_op *op, const char *name, int64_t otherwise) {
  int64_t value;
  return ptl_rule_integer_attr(op, name, &value) ? value : otherwise;
}

static ptl_flag_ring *find(const ptl_flag_trace *trace, int64_t id, bool to_vector) {
  for (int i = 0; i < trace->ring_count; i++) {
    if (trace->rings[i].id == id && trace->rings[i].to_vector == to_vector) {
      return &trace->rings[i];
    }
  }
  return NULL;
}

static void add_ring(ptl_flag_trace *trace, const ptl_op *op, bool to_vector) {
  int64_t mask = attribute_or(op, "dir_mask", 0);
  int64_t slots = attribute_or(op, "slot_num", mask == 3 ? 4 : 8);
  if ((mask & (to_vector ? 1 : 2)) == 0) {
    return;
  }
  if (trace->target->family->has_local_slots) {
    slots = attribute_or(op, "local_slot_num", slots);
  }
  trace->rings = ptl_arena_more(trace->arena, trace->rings, trace->ring_count,
                                &trace->ring_capacity, sizeof(*trace->rings));
  trace->rings[trace->ring_count++] = (ptl_flag_ring){
      .id = attribute_or(op, "id", 0), .to_vector = to_vector, .slots = slots > 0 ? slots : 1};
}

static ptl_flag_ring *ring_of(const ptl_flag_trace *trace, const ptl_op *op) {
  return find(trace, attribute_or(op, "id", 0), ptl_row(op)->direction == PTL_C2V);
}

/* The rings that are set up, and whose slots the popped tiles lie in. */
static void collect(ptl_flag_trace *trace, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (ptl_row(op)->act == PTL_PIPE_INIT) {
      add_ring(trace, op, false);
      add_ring(trace, op, true);
    }
    if (ptl_row(op)->act == PTL_PIPE_POP && op->result_count == 1) {
      const ptl_flag_ring *ring = ring_of(trace, op);
      trace->ring_of_value[op->first_result] = ring ? (int)(ring - trace->rings) + 1 : 0;
    }
    collect(trace, op->blocks[0]);
    collect(trace, op->blocks[1]);
  }
}

void ptl_flag_rings_begin(ptl_flag_trace *trace) {
  trace->rings = NULL;
  trace->ring_count = trace->ring_capacity = 0;
  trace->ring_of_value =
      ptl_arena_array(trace->arena, (size_t)trace->kernel->value_count + 1, sizeof(int));
  collect(trace, trace->kernel->body);
}

/* The pipe by which this core awaits what the other one writes to its slots; PTL_SYNC_PIPE_NONE
 * where it copies it itself. */
static ptl_sync_pipe pipe_of_slots(const ptl_flag_trace *trace, const ptl_flag_ring *ring) {
  return trace->target->family->pipes_lie_in_gm ? PTL_SYNC_PIPE_NONE
         : ring->to_vector                      ? PTL_SYNC_PIPE_V
                                                : PTL_SYNC_PIPE_MTE1;
}

static ptl_flag_bytes *slot_of(const ptl_flag_trace *trace, const ptl_op *pop, ptl_flag_role role) {
  ptl_flag_bytes *bytes = ptl_arena_alloc(trace->arena, sizeof(*bytes));
  *bytes = ptl_flag_popped_bytes(trace, pop);
  bytes->role = role;
  return bytes;
}

bool ptl_flag_ring_node(ptl_flag_trace *trace, const ptl_op *op, ptl_flag_node *out) {
  ptl_pipe_act act = ptl_row(op)->act;
  ptl_flag_ring *ring = act == PTL_PIPE_POP || act == PTL_PIPE_FREE ? ring_of(trace, op) : NULL;
  ptl_sync_pipe pipe = ring ? pipe_of_slots(trace, ring) : PTL_SYNC_PIPE_NONE;
  if (ring && act == PTL_PIPE_POP) {
    ring->open = op->result_count == 1 ? op : NULL;
    ring->pops += trace->stack_count > 0 ? ring->slots + 1 : 1;
  }
  if (pipe == PTL_SYNC_PIPE_NONE || !ring->open) {
    return false;
  }
  out->pipe = pipe;
  out->bytes =
      slot_of(trace, ring->open, act == PTL_PIPE_POP ? PTL_FLAG_ROLE_ARRIVAL : PTL_FLAG_ROLE_FREE);
  out->byte_count = 1;
  return true;
}

/* ---- the state ------------------------------------------------------------------------------ */

static bool is_pop_of(const ptl_flag_bytes *bytes, int ring) {
  return bytes->role == PTL_FLAG_ROLE_POPPED && bytes->ring == ring;
}

void ptl_flag_rings_turn(const ptl_flag_trace *trace, ptl_flag_state *state,
                         const ptl_flag_bytes *popped) {
  int64_t slots = trace->rings[popped->ring - 1].slots;
  for (int i = state->access_count; i-- > 0;) {
    ptl_flag_access *access = &state->accesses[i];
    if (access->bytes.ring == popped->ring && ++access->pops > slots) {
      state->accesses[i] = state->accesses[--state->access_count];
    }
  }
}

bool ptl_flag_rings_ask(const ptl_flag_trace *trace, const ptl_flag_access *old,
                        const ptl_flag_bytes *now) {
  if (now->role == PTL_FLAG_ROLE_FREE) {
    const ptl_flag_ring *ring = &trace->rings[now->ring - 1];
    return old->bytes.role == PTL_FLAG_ROLE_PLAIN && ring->pops > ring->slots &&
           !ptl_flag_is_behind(old, PTL_SYNC_PIPE_S);
  }
  return now->role != PTL_FLAG_ROLE_ARRIVAL &&
         !(old->bytes.role == PTL_FLAG_ROLE_ARRIVAL && now->role == PTL_FLAG_ROLE_POPPED);
}

bool ptl_flag_rings_share_slot(const ptl_flag_trace *trace, const ptl_flag_access *old,
                               const ptl_flag_bytes *now) {
  return now->ring != 0 && !now->is_empty && !old->bytes.is_empty &&
         is_pop_of(now, old->bytes.ring) && trace->target->family->pipes_lie_in_gm &&
         old->pops == trace->rings[now->ring - 1].slots;
}
