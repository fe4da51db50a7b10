/* Tiles without addresses (level2): each buffer has a place of its own, and what must be there at
 * the same time is reckoned, which no planner can do with less than. */
#include "machine_state.h"

#include <stdlib.h>

int64_t mut_place_buffer(mut_machine *m, const mut_op *op, mut_space space, int64_t bytes) {
  m->memory.outside += bytes > mut_capacity(m->is_a5, space);
  if (m->fixed[op->number] < 0) {
    m->fixed[op->number] = m->next_free[space];
    m->next_free[space] += padded(bytes, 512);
    m->lives[op->number] = (buffer_life){bytes, space, -1, -1};
  }
  return m->fixed[op->number];
}

static void add_event(mut_machine *m, int64_t when, const buffer_life *life, int64_t bytes) {
  if (m->event_count == m->event_capacity) {
    m->event_capacity = m->event_capacity ? m->event_capacity * 2 : 1024;
    m->events = realloc(m->events, (size_t)m->event_capacity * sizeof(event));
    if (!m->events) {
      abort();
    }
  }
  m->events[m->event_count++] = (event){when, bytes, life->space};
}

/* What was written is needed until it is read for the last time. */
static void end_life(mut_machine *m, buffer_life *life) {
  if (life->written >= 0 && life->read > life->written) {
    add_event(m, life->written, life, life->bytes);
    add_event(m, life->read, life, -life->bytes);
  }
  life->written = life->read = -1;
}

/* Operands that are read, then those that are written. */
void mut_follow_lives(mut_machine *m, const mut_op *op) {
  for (int pass = 0; pass < 2 && m->memory.is_unplanned; pass++) {
    for (int i = 0; i < op->operand_count; i++) {
      if (kind_of(m, op, i) != MUT_TILE || op->operands[i].is_out != (pass == 1)) {
        continue;
      }
      const tile *t = &m->values[op->operands[i].value].tile;
      buffer_life *life = t->buffer >= 0 ? &m->lives[t->buffer] : NULL;
      if (life && pass == 1) {
        end_life(m, life);
        life->written = m->steps * 2 + 1;
      } else if (life) {
        life->read = m->steps * 2;
      }
    }
  }
}

static int by_time(const void *a, const void *b) {
  const event *x = a, *y = b;
  if (x->when != y->when) {
    return x->when < y->when ? -1 : 1;
  }
  return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* More bytes that are needed at one time than there are count as outside. */
void mut_judge_room(mut_machine *m) {
  int64_t live[MUT_SPACES] = {0};
  for (int i = 0; i < m->func->op_count; i++) {
    end_life(m, &m->lives[i]);
  }
  if (m->event_count) {
    qsort(m->events, (size_t)m->event_count, sizeof(event), by_time);
  }
  for (int i = 0; i < m->event_count; i++) {
    const event *e = &m->events[i];
    live[e->space] += e->bytes;
    m->memory.outside += live[e->space] > mut_capacity(m->is_a5, e->space);
  }
}
