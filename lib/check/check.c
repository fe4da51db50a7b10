/* Runs the walk over a kernel and turns its events into findings; adds what needs the whole
 * kernel: tiles that overlap in part, and loops that carry too many tiles for their event ids. */
#include "check/check.h"

#include <inttypes.h>
#include <string.h>

#include "check/check_parts.h"
#include "flags/written.h"
#include "kernel/describe.h"
#include "rules/rules.h"
#include "walk/bounds.h"
#include "walk/evidence.h"

typedef struct checker {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  ptl_pipe_record *record;
  ptl_walk_listener listener; /* who else hears the walk; may be NULL */
  void *user;
  bool only_faults;
  ptl_flag_trace *trace; /* NULL: ptoas puts the flags in */
  bool has_flags_beside; /* those that it has put in, and where it has placed tiles */
  const char *no_flags;  /* why those that it has put in are not known; NULL: nobody asks */
  ptl_exprs *exprs;
  ptl_findings found;
  int capacity;
  ptl_noted noted;
  const ptl_walk *walk; /* while it runs */
  int *place_of_value;  /* of an alloc_tile's result: its last place; -1: none */
} checker;

static void add(checker *c, ptl_code fault, const ptl_op *op, const ptl_op *other,
                const char *text) {
  for (int i = 0; i < c->found.count; i++) {
    if (c->found.items[i].op == op && c->found.items[i].fault == fault) {
      return;
    }
  }
  c->found.items =
      ptl_arena_more(c->arena, c->found.items, c->found.count, &c->capacity, sizeof(ptl_finding));
  c->found.items[c->found.count++] =
      (ptl_finding){.fault = fault,
                    .op = op,
                    .other = other,
                    .text = text,
                    .evidence = c->walk ? ptl_evidence_text(c->walk, op) : NULL};
}

static void check_sink(checker *c, const ptl_event *event) {
  if (!event->content || event->content->holds != PTL_HOLDS_SUM) {
    return;
  }
  ptl_wholeness wholeness = ptl_sum_wholeness(c->exprs, event->content->sum);
  if (wholeness == PTL_SUM_NOT_KNOWN) {
    add(c, PTL_CODE_NOT_FOLLOWED, event->op, event->content->writer,
        "it is not known whether the K chunks of the product that leaves here "
        "follow each other");
  } else if (wholeness == PTL_SUM_BROKEN) {
    add(c, PTL_CODE_MIXED_SUM, event->op, event->content->writer,
        "the K chunks of the product that leaves here overlap, leave a gap, or "
        "(floats) are not in ascending order");
  }
}

static void check_known_wrong(checker *c, const ptl_event *event) {
  int64_t least_rows = c->target->family->least_wrong_i8_rows;
  if (least_rows > 0 && event->elem == PTL_ELEM_I8 && event->m >= least_rows) {
    add(c, PTL_CODE_KNOWN_WRONG, event->op, NULL,
        ptl_arena_printf(c->arena,
                         "i8 products of %" PRId64 " rows and more have given wrong "
                         "results on a5 (here %" PRId64 "; pto-isa issue 214, "
                         "its cause is open); 64 rows at a time were right",
                         least_rows, event->m));
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  checker *c = user;
  c->walk = walk;
  if (c->record) {
    ptl_pipe_record_event(c->record, walk, event);
  }
  if (c->trace) {
    ptl_flag_trace_event(c->trace, walk, event);
  }
  if (c->listener) {
    c->listener(c->user, walk, event);
  }
  if (event->kind == PTL_EVENT_FAULT) {
    add(c, event->fault, event->op, event->other, event->text);
  } else if (event->kind == PTL_EVENT_SINK) {
    check_sink(c, event);
  } else if (event->kind == PTL_EVENT_ASSUMPTION && !c->only_faults) {
    ptl_assume(c->arena, &c->found.assumptions, PTL_ASSUMES_BOUND,
               ptl_assumption_text(walk, event));
  } else if (event->kind == PTL_EVENT_MATMUL) {
    check_known_wrong(c, event);
  }
}

/* Faults of the walk that say what a rule says, in words of their own. */
static bool is_told(const checker *c, const ptl_op *op) {
  for (int i = 0; i < c->found.count; i++) {
    ptl_code fault = c->found.items[i].fault;
    if (c->found.items[i].op == op &&
        (fault == PTL_CODE_SHAPE_MISMATCH || fault == PTL_CODE_ELEMENT_TYPES ||
         fault == PTL_CODE_NO_PATH || fault == PTL_CODE_OUTSIDE_OF_BUFFER ||
         fault == PTL_CODE_MISALIGNED)) {
      return true;
    }
  }
  return false;
}

static void on_rule(void *user, const ptl_op *op, const ptl_op *other, const char *text) {
  checker *c = user;
  if (!is_told(c, op)) {
    add(c, PTL_CODE_PTOAS_VERIFIER, op, other, text);
  }
}

static void on_finding(void *user, ptl_finding finding) {
  add(user, finding.fault, finding.op, finding.other, finding.text);
}

/* ---- what automatic synchronisation cannot handle ----------------------- */

static const char *place_text(const checker *c, const ptl_place *place) {
  return ptl_tile_text(c->arena, c->kernel, place->alloc->first_result, place->range.begin_bytes);
}

static void check_pair(checker *c, const ptl_place *a, const ptl_place *b) {
  if (a->range.space != b->range.space || a->range.buffer != b->range.buffer ||
      a->range.begin_bytes == b->range.begin_bytes || a->range.begin_bytes >= b->range.end_bytes ||
      b->range.begin_bytes >= a->range.end_bytes) {
    return;
  }
  add(c, PTL_CODE_PARTIAL_OVERLAP, a->alloc, b->alloc,
      ptl_arena_printf(c->arena,
                       "the %s and the %s overlap in part; ptoas up to %s "
                       "orders only tiles of one base address, so that a write "
                       "to one may overtake a read of the other "
                       "(an error there; 0.60 orders them)",
                       place_text(c, a), place_text(c, b),
                       ptl_ptoas_fault_of(PTL_PTOAS_MISSES_OVERLAPS)->last));
}

static void check_partial_overlap(checker *c) {
  if (c->target->ptoas->ties == PTL_TIES_RANGES) {
    return;
  }
  for (int i = 0; i < c->noted.place_count; i++) {
    for (int j = 0; j < i; j++) {
      check_pair(c, &c->noted.places[i], &c->noted.places[j]);
    }
  }
}

/* A Mat tile that a loop loads, and in how many branches it is read: a reader in
 * each branch of an scf.if ties up event ids of its own. */
typedef struct carried {
  int64_t address;
  const ptl_block **branches; /* NULL: outside of any scf.if of the loop */
  int branch_count, branch_capacity;
} carried;

typedef struct carried_set {
  ptl_arena *arena;
  carried *items;
  int count, capacity;
} carried_set;

/* Where the Mat tile of a value begins; false if it has several places, or none that is known. */
static bool mat_address(const checker *c, int value, int64_t *out) {
  int place = c->place_of_value[value];
  if (place < 0 || c->noted.places[place].previous >= 0 ||
      c->noted.places[place].range.space != PTL_SPACE_MAT ||
      c->noted.places[place].range.buffer != 0) {
    return false;
  }
  *out = c->noted.places[place].range.begin_bytes;
  return true;
}

static carried *find_carried(carried_set *set, int64_t address) {
  for (int i = 0; i < set->count; i++) {
    if (set->items[i].address == address) {
      return &set->items[i];
    }
  }
  return NULL;
}

static void add_branch(ptl_arena *arena, carried *tile, const ptl_block *branch) {
  for (int i = 0; i < tile->branch_count; i++) {
    if (tile->branches[i] == branch) {
      return;
    }
  }
  tile->branches = ptl_arena_more(arena, tile->branches, tile->branch_count, &tile->branch_capacity,
                                  sizeof(*tile->branches));
  tile->branches[tile->branch_count++] = branch;
}

static void collect_loaded(checker *c, const ptl_block *block, carried_set *set) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    int64_t address;
    if (op->kind == PTL_OP_LOAD && mat_address(c, op->operands[1], &address) &&
        !find_carried(set, address)) {
      set->items =
          ptl_arena_more(set->arena, set->items, set->count, &set->capacity, sizeof(carried));
      set->items[set->count++] = (carried){.address = address};
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        collect_loaded(c, op->blocks[j], set);
      }
    }
  }
}

static void collect_readers(checker *c, const ptl_block *block, const ptl_block *branch,
                            carried_set *set) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    int64_t address;
    if ((op->kind == PTL_OP_EXTRACT || op->kind == PTL_OP_MOVE) &&
        mat_address(c, op->operands[0], &address)) {
      carried *tile = find_carried(set, address);
      if (tile) {
        add_branch(set->arena, tile, branch);
      }
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        collect_readers(c, op->blocks[j], op->kind == PTL_OP_IF ? op->blocks[j] : branch, set);
      }
    }
  }
}

/* Dependences that a loop carries between MTE2 and MTE1: each ties up event ids. */
static void check_loop(checker *c, const ptl_op *loop) {
  carried_set set = {.arena = c->arena};
  collect_loaded(c, loop->blocks[0], &set);
  collect_readers(c, loop->blocks[0], NULL, &set);
  int pairs = 0;
  for (int i = 0; i < set.count; i++) {
    pairs += set.items[i].branch_count > 1 ? set.items[i].branch_count : 1;
  }
  int64_t limit = ptl_target_max_carried(c->target);
  if (pairs > limit) {
    add(c, PTL_CODE_EVENT_IDS, loop, NULL,
        ptl_arena_printf(c->arena,
                         "the loop carries %d Mat tiles from iteration to iteration, "
                         "with %d readers in different branches; ptoas has event "
                         "ids for %" PRId64,
                         set.count, pairs, limit));
  }
}

static void check_carried(checker *c, const ptl_block *block) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      check_loop(c, op);
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        check_carried(c, op->blocks[j]);
      }
    }
  }
}

static bool walk_in_mode(checker *c, ptl_walk_mode mode) {
  c->found = (ptl_findings){0};
  c->capacity = 0;
  c->exprs = ptl_arena_alloc(c->arena, sizeof(*c->exprs));
  ptl_exprs_init(c->exprs, c->arena);
  if (c->record) {
    ptl_pipe_record_begin(c->record, c->exprs);
  }
  if (c->trace) {
    ptl_flag_trace_begin(c->trace, mode);
  }
  ptl_status status =
      ptl_walk_run_noting(c->arena, c->kernel, c->target, mode, c->exprs, listen, c, &c->noted);
  c->walk = NULL;
  return status == PTL_OK;
}

static void index_places(checker *c) {
  size_t count = (size_t)c->kernel->value_count + 1;
  c->place_of_value = ptl_arena_array(c->arena, count, sizeof(int));
  memset(c->place_of_value, 0xff, count * sizeof(int));
  for (int i = 0; i < c->noted.place_count; i++) {
    c->place_of_value[c->noted.places[i].alloc->first_result] = i;
  }
}

/* Whether its flags are known, or ought to be; it may have flags between the cores alone. */
static bool is_asked(const checker *c) {
  return (c->trace && ptl_flag_trace_is_asked(c->trace)) || c->no_flags;
}

/* Flags of its own are all that a kernel has: ptoas adds none. */
static void begin_flags(checker *c, ptl_str written) {
  c->trace = ptl_flag_trace_new(c->arena, c->kernel, c->target, NULL, c->record != NULL);
  if (is_asked(c) || !written.data || !c->kernel->has_tiles) {
    return;
  }
  const ptl_flags_beside *beside =
      ptl_flags_written(c->arena, written, c->kernel, c->target, &c->no_flags);
  if (beside) {
    c->has_flags_beside = true;
    c->trace = ptl_flag_trace_new(c->arena, c->kernel, c->target, beside, false);
  }
}

static void know_flags(checker *c, ptl_flags_verdict verdict, const ptl_op *op, const char *text) {
  if (verdict > c->found.flags.verdict) {
    c->found.flags = (ptl_flags_known){verdict, op, text};
  }
}

static void give_flags_up(checker *c, const char *why) {
  const ptl_op *op = &c->kernel->body->ops[0];
  add(c, PTL_CODE_NOT_FOLLOWED, op, NULL, why);
  know_flags(c, PTL_FLAGS_NOT_FOLLOWED, op, why);
}

static ptl_flags_verdict verdict_of(const ptl_flag_finding *finding) {
  if (finding->fault == PTL_CODE_NOT_FOLLOWED) {
    return finding->is_unproved ? PTL_FLAGS_UNPROVED : PTL_FLAGS_NOT_FOLLOWED;
  }
  return ptl_grade_severity(ptl_diag_row_of(finding->fault)->grade) == PTL_ERROR ? PTL_FLAGS_WRONG
                                                                                 : PTL_FLAGS_PROVED;
}

/* What the kernel's flags do not order. */
static void check_flags(checker *c) {
  if (c->no_flags) {
    give_flags_up(c, ptl_arena_printf(c->arena, "its flags are not known: %s", c->no_flags));
    return;
  }
  if (c->kernel->has_tiles && !c->kernel->has_addresses && !c->has_flags_beside) {
    give_flags_up(c, "it is ptoas that places its tiles, so that flags are compared only where one "
                     "tile is named");
  }
  ptl_flag_findings flags = ptl_flags_check(c->trace);
  know_flags(c, PTL_FLAGS_PROVED, NULL, NULL);
  for (int i = 0; i < flags.count; i++) {
    const ptl_flag_finding *f = &flags.items[i];
    int before = c->found.count;
    add(c, f->fault, f->op, f->other, f->text);
    know_flags(c, verdict_of(f), f->op, f->text);
    if (c->found.count > before) {
      c->found.items[before].note = f->note;
      c->found.items[before].evidence = f->evidence;
    }
  }
}

/* Runs the kernel; if that takes too many steps, walks its loops by cases. */
static void walk_kernel(checker *c) {
  bool is_long = !walk_in_mode(c, PTL_WALK_RUN);
  c->listener = NULL;
  bool is_cut_short = is_long && !walk_in_mode(c, PTL_WALK_LONG);
  c->found.is_long = is_long;
  c->found.is_cut_short = is_cut_short;
}

/* What automatic synchronisation makes of the kernel. */
static void check_inserted(checker *c) {
  ptl_check_sync(c->arena, c->kernel, c->target, &c->noted, on_finding, c);
  index_places(c);
  check_partial_overlap(c);
  check_carried(c, c->kernel->body);
}

static void tell_cut_short(checker *c) {
  if (is_asked(c)) {
    know_flags(c, PTL_FLAGS_NOT_FOLLOWED, &c->kernel->body->ops[0],
               "it takes more steps than are walked");
  }
}

static void check_all(checker *c) {
  walk_kernel(c);
  if (!c->only_faults) {
    ptl_assume_of_walk(c->arena, &c->found.assumptions, c->kernel, c->exprs);
  }
  ptl_rules_check(c->arena, c->kernel, c->target, &c->noted, on_rule, c);
  ptl_check_sizes(c->arena, c->kernel, c->target, on_finding, c);
  ptl_check_lives(c->arena, c->kernel, c->target, &c->noted, on_finding, c);
  if (c->found.is_cut_short) {
    tell_cut_short(c);
    return;
  }
  c->found.trace = c->trace;
  if (is_asked(c)) {
    check_flags(c);
  } else {
    check_inserted(c);
  }
}

ptl_findings ptl_check_recorded(ptl_arena *arena, const ptl_kernel *kernel,
                                const ptl_target *target, ptl_noted *noted, ptl_pipe_record *record,
                                ptl_str written) {
  checker c = {.arena = arena, .kernel = kernel, .target = target, .record = record};
  begin_flags(&c, written);
  check_all(&c);
  *noted = c.noted;
  return c.found;
}

ptl_findings ptl_check_kernel(ptl_arena *arena, const ptl_kernel *kernel,
                              const ptl_target *target) {
  return ptl_check_heard(arena, kernel, target, NULL, NULL);
}

ptl_findings ptl_check_heard(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                             ptl_walk_listener listener, void *user) {
  checker c = {.arena = arena,
               .kernel = kernel,
               .target = target,
               .listener = listener,
               .user = user,
               .only_faults = true};
  begin_flags(&c, (ptl_str){NULL, 0});
  check_all(&c);
  return c.found;
}
