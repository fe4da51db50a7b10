/* What ptoas' synchronisation cannot do for a kernel's loops (sync.h has what it does). */
#include "check/check_parts.h"

#include <inttypes.h>

#include "sync/sync.h"

typedef struct sync_check {
  ptl_arena *arena;
  const ptl_ptoas *ptoas;
  ptl_ties ties;
  int64_t ids;
  ptl_finding_listener listener;
  void *user;
} sync_check;

/* What a loop, and those around it, carry between two pipes. */
typedef struct demand {
  int64_t ids, ties;
  int most_slots;
} demand;

static bool holds(const ptl_block *block, const ptl_op *op) {
  for (int i = 0; block && i < block->op_count; i++) {
    if (&block->ops[i] == op || holds(block->ops[i].blocks[0], op) ||
        holds(block->ops[i].blocks[1], op)) {
      return true;
    }
  }
  return false;
}

/* Whether a tie has ids while the loop runs. Of plain tiles in branches ptoas often ties several at
 * once: they are not counted. */
static bool is_carried(const ptl_tie *tie, const ptl_op *loop) {
  bool is_plain_in_branch = tie->is_conditional && tie->ids == 1;
  return tie->loop && !tie->is_redundant && !is_plain_in_branch &&
         (tie->loop == loop || holds(tie->loop->blocks[0], loop));
}

static void add_tie(demand *sum, const ptl_tie *tie, int slots) {
  sum->ties++;
  sum->ids += tie->ids < slots ? tie->ids : slots;
  sum->most_slots = tie->ids > sum->most_slots ? tie->ids : sum->most_slots;
}

/* With no more than `slots` ids to a tie. */
static demand demand_of(const sync_check *c, const ptl_op *loop, ptl_sync_pipe from,
                        ptl_sync_pipe to, int slots) {
  demand sum = {0};
  for (int i = 0; i < c->ties.count; i++) {
    const ptl_tie *tie = &c->ties.items[i];
    if (tie->from_pipe == from && tie->to_pipe == to && is_carried(tie, loop)) {
      add_tie(&sum, tie, slots);
    }
  }
  return sum;
}

/* "2 slots need 6": as many as there are ids for. */
static const char *remedy(const sync_check *c, const ptl_op *loop, ptl_sync_pipe from,
                          ptl_sync_pipe to, int slots) {
  for (int fewer = slots - 1; fewer > 1; fewer--) {
    demand needed = demand_of(c, loop, from, to, fewer);
    if (needed.ids <= c->ids) {
      return ptl_arena_printf(c->arena, "; %d slots need %" PRId64, fewer, needed.ids);
    }
  }
  return "; fewer tiles need fewer";
}

static void tell_demand(const sync_check *c, const ptl_op *loop, ptl_sync_pipe from,
                        ptl_sync_pipe to, demand needed) {
  const char *text = ptl_arena_printf(
      c->arena,
      "the loop carries %" PRId64 " dependences from %s to %s%s: it needs %" PRId64
      " event ids, of which there are %" PRId64 "%s; what is left ptoas ties with %sbarriers",
      needed.ties, ptl_sync_pipe_name(from), ptl_sync_pipe_name(to),
      needed.most_slots > 1 ? ", slot by slot" : "", needed.ids, c->ids,
      remedy(c, loop, from, to, needed.most_slots),
      needed.most_slots > 1 ? "one id for all slots, or with " : "");
  c->listener(c->user, (ptl_finding){.fault = PTL_CODE_SLOT_EVENT_IDS, .op = loop, .text = text});
}

static bool is_of_cube(ptl_sync_pipe pipe) {
  return pipe == PTL_SYNC_PIPE_MTE1 || pipe == PTL_SYNC_PIPE_M || pipe == PTL_SYNC_PIPE_FIX;
}

/* Mat tiles without slots are another rule's (check.c), which knows of ptoas 0.27. */
static bool is_asked(ptl_sync_pipe from, ptl_sync_pipe to, demand needed) {
  return (!is_of_cube(from) && !is_of_cube(to)) || needed.most_slots > 1;
}

/* Whether a tie can be such that something is said of it: of slots, or between pipes of which none
 * is the cube's. */
static bool is_any_asked(const ptl_sync_ends *ends) {
  int others = 0;
  for (ptl_sync_pipe pipe = 0; pipe < PTL_SYNC_PIPE_COUNT; pipe++) {
    others += ends->has_pipe[pipe] && !is_of_cube(pipe);
  }
  return ends->has_slots || others > 1;
}

static void check_loop(const sync_check *c, const ptl_op *loop) {
  demand needed[PTL_SYNC_PIPE_COUNT][PTL_SYNC_PIPE_COUNT] = {{{0}}};
  for (int i = 0; i < c->ties.count; i++) {
    const ptl_tie *tie = &c->ties.items[i];
    if (is_carried(tie, loop)) {
      add_tie(&needed[tie->from_pipe][tie->to_pipe], tie, PTL_MAX_SLOTS);
    }
  }
  for (ptl_sync_pipe from = 0; from < PTL_SYNC_PIPE_COUNT; from++) {
    for (ptl_sync_pipe to = 0; to < PTL_SYNC_PIPE_COUNT; to++) {
      demand of = needed[from][to];
      if (from != to && of.ids > c->ids && is_asked(from, to, of)) {
        tell_demand(c, loop, from, to, of);
      }
    }
  }
}

static void check_loops(const sync_check *c, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      check_loop(c, op);
    }
    check_loops(c, op->blocks[0]);
    check_loops(c, op->blocks[1]);
  }
}

static void check_look_ahead(const sync_check *c) {
  const char *text = ptl_arena_printf(
      c->arena,
      "this fills a slot that a later iteration of the loop reads; ptoas up to %s lets that "
      "iteration read it too early (0.48: without addresses only)",
      ptl_ptoas_fault_of(PTL_PTOAS_MISSES_SLOTS)->last);
  bool is_faulty = ptl_ptoas_has(c->ptoas, PTL_PTOAS_MISSES_SLOTS);
  for (int i = 0; is_faulty && i < c->ties.count; i++) {
    const ptl_tie *tie = &c->ties.items[i];
    if (tie->is_look_ahead && !tie->is_redundant) {
      c->listener(c->user, (ptl_finding){.fault = PTL_CODE_LOOK_AHEAD_SLOT,
                                         .op = tie->from,
                                         .other = tie->to,
                                         .text = text});
    }
  }
}

/* Whether a later tie says the same of the multi tile in this loop. */
static bool is_said_later(const sync_check *c, int index) {
  const ptl_tie *tie = &c->ties.items[index];
  for (int i = index + 1; i < c->ties.count; i++) {
    const ptl_tie *later = &c->ties.items[i];
    if (later->has_other_slot && later->slots_of == tie->slots_of && later->loop == tie->loop) {
      return true;
    }
  }
  return false;
}

/* Told once of a multi tile and a loop, at the last op that is tied. */
static void check_second_slot(const sync_check *c) {
  const char *text = ptl_arena_printf(
      c->arena,
      "this fills a slot of a multi tile of which each iteration takes more than one; ptoas up to "
      "%s lets only one of them wait for the iteration before (0.48: without addresses only)",
      ptl_ptoas_fault_of(PTL_PTOAS_MISSES_SECOND_SLOT)->last);
  bool is_faulty = ptl_ptoas_has(c->ptoas, PTL_PTOAS_MISSES_SECOND_SLOT);
  for (int i = 0; is_faulty && i < c->ties.count; i++) {
    const ptl_tie *tie = &c->ties.items[i];
    if (tie->has_other_slot && !is_said_later(c, i)) {
      c->listener(c->user, (ptl_finding){.fault = PTL_CODE_SECOND_SLOT,
                                         .op = tie->to,
                                         .other = tie->from,
                                         .text = text});
    }
  }
}

void ptl_check_sync(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                    const ptl_noted *noted, ptl_finding_listener listener, void *user) {
  ptl_arena scratch;
  ptl_arena_init(&scratch);
  ptl_sync_ends ends = ptl_sync_ends_of(&scratch, kernel, target, noted);
  if (is_any_asked(&ends)) {
    sync_check c = {.arena = arena,
                    .ptoas = target->ptoas,
                    .ties = ptl_ties_of(&scratch, kernel, target, noted),
                    .ids = target->event_ids_per_pipe_pair,
                    .listener = listener,
                    .user = user};
    check_look_ahead(&c);
    check_second_slot(&c);
    check_loops(&c, kernel->body);
  }
  ptl_arena_free(&scratch);
}
