/* Gives the flags in the C++ of a kernel their places beside the kernel's ops. */
#include "flags/written.h"

#include "flags/flags_state.h"
#include "flags/written_lines.h"

typedef struct matcher {
  ptl_arena *arena;
  const ptl_flag_trace *trace; /* for the pipes of ops */
  ptl_written_list list;
  int next;                      /* item */
  bool is_used[PTL_OP_ID_COUNT]; /* ops that work on a pipe somewhere in the kernel */
  ptl_flag_op *flags;
  int *ids; /* of the flags: variables */
  int flag_count, flag_capacity, id_capacity;
  const int **addresses; /* by op */
  bool *is_popped;       /* by value: a tile from a pipe, which ptoas does not place */
  int placed;
  int *first; /* of the flags before each op */
  int told;   /* ops whose `first` is set */
  const char *why;
} matcher;

static void fail(matcher *m, const char *why) { m->why = m->why ? m->why : why; }

/* ---- names --------------------------------------------------------------------------- */

static bool works(const matcher *m, const ptl_op *op) {
  const char *why;
  return ptl_flag_pipe(m->trace, op, &why) != PTL_SYNC_PIPE_NONE || why;
}

static void note_used(matcher *m, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    m->is_used[op->id] = m->is_used[op->id] || works(m, op);
    if (ptl_row(op)->act == PTL_PIPE_POP && op->result_count == 1) {
      m->is_popped[op->first_result] = true;
    }
    note_used(m, op->blocks[0]);
    note_used(m, op->blocks[1]);
  }
}

/* Both ends of a pipe between the cores have one name in C++. */
static ptl_str name_of(ptl_op_id id) {
  switch (ptl_op_table[id].act) {
  case PTL_PIPE_PUSH:
    return ptl_str_of("tpush");
  case PTL_PIPE_POP:
    return ptl_str_of("tpop");
  default:
    return ptl_op_short_name(ptl_str_of(ptl_op_table[id].name));
  }
}

/* Whether `written` is the name in capitals, with `_` for dots. */
static bool is_name(ptl_str written, ptl_str name) {
  bool same = written.length == name.length;
  for (size_t i = 0; same && i < name.length; i++) {
    char c = name.data[i] >= 'a' && name.data[i] <= 'z' ? (char)(name.data[i] - 'a' + 'A')
             : name.data[i] == '.'                      ? '_'
                                                        : name.data[i];
    same = written.data[i] == c;
  }
  return same;
}

/* Whether an instruction moves data or computes: it has to be one of the kernel's ops. TASSIGN
 * gives a tile its address. */
static bool is_of_interest(const matcher *m, ptl_str written) {
  for (int id = 0; id < PTL_OP_ID_COUNT; id++) {
    const ptl_op_row *row = &ptl_op_table[id];
    bool acts = (row->effect == PTL_EFFECT_MOVES && id != PTL_PTO_TASSIGN) ||
                row->act == PTL_PIPE_PUSH || row->act == PTL_PIPE_POP || m->is_used[id];
    if (acts && row->operands != PTL_OPERANDS_NAMED && row->name &&
        is_name(written, name_of((ptl_op_id)id))) {
      return true;
    }
  }
  return false;
}

/* ---- places --------------------------------------------------------------------------- */

/* Takes the flags that come next, and instructions of no interest. */
static void take_flags(matcher *m) {
  for (; m->next < m->list.count && !m->why; m->next++) {
    const ptl_written *item = &m->list.items[m->next];
    if (item->kind == PTL_WRITTEN_FLAG) {
      m->flags =
          ptl_arena_more(m->arena, m->flags, m->flag_count, &m->flag_capacity, sizeof(*m->flags));
      m->ids = ptl_arena_more(m->arena, m->ids, m->flag_count, &m->id_capacity, sizeof(*m->ids));
      m->ids[m->flag_count] = item->variable;
      m->flags[m->flag_count++] = item->flag;
      if (item->flag.kind != PTL_FLAG_BARRIER && item->flag.id < 0 && item->variable == 0) {
        fail(m, "an event id is not understood");
      }
    } else if (item->kind != PTL_WRITTEN_OP || is_of_interest(m, item->name)) {
      return;
    }
  }
}

/* The flags taken so far, and not yet placed, stand before this op. */
static void place(matcher *m, const ptl_op *op) {
  for (; m->told <= op->index; m->told++) {
    m->first[m->told] = m->placed;
  }
  m->placed = m->flag_count;
}

static bool take(matcher *m, ptl_written_kind kind) {
  bool is_there = m->next < m->list.count && m->list.items[m->next].kind == kind;
  m->next += is_there;
  return is_there;
}

static bool works_inside(const matcher *m, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (works(m, op) || works_inside(m, op->blocks[0]) || works_inside(m, op->blocks[1])) {
      return true;
    }
  }
  return false;
}

static void match_block(matcher *m, const ptl_block *block);

/* A body up to what closes it. */
static void match_body(matcher *m, const ptl_block *block) {
  match_block(m, block);
  take_flags(m);
  if (m->placed < m->flag_count) {
    fail(m, "it has flags where the file has no op");
  }
}

/* The variable of the loop in C++ is that of the kernel's. */
static void bind_variable(matcher *m, const ptl_op *op) {
  const ptl_written *item = m->next < m->list.count ? &m->list.items[m->next] : NULL;
  ptl_written_variable *variable =
      item && item->kind == PTL_WRITTEN_LOOP
          ? ptl_written_variable_at(m->arena, m->list.values, item->variable)
          : NULL;
  if (variable) {
    variable->is_repeated = variable->value != 0 || variable->text.length > 0;
    variable->value = op->blocks[0]->first_argument + 1;
  }
}

static void match_loop(matcher *m, const ptl_op *op) {
  bind_variable(m, op);
  if (!take(m, PTL_WRITTEN_LOOP)) {
    if (works_inside(m, op->blocks[0])) {
      fail(m, "its loops are not those of the file");
    }
    return;
  }
  match_body(m, op->blocks[0]);
  if (!take(m, PTL_WRITTEN_END)) {
    fail(m, "its loops are not those of the file");
  }
}

/* Whether instructions or flags stand in the branch that comes next in C++. */
static bool works_next(const matcher *m) {
  int depth = 0;
  for (int i = m->next; i < m->list.count; i++) {
    const ptl_written *item = &m->list.items[i];
    depth += item->kind == PTL_WRITTEN_LOOP || item->kind == PTL_WRITTEN_BRANCH;
    depth -= item->kind == PTL_WRITTEN_END;
    if (depth == 0) {
      return false;
    }
    if (item->kind == PTL_WRITTEN_FLAG ||
        (item->kind == PTL_WRITTEN_OP && is_of_interest(m, item->name))) {
      return true;
    }
  }
  return false;
}

/* Of a branch that only chooses a number ptoas may write `c ? a : b`: what comes next in C++ is
 * then a later branch. */
static void match_branches(matcher *m, const ptl_op *op) {
  bool is_needed = works_inside(m, op->blocks[0]) || works_inside(m, op->blocks[1]);
  if ((!is_needed && works_next(m)) || !take(m, PTL_WRITTEN_BRANCH)) {
    if (is_needed) {
      fail(m, "its branches are not those of the file");
    }
    return;
  }
  match_body(m, op->blocks[0]);
  if (take(m, PTL_WRITTEN_ELSE)) {
    match_body(m, op->blocks[1]);
  } else if (works_inside(m, op->blocks[1])) {
    fail(m, "its branches are not those of the file");
  }
  if (!take(m, PTL_WRITTEN_END)) {
    fail(m, "its branches are not those of the file");
  }
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* What the word is, if it is a variable; else NULL. */
static const ptl_written_variable *variable_of(const matcher *m, ptl_str word) {
  int number = ptl_written_number(word);
  return number > 0 && number < m->list.values->count ? &m->list.values->items[number] : NULL;
}

/* The next word in a list that is a tile with an address: its number; 0: there is none. */
static int next_tile(const matcher *m, ptl_str *words) {
  ptl_str word;
  while (ptl_written_next_word(words, &word)) {
    const ptl_written_variable *variable = variable_of(m, word);
    if (variable && variable->address > 0 && !variable->is_repeated) {
      return ptl_written_number(word);
    }
  }
  return 0;
}

/* Tiles in a list of which it is not known where they lie. */
static int count_unplaced(const matcher *m, ptl_str words) {
  int count = 0;
  for (ptl_str word; ptl_written_next_word(&words, &word);) {
    const ptl_written_variable *variable = variable_of(m, word);
    count += variable && variable->bytes != 0 && (variable->address == 0 || variable->is_repeated);
  }
  return count;
}

static bool is_placed(const matcher *m, const ptl_op *op, int operand) {
  int value = op->operands[operand];
  return m->trace->kernel->values[value].is_tile && op->access[operand] != PTL_ACCESS_NONE &&
         !m->is_popped[value];
}

/* The op's tiles that ptoas does not place. */
static int count_popped(const matcher *m, const ptl_op *op) {
  int count = 0;
  for (int i = 0; i < op->operand_count; i++) {
    count += m->trace->kernel->values[op->operands[i]].is_tile && !is_placed(m, op, i);
  }
  return count;
}

/* The tiles that ptoas adds to an op stand behind the op's own. A tile is scratch only if no other
 * instruction names it. False: there are too many, or another one is no scratch. */
static bool take_scratch(const matcher *m, ptl_str *words, int *out) {
  for (int i = 0; i <= PTL_FLAGS_MOST_SCRATCH; i++) {
    int tile = next_tile(m, words);
    if (tile == 0) {
      return true;
    }
    const ptl_written_variable *variable = &m->list.values->items[tile];
    if (i == PTL_FLAGS_MOST_SCRATCH || variable->bytes <= 0 || variable->uses != 1) {
      return false;
    }
    out[i] = tile;
  }
  return false;
}

/* An instruction names its tiles in the order of the op: what it writes, then the rest, then what
 * ptoas adds. NULL if there are not as many. */
static const int *addresses_of(matcher *m, const ptl_op *op, ptl_str words) {
  const ptl_str all = words;
  int *result = ptl_arena_array(m->arena, (size_t)op->operand_count + PTL_FLAGS_MOST_SCRATCH + 1,
                                sizeof(int));
  bool is_whole = count_unplaced(m, all) <= count_popped(m, op);
  for (int turn = 0; turn < 2; turn++) {
    for (int i = 0; i < op->operand_count; i++) {
      bool is_write = op->access[i] == PTL_ACCESS_WRITE;
      if (is_placed(m, op, i) && is_write == (turn == 0)) {
        int tile = next_tile(m, &words);
        result[i] = tile > 0 ? m->list.values->items[tile].address : 0;
        is_whole = is_whole && tile > 0;
      }
    }
  }
  return is_whole && take_scratch(m, &words, &result[op->operand_count]) ? result : NULL;
}

static void match_op(matcher *m, const ptl_op *op) {
  const ptl_written *item = m->next < m->list.count ? &m->list.items[m->next] : NULL;
  if (!item || item->kind != PTL_WRITTEN_OP || !is_name(item->name, name_of(op->id))) {
    ptl_str own = name_of(op->id);
    fail(m, ptl_arena_printf(
                m->arena, "where the file has %.*s, line %d, what ptoas wrote has %.*s",
                (int)own.length, own.data, (int)ptl_op_loc(m->arena, op).line,
                item && item->kind == PTL_WRITTEN_OP ? (int)item->name.length : 14,
                item && item->kind == PTL_WRITTEN_OP ? item->name.data : "something else"));
  }
  if (item && !m->trace->kernel->has_addresses) {
    m->addresses[op->index] = addresses_of(m, op, item->words);
  }
  m->next++;
}

static void match_block(matcher *m, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count && !m->why; i++) {
    const ptl_op *op = &block->ops[i];
    bool is_structure = op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF;
    bool ends = op->kind == PTL_OP_YIELD || op->kind == PTL_OP_RETURN;
    if (!is_structure && !ends && !works(m, op)) {
      continue;
    }
    take_flags(m);
    place(m, op);
    if (op->kind == PTL_OP_FOR) {
      match_loop(m, op);
    } else if (op->kind == PTL_OP_IF) {
      match_branches(m, op);
    } else if (!ends) {
      match_op(m, op);
    }
  }
}

const ptl_flags_beside *ptl_flags_written(ptl_arena *arena, ptl_str text, const ptl_kernel *kernel,
                                          const ptl_target *target, const char **why) {
  ptl_flags_beside *out = ptl_arena_alloc(arena, sizeof(*out));
  const ptl_flag_trace trace = {.kernel = kernel, .target = target};
  matcher m = {.arena = arena, .trace = &trace};
  if (!ptl_written_lines(arena, text, kernel->name, &m.list, why)) {
    return NULL;
  }
  m.first = ptl_arena_array(arena, (size_t)kernel->op_count + 2, sizeof(int));
  m.addresses = ptl_arena_array(arena, (size_t)kernel->op_count + 2, sizeof(*m.addresses));
  m.is_popped = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(bool));
  note_used(&m, kernel->body);
  match_body(&m, kernel->body);
  if (m.next < m.list.count) {
    fail(&m, "it has more ops than the file");
  }
  for (; m.told <= kernel->op_count + 1; m.told++) {
    m.first[m.told] = m.flag_count;
  }
  *why = m.why;
  *out = (ptl_flags_beside){.flags = m.flags,
                            .ids = m.ids,
                            .first = m.first,
                            .addresses = kernel->has_addresses ? NULL : m.addresses,
                            .values = m.list.values};
  return m.why ? NULL : out;
}
