/* Writes down the flags of a tied kernel in the order of its ops. */
#include "sync/inserted.h"

#include "sync/sync_state.h"

typedef struct writer {
  ptl_tier t;
  ptl_flag_op *flags;
  ptl_slot_ids *slots; /* of the flags */
  int count, capacity, slot_capacity;
  bool has_slots;
  int *first;
  int told; /* ops whose `first` is set */
  int next; /* element */
} writer;

static void write_flag(writer *w, ptl_flag_op flag, ptl_slot_ids slots) {
  ptl_arena *arena = w->t.list.arena;
  w->flags = ptl_arena_more(arena, w->flags, w->count, &w->capacity, sizeof(*w->flags));
  w->slots = ptl_arena_more(arena, w->slots, w->count, &w->slot_capacity, sizeof(*w->slots));
  w->has_slots = w->has_slots || slots.slot >= 0;
  w->slots[w->count] = slots;
  w->flags[w->count++] = flag;
}

static void write_barrier(writer *w, ptl_sync_pipe pipe) {
  write_flag(w, (ptl_flag_op){PTL_FLAG_BARRIER, pipe, pipe, 0}, (ptl_slot_ids){.slot = -1});
}

static ptl_flag_op flag_of(const writer *w, int tie, bool is_set, int id) {
  const ptl_tie *of = &w->t.ties[tie];
  return (ptl_flag_op){is_set ? PTL_FLAG_SET : PTL_FLAG_WAIT, of->from_pipe, of->to_pipe, id};
}

/* One flag for each of the tie's ids. */
static void write_each(writer *w, int tie, bool is_set) {
  const ptl_tie_ends *at = &w->t.ends[tie];
  for (int i = 0; i < at->id_count; i++) {
    write_flag(w, flag_of(w, tie, is_set, at->ids[i]), (ptl_slot_ids){.slot = -1});
  }
}

static void write_tie(writer *w, int tie, bool is_set) {
  const ptl_tie_ends *at = &w->t.ends[tie];
  if (at->is_merged || (at->id_count == 0 && is_set)) {
    return;
  }
  if (at->id_count == 0) {
    write_barrier(w, PTL_SYNC_PIPE_NONE);
  } else if (at->id_count == 1) {
    write_each(w, tie, is_set);
  } else {
    write_flag(w, flag_of(w, tie, is_set, -1),
               (ptl_slot_ids){is_set ? at->from_slot : at->to_slot, at->ids, at->id_count});
  }
}

static void write_ties(writer *w, const ptl_flags *flags) {
  for (int i = 0; i < flags->count; i++) {
    write_tie(w, flags->items[i].tie, flags->items[i].is_set);
  }
}

/* What loops carry is set before them, and awaited after them: all at the kernel's ends, or at the
 * loop's where ids are short. `loop_end` < 0: at the kernel's. */
static void write_carried(writer *w, int loop_end, bool is_set) {
  for (int i = 0; i < w->t.count; i++) {
    const ptl_tie_ends *at = &w->t.ends[i];
    bool is_here = at->loop_end >= 0 && !w->t.ties[i].is_redundant && !at->is_merged &&
                   (at->is_local ? at->loop_end == loop_end : loop_end < 0);
    if (is_here) {
      write_each(w, i, is_set);
    }
  }
}

static void write_before(writer *w, int index) {
  const ptl_element *e = &w->t.list.elements[index];
  write_ties(w, &e->before);
  if (e->has_barrier) {
    write_barrier(w, e->pipe);
  }
  if (e->kind == PTL_ELEMENT_LOOP_BEGIN) {
    write_carried(w, e->end, true);
  }
  if (index == 0) {
    write_carried(w, -1, true);
  }
}

static void write_behind(writer *w, int index) {
  const ptl_element *e = &w->t.list.elements[index];
  if (e->kind == PTL_ELEMENT_LOOP_END) {
    write_carried(w, index, false);
  }
  write_ties(w, &e->behind);
  if (index == w->t.list.count - 1) {
    write_carried(w, -1, false);
    write_barrier(w, PTL_SYNC_PIPE_NONE);
  }
}

/* What has been written stands before this op. */
static void place(writer *w, const ptl_op *op, int written) {
  for (; w->told <= op->index; w->told++) {
    w->first[w->told] = written;
  }
}

static void write_block(writer *w, const ptl_block *block, int *placed);

static void write_op(writer *w, const ptl_op *op, int *placed) {
  bool has_element = w->next < w->t.list.count && w->t.list.elements[w->next].op == op;
  int begin = w->next;
  if (has_element) {
    write_before(w, begin);
    w->next++;
  }
  place(w, op, *placed);
  *placed = w->count;
  write_block(w, op->blocks[0], placed);
  w->next += op->blocks[1] && has_element; /* the else */
  write_block(w, op->blocks[1], placed);
  if (has_element) {
    int end = op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF ? w->next++ : begin;
    write_behind(w, end);
  }
}

/* An op on integers is no step: what stands before it stands before the next. */
static void write_block(writer *w, const ptl_block *block, int *placed) {
  for (int i = 0; block && i < block->op_count; i++) {
    if (!ptl_is_integer_op(&block->ops[i])) {
      write_op(w, &block->ops[i], placed);
    }
  }
}

const ptl_inserted *ptl_inserted_flags(ptl_arena *arena, const ptl_kernel *kernel,
                                       const ptl_target *target, const ptl_noted *noted) {
  writer w = {.t = {.by_bases = target->ptoas->ties == PTL_TIES_BASES, .list = {.has_gm = true}}};
  if (!ptl_sync_tie(&w.t, arena, kernel, target, noted)) {
    return NULL;
  }
  ptl_sync_give_ids(&w.t);
  w.first = ptl_arena_array(arena, (size_t)kernel->op_count + 2, sizeof(int));
  int placed = 0;
  write_block(&w, kernel->body, &placed);
  for (; w.told <= kernel->op_count + 1; w.told++) {
    w.first[w.told] = w.told <= kernel->op_count ? placed : w.count;
  }
  ptl_inserted *out = ptl_arena_alloc(arena, sizeof(*out));
  *out = (ptl_inserted){
      .flags = w.flags, .slots = w.slots, .first = w.first, .has_slots = w.has_slots};
  return out;
}
