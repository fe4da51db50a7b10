/* Runs the state over a trace, and tells what the flags do not order. */
#include <inttypes.h>
#include <string.h>

#include "flags/flags_state.h"

typedef struct runner {
  ptl_arena *arena; /* of the findings */
  ptl_arena scratch;
  const ptl_flag_trace *trace;
  ptl_flag_op flags[PTL_FLAG_MOST];
  int flag_count;
  ptl_flag_root every_root;
  const ptl_op *open_slot;
  ptl_flag_state *unused;
  ptl_flag_found found;
} runner;

/* ---- states ------------------------------------------------------------------------- */

static ptl_flag_state *take_state(runner *r) {
  ptl_flag_state *state = r->unused;
  if (state) {
    r->unused = state->next;
  } else {
    state = ptl_arena_alloc(&r->scratch, sizeof(*state));
    *state = (ptl_flag_state){0};
  }
  return state;
}

static ptl_flag_state *copy_state(runner *r, const ptl_flag_state *from) {
  ptl_flag_state *state = take_state(r);
  ptl_flag_state_copy(&r->scratch, state, from);
  return state;
}

static void give_state(runner *r, ptl_flag_state *state) {
  state->next = r->unused;
  r->unused = state;
}

static bool meet(runner *r, ptl_flag_state *state, const ptl_flag_state *other) {
  return ptl_flag_state_meet(&r->scratch, state, other);
}

/* ---- accesses ------------------------------------------------------------------------- */

/* Pipes that work through what they are given one after the other: transfers, the scalar unit, and
 * the vector pipe of some chips. */
static bool keeps_order(const runner *r, ptl_sync_pipe pipe) {
  return pipe == PTL_SYNC_PIPE_V ? r->trace->target->family->orders_vector_ops
                                 : pipe != PTL_SYNC_PIPE_M;
}

static bool is_same_long(const ptl_flag_bytes *a, const ptl_flag_bytes *b) {
  return a->is_long && b->is_long && ptl_range_equal(&a->range, &b->range);
}

/* Whether the op wrote these bytes, too. */
static bool wrote(const ptl_flag_state *state, const ptl_flag_access *old) {
  for (int i = 0; i < state->access_count; i++) {
    const ptl_flag_access *a = &state->accesses[i];
    if (a->bytes.is_write && a->op == old->op && is_same_long(&a->bytes, &old->bytes)) {
      return true;
    }
  }
  return false;
}

static bool reads(const ptl_flag_node *node, const ptl_flag_bytes *bytes) {
  for (int i = 0; i < node->byte_count; i++) {
    if (!node->bytes[i].is_write && is_same_long(&node->bytes[i], bytes)) {
      return true;
    }
  }
  return false;
}

/* Whether the op may begin before the other one on its pipe has ended: what a vector op wrote, the
 * next one may read, and change, repeat by repeat. */
static bool may_follow(const runner *r, const ptl_flag_state *state, const ptl_flag_access *old,
                       const ptl_flag_node *node, const ptl_flag_bytes *now) {
  return old->pipe == node->pipe &&
         (keeps_order(r, node->pipe) ||
          (is_same_long(&old->bytes, now) && wrote(state, old) && reads(node, now)));
}

/* Whether this is global memory that one pipe writes and another one touches, too. */
static bool is_shared(const runner *r, const ptl_flag_bytes *bytes) {
  const ptl_flag_root *any = &r->trace->roots[0], *own = &r->trace->roots[bytes->gm->root + 1];
  const ptl_flag_root *other = bytes->gm->root < 0 ? &r->every_root : own;
  unsigned writes = any->writes | other->writes, all = writes | any->reads | other->reads;
  return writes != 0 && (all & (all - 1)) != 0;
}

/* What two cores do in global memory: what one core does is proved by itself, and one number may be
 * stored twice. */
static bool is_of_one_core(const ptl_flag_access *old, const ptl_flag_node *node,
                           const ptl_flag_bytes *now) {
  bool is_same_number =
      old->bytes.is_write && now->is_write && now->stored >= 0 && old->bytes.stored == now->stored;
  bool is_slot = now->ring != 0 && old->bytes.value != now->value;
  return (ptl_flag_core(old->pipe) == ptl_flag_core(node->pipe) && !is_slot) || is_same_number;
}

static ptl_flag_meeting meeting(runner *r, const ptl_flag_access *old, const ptl_flag_bytes *now) {
  if (old->bytes.gm && now->gm) {
    return ptl_flag_gm_meeting(r->trace->exprs, old->bytes.gm, &old->moved, now->gm);
  }
  return ptl_flag_rings_share_slot(r->trace, old, now)         ? PTL_FLAG_MEETS
         : !ptl_ranges_overlap(&old->bytes.range, &now->range) ? PTL_FLAG_APART
         : old->bytes.is_doubtful || now->is_doubtful          ? PTL_FLAG_MAY_MEET
                                                               : PTL_FLAG_MEETS;
}

/* What pops are to the slots of others is left to both cores, if there are two. */
static bool leaves_slot(runner *r, const ptl_flag_access *old, const ptl_flag_node *node,
                        const ptl_flag_bytes *now) {
  bool leaves = !r->trace->woven && ptl_flag_rings_share_slot(r->trace, old, now);
  r->open_slot = leaves && !r->open_slot ? node->op : r->open_slot;
  return leaves;
}

static void check_access(runner *r, ptl_flag_state *state, const ptl_flag_node *node,
                         const ptl_flag_bytes *now) {
  for (int i = 0; i < state->access_count; i++) {
    ptl_flag_access *old = &state->accesses[i];
    if ((!old->bytes.is_write && !now->is_write) || ptl_flag_is_behind(old, (int)node->pipe) ||
        (r->trace->woven && is_of_one_core(old, node, now)) ||
        !ptl_flag_rings_ask(r->trace, old, now)) {
      continue;
    }
    ptl_flag_meeting how = meeting(r, old, now);
    if (how == PTL_FLAG_APART || may_follow(r, state, old, node, now) ||
        leaves_slot(r, old, node, now)) {
      continue;
    }
    bool may_be_let_on = now->ring != 0 ? old->was_let_on : node->may_be_let_on;
    if (how == PTL_FLAG_MEETS && !may_be_let_on) {
      ptl_flag_find_race(&r->found, node, now, old);
    } else {
      ptl_flag_find_doubt(&r->found, node, now, old);
    }
    ptl_flag_put_behind(old, (int)node->pipe, true);
  }
}

/* Whether what comes later asks for it. */
static bool is_kept(const runner *r, const ptl_flag_bytes *bytes) {
  return bytes->role != PTL_FLAG_ROLE_FREE &&
         (!bytes->gm || r->trace->woven || is_shared(r, bytes));
}

static void run_op(runner *r, ptl_flag_state *state, const ptl_flag_node *node) {
  for (int i = 0; i < node->byte_count; i++) {
    if (node->bytes[i].role == PTL_FLAG_ROLE_POPPED && node->bytes[i].ring != 0) {
      ptl_flag_rings_turn(r->trace, state, &node->bytes[i]);
    }
    check_access(r, state, node, &node->bytes[i]);
  }
  for (int i = 0; i < node->byte_count; i++) {
    if (is_kept(r, &node->bytes[i])) {
      const ptl_flag_access access = {.bytes = node->bytes[i], .pipe = node->pipe, .op = node->op};
      ptl_flag_state_note(&r->scratch, state, &access);
    }
  }
}

/* ---- flags ------------------------------------------------------------------------------ */

static bool is_same_flag(const ptl_flag_op *a, const ptl_flag_op *b) {
  return a->from == b->from && a->to == b->to && a->id == b->id;
}

/* The number of a flag; -1 if there are too many. */
static int number_of(runner *r, const ptl_flag_op *flag) {
  for (int i = 0; i < r->flag_count; i++) {
    if (is_same_flag(&r->flags[i], flag)) {
      return i;
    }
  }
  if (r->flag_count == PTL_FLAG_MOST) {
    return -1;
  }
  r->flags[r->flag_count] = *flag;
  return r->flag_count++;
}

/* What is told of a flag at a set or wait of it, once. */
static void find_flag(runner *r, const ptl_flag_state *state, const ptl_flag_node *node, int flag,
                      ptl_code code, const char *format) {
  bool is_told_elsewhere = r->trace->woven && node->kind == PTL_FLAG_NODE_FLAG;
  if (!is_told_elsewhere && !ptl_flag_is_found(&r->found, code, node->op, NULL)) {
    const char *text =
        node->kind == PTL_FLAG_NODE_CROSSING
            ? ptl_arena_printf(r->arena, "what the cores tell each other here%s", format)
            : ptl_arena_printf(r->arena, "the flag %s%s", ptl_flag_text(&r->found, &node->flag),
                               format);
    ptl_flag_find(&r->found, node, code, state->set_at[flag], text, NULL);
    ptl_flag_found *found = &r->found;
    found->items[found->count - 1].finding.is_unproved = code == PTL_CODE_NOT_FOLLOWED;
  }
}

static void run_set(runner *r, ptl_flag_state *state, const ptl_flag_node *node, int flag) {
  int count = state->counts[flag];
  if (count == PTL_FLAG_EITHER || count == PTL_FLAG_DEPTH) {
    find_flag(r, state, node, flag, PTL_CODE_NOT_FOLLOWED,
              count == PTL_FLAG_EITHER ? ", which is set here, may be up already, on some paths"
                                       : " is set again and again before anybody waits for it");
    return;
  }
  if (count > 0 && node->kind == PTL_FLAG_NODE_FLAG) {
    find_flag(r, state, node, flag, PTL_CODE_SECOND_SET,
              " is set again before a pipe has waited for it");
  }
  int column = ptl_flag_column(flag, count);
  int from = (int)(node->kind == PTL_FLAG_NODE_FLAG ? node->flag.from : node->pipe);
  for (int i = 0; i < state->access_count; i++) {
    ptl_flag_access *access = &state->accesses[i];
    ptl_flag_put_behind(access, column,
                        (int)access->pipe == from || ptl_flag_is_behind(access, from));
  }
  state->counts[flag] = count + 1;
  state->set_at[flag] = node->op;
}

static uint64_t pipes_of_core(int core) {
  return (((uint64_t)1 << PTL_SYNC_PIPE_COUNT) - 1) << (core * PTL_SYNC_PIPE_COUNT);
}

static uint64_t pipes_that_wait(const ptl_flag_node *node) {
  if (node->kind == PTL_FLAG_NODE_FLAG) {
    return (uint64_t)1 << (unsigned)node->flag.to;
  }
  return node->crossing.pipe == PTL_SYNC_PIPE_NONE ? pipes_of_core(ptl_flag_core(node->pipe))
                                                   : (uint64_t)1 << (unsigned)node->pipe;
}

/* The oldest set is met; those after it move up. */
static void meet_set(ptl_flag_state *state, int flag, uint64_t pipes) {
  for (int i = 0; i < state->access_count; i++) {
    ptl_flag_access *access = &state->accesses[i];
    if (ptl_flag_is_behind(access, ptl_flag_column(flag, 0))) {
      access->behind.words[0] |= pipes;
    }
    for (int set = 0; set < PTL_FLAG_DEPTH; set++) {
      bool next =
          set + 1 < PTL_FLAG_DEPTH && ptl_flag_is_behind(access, ptl_flag_column(flag, set + 1));
      ptl_flag_put_behind(access, ptl_flag_column(flag, set), next);
    }
  }
}

static void run_wait(runner *r, ptl_flag_state *state, const ptl_flag_node *node, int flag) {
  int count = state->counts[flag];
  if (count == PTL_FLAG_EITHER) {
    find_flag(r, state, node, flag, PTL_CODE_NOT_FOLLOWED,
              ", which this waits for, is set on some paths only");
    state->counts[flag] = 0;
    return;
  }
  if (count == 0) {
    find_flag(r, state, node, flag, PTL_CODE_WAIT_WITHOUT_SET,
              ", which this waits for, nothing has set: the kernel hangs");
    return;
  }
  meet_set(state, flag, pipes_that_wait(node));
  state->counts[flag] = count - 1;
}

/* The pipes of a core go on after all that one of them is behind. */
static void pass_on(ptl_flag_state *state, int core) {
  uint64_t pipes = pipes_of_core(core);
  for (int i = 0; i < state->access_count; i++) {
    ptl_flag_access *access = &state->accesses[i];
    if (ptl_flag_core(access->pipe) == core || (access->behind.words[0] & pipes) != 0) {
      access->behind.words[0] |= pipes;
    }
  }
}

static void run_barrier(const runner *r, ptl_flag_state *state, ptl_sync_pipe pipe, int core) {
  if (pipe == PTL_SYNC_PIPE_NONE && r->trace->woven) {
    pass_on(state, core);
    return;
  }
  if (pipe == PTL_SYNC_PIPE_NONE) {
    state->access_count = 0;
    return;
  }
  for (int i = 0; i < state->access_count; i++) {
    if (state->accesses[i].pipe == pipe) {
      ptl_flag_put_behind(&state->accesses[i], (int)pipe, true);
    }
  }
}

static void run_flag(runner *r, ptl_flag_state *state, const ptl_flag_node *node) {
  const ptl_flag_op *flag = &node->flag;
  if (flag->kind == PTL_FLAG_BARRIER) {
    run_barrier(r, state, flag->from, ptl_flag_core(node->pipe));
    return;
  }
  if (flag->id >= PTL_FLAG_IDS &&
      !ptl_flag_is_found(&r->found, PTL_CODE_EVENT_ID, node->op, NULL)) {
    ptl_flag_find(
        &r->found, node, PTL_CODE_EVENT_ID, NULL,
        ptl_arena_printf(r->arena,
                         "a pair of pipes has the event ids 0 to %d, and this one is %" PRId64,
                         PTL_FLAG_IDS - 1, flag->id),
        NULL);
  }
  int number = number_of(r, flag);
  if (number < 0) {
    ptl_flag_find(&r->found, node, PTL_CODE_NOT_FOLLOWED, NULL, "the function has too many flags",
                  NULL);
  } else if (flag->kind == PTL_FLAG_SET) {
    run_set(r, state, node, number);
  } else {
    run_wait(r, state, node, number);
  }
  ptl_flag_state_tidy(state, r->trace->pipes);
}

/* ---- what a core tells the other one ------------------------------------------------------- */

/* A push may have waited for a free slot, and so for what the other core had done. */
static void note_push(ptl_flag_state *state, int core) {
  for (int i = 0; i < state->access_count; i++) {
    ptl_flag_access *access = &state->accesses[i];
    access->was_let_on = access->was_let_on || ptl_flag_core(access->pipe) == core;
  }
}

static void run_crossing(runner *r, ptl_flag_state *state, const ptl_flag_node *node) {
  if (!r->trace->woven) {
    return;
  }
  if (node->crossing.kind == PTL_FLAG_MEETING) {
    state->access_count = 0;
    return;
  }
  int number = number_of(r, &node->flag);
  if (number < 0) {
    ptl_flag_find(&r->found, node, PTL_CODE_NOT_FOLLOWED, NULL, "the kernel has too many flags",
                  NULL);
  } else if (node->crossing.kind == PTL_FLAG_SIGNAL) {
    run_set(r, state, node, number);
    if (node->crossing.is_pipe) {
      note_push(state, ptl_flag_core(node->pipe));
    }
  } else {
    run_wait(r, state, node, number);
  }
  ptl_flag_state_tidy(state, r->trace->pipes);
}

/* ---- loops and branches --------------------------------------------------------------------- */

static void run_body(runner *r, ptl_flag_state *state, const ptl_flag_body *body);

static void run_branch(runner *r, ptl_flag_state *state, const ptl_flag_node *node) {
  ptl_flag_state *other = copy_state(r, state);
  run_body(r, state, node->bodies[0]);
  if (node->body_count > 1) {
    run_body(r, other, node->bodies[1]);
  }
  (void)meet(r, state, other);
  give_state(r, other);
}

/* Runs one round. `left` is what the loop is left with after any of its iterations. */
static void run_round(runner *r, ptl_flag_state *state, const ptl_flag_node *node, int first,
                      int end, ptl_flag_state *left) {
  for (int i = first; i < end; i++) {
    run_body(r, state, node->bodies[i]);
    (void)meet(r, left, state);
  }
}

/* The loop may have no iteration; after the first round as many others as change anything. */
static void run_loop(runner *r, ptl_flag_state *state, const ptl_flag_node *node) {
  int later = node->later > 0 ? node->later : node->body_count;
  ptl_flag_state *left = copy_state(r, state);
  run_round(r, state, node, 0, later, left);
  ptl_flag_state *head = copy_state(r, state);
  bool changes = later < node->body_count;
  while (changes) {
    ptl_flag_state_copy(&r->scratch, state, head);
    ptl_flag_state_move(state, &node->turn);
    run_round(r, state, node, later, node->body_count, left);
    changes = meet(r, head, state);
  }
  ptl_flag_state_copy(&r->scratch, state, left);
  give_state(r, left);
  give_state(r, head);
}

static void run_body(runner *r, ptl_flag_state *state, const ptl_flag_body *body) {
  for (int i = 0; i < body->count; i++) {
    const ptl_flag_node *node = &body->nodes[i];
    switch (node->kind) {
    case PTL_FLAG_NODE_OP:
      run_op(r, state, node);
      break;
    case PTL_FLAG_NODE_FLAG:
      run_flag(r, state, node);
      break;
    case PTL_FLAG_NODE_CROSSING:
      run_crossing(r, state, node);
      break;
    case PTL_FLAG_NODE_LOOP:
      run_loop(r, state, node);
      break;
    case PTL_FLAG_NODE_BRANCH:
      run_branch(r, state, node);
      break;
    }
  }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void check_end(runner *r, const ptl_flag_state *state) {
  for (int i = 0; i < r->flag_count; i++) {
    if (state->counts[i] != 0) {
      const ptl_flag_node at = {.op = state->set_at[i], .step = -1};
      ptl_flag_find(
          &r->found, &at, PTL_CODE_SET_WITHOUT_WAIT, NULL,
          ptl_arena_printf(r->arena,
                           "nothing waits for the flag %s that this sets%s: the next kernel "
                           "finds it set",
                           ptl_flag_text(&r->found, &r->flags[i]),
                           state->counts[i] == PTL_FLAG_EITHER ? ", on some paths" : ""),
          NULL);
    }
  }
}

ptl_flag_findings ptl_flags_check(ptl_flag_trace *trace) {
  runner r = {.arena = trace->arena, .trace = trace, .found = {.trace = trace}};
  if (trace->unknown) {
    const ptl_flag_node at = {.op = trace->unknown, .step = -1};
    ptl_flag_find(&r.found, &at, PTL_CODE_NOT_FOLLOWED, NULL,
                  ptl_arena_printf(r.arena, "its flags cannot be followed: %s", trace->unknown_why),
                  NULL);
    return ptl_flag_findings_of(&r.found);
  }
  ptl_arena_init(&r.scratch);
  for (int i = 0; i <= trace->kernel->value_count; i++) {
    r.every_root.reads |= trace->roots[i].reads;
    r.every_root.writes |= trace->roots[i].writes;
  }
  ptl_flag_state *state = take_state(&r);
  run_body(&r, state, trace->body);
  check_end(&r, state);
  trace->open_slot = r.open_slot;
  ptl_arena_free(&r.scratch);
  if (r.found.count > 0) {
    ptl_flag_seek_evidence(&r.found);
  }
  return ptl_flag_findings_of(&r.found);
}

ptl_flag_findings ptl_flags_check_woven(const ptl_flag_trace *trace) {
  runner r = {.arena = trace->arena, .trace = trace, .found = {.trace = trace}};
  ptl_arena_init(&r.scratch);
  run_body(&r, take_state(&r), trace->body);
  ptl_arena_free(&r.scratch);
  return ptl_flag_findings_of(&r.found);
}
