/* Tiles without addresses that cannot all be placed, whatever a planner does.
 *
 * A tile has to keep its place at a point if it was written for sure on the way there and some way
 * from there reads it before it is written as a whole. Of two tiles of which that is true, the one
 * that was written first would be lost to the other in one place. So what lives at one point has
 * to fit side by side. The points are those between two ops: an op's output may lie on its input.
 * A multi tile lives with all its slots, and bytes that are reserved for a pipe live always.
 */
#include <inttypes.h>
#include <string.h>

#include "check/lives_state.h"

typedef uint64_t word;
enum { WORD_BITS = 64, MAX_NAMES = 8 };

/* ---- sets of tiles ------------------------------------------------------------ */

static word *new_set(ptl_lives *l, const word *from) {
  word *set = ptl_arena_array(l->arena, l->words, sizeof(word));
  if (from) {
    memcpy(set, from, l->words * sizeof(word));
  }
  return set;
}

static bool has(const word *set, int tile) {
  return (set[tile / WORD_BITS] >> (tile % WORD_BITS) & 1) != 0;
}

static void include(word *set, int tile) { set[tile / WORD_BITS] |= (word)1 << (tile % WORD_BITS); }

static void exclude(word *set, int tile) {
  set[tile / WORD_BITS] &= ~((word)1 << (tile % WORD_BITS));
}

/* The first tile of a set from number `from` on; -1: there is none. */
static int next_of(const ptl_lives *l, const word *set, int from) {
  for (int i = from / WORD_BITS; i < (int)l->words; i++) {
    word rest = set[i] >> (i == from / WORD_BITS ? from % WORD_BITS : 0);
    if (rest != 0) {
      int at = i == from / WORD_BITS ? from : i * WORD_BITS;
      return at + __builtin_ctzll(rest);
    }
  }
  return -1;
}

static void include_all(const ptl_lives *l, word *set, const word *other) {
  for (size_t i = 0; i < l->words; i++) {
    set[i] |= other[i];
  }
}

/* ---- what was written for sure ------------------------------------------------- */

static int end_of(const ptl_op *op) {
  int end = op->index;
  for (int i = 0; i < 2; i++) {
    const ptl_op *last = ptl_lives_last_op(op->blocks[i]);
    end = last && end_of(last) > end ? end_of(last) : end;
  }
  return end;
}

static void add_span(ptl_lives *l, int tile, ptl_lives_span where) {
  ptl_lives_tile *t = &l->tiles[tile];
  t->spans =
      ptl_arena_more(l->arena, t->spans, t->span_count, &t->span_capacity, sizeof(*t->spans));
  t->spans[t->span_count++] = where;
}

static bool is_written(const ptl_lives *l, int tile, int index) {
  const ptl_lives_tile *t = &l->tiles[tile];
  for (int i = 0; i < t->span_count; i++) {
    if (t->spans[i].begin <= index && index <= t->spans[i].end) {
      return true;
    }
  }
  return false;
}

/* How often a loop runs, as far as that can be told: none, once, or else often. */
static int runs_of(const ptl_lives *l, const ptl_op *loop) {
  int64_t lower, upper, step, length;
  if (!ptl_noted_constant(l->noted, loop->operands[0], &lower) ||
      !ptl_noted_constant(l->noted, loop->operands[1], &upper)) {
    return 2;
  }
  if (lower >= upper) {
    return 0;
  }
  bool is_one = ptl_noted_constant(l->noted, loop->operands[2], &step) &&
                !__builtin_sub_overflow(upper, lower, &length) && step >= length;
  return is_one ? 1 : 2;
}

static void note_written(ptl_lives *l, word *written, int tile, ptl_lives_span where) {
  if (!has(written, tile)) {
    include(written, tile);
    add_span(l, tile, where);
  }
}

static void find_written(ptl_lives *l, const ptl_block *block, word *written);

static void find_written_in_loop(ptl_lives *l, const ptl_op *op, word *written, int block_end) {
  const ptl_op *last = ptl_lives_last_op(op->blocks[0]);
  int runs = runs_of(l, op), end = end_of(op);
  if (!last || runs == 0) {
    return;
  }
  word *body = new_set(l, NULL);
  find_written(l, op->blocks[0], body);
  for (int tile = next_of(l, body, 0); tile >= 0; tile = next_of(l, body, tile + 1)) {
    if (runs > 1) {
      add_span(l, tile, (ptl_lives_span){op->index + 1, end});
    }
    note_written(l, written, tile, (ptl_lives_span){end, block_end});
  }
}

static void find_written_in_branches(ptl_lives *l, const ptl_op *op, word *written, int block_end) {
  word *then = new_set(l, NULL), *other = new_set(l, NULL);
  find_written(l, op->blocks[0], then);
  if (op->blocks[1]) {
    find_written(l, op->blocks[1], other);
  }
  bool runs_always = op->kind != PTL_OP_IF;
  for (int tile = next_of(l, then, 0); tile >= 0; tile = next_of(l, then, tile + 1)) {
    if (runs_always || has(other, tile)) {
      note_written(l, written, tile, (ptl_lives_span){end_of(op), block_end});
    }
  }
}

static void find_written(ptl_lives *l, const ptl_block *block, word *written) {
  int end = ptl_lives_last_op(block) ? end_of(ptl_lives_last_op(block)) : 0;
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      find_written_in_loop(l, op, written, end);
    } else if (op->blocks[0]) {
      find_written_in_branches(l, op, written, end);
    }
    for (int j = 0; j < op->operand_count && !op->blocks[0]; j++) {
      int tile = l->tile_of[op->operands[j]];
      if (op->access[j] == PTL_ACCESS_WRITE && tile >= 0) {
        note_written(l, written, tile, (ptl_lives_span){op->index, end});
      }
    }
  }
}

/* ---- what will be read --------------------------------------------------------- */

static bool lives_at(const ptl_lives *l, int tile, ptl_space space, int index) {
  const ptl_lives_tile *t = &l->tiles[tile];
  return t->size.tile->space == space && !t->is_merged && is_written(l, tile, index);
}

/* The tiles of a space that live after `op`, which has just written `newest`. */
static void look_at(ptl_lives *l, const word *needed, const ptl_op *op, int newest) {
  ptl_space space = l->tiles[newest].size.tile->space;
  int64_t capacity = l->target->capacity_bytes[space];
  int64_t bytes = l->reserved_bytes[space];
  if (bytes + l->total_bytes[space] <= capacity || !has(needed, newest) ||
      !lives_at(l, newest, space, op->index)) {
    return;
  }
  for (int tile = next_of(l, needed, 0); tile >= 0; tile = next_of(l, needed, tile + 1)) {
    bytes += lives_at(l, tile, space, op->index) ? l->tiles[tile].bytes : 0;
  }
  if (bytes <= capacity) {
    return;
  }
  word *living = new_set(l, NULL);
  for (int tile = next_of(l, needed, 0); tile >= 0; tile = next_of(l, needed, tile + 1)) {
    if (lives_at(l, tile, space, op->index)) {
      include(living, tile);
    }
  }
  l->crowds[space] = (ptl_lives_crowd){op, newest, bytes, living};
}

static void find_needed(ptl_lives *l, const ptl_block *block, word *needed, bool looks);

static void find_needed_in_loop(ptl_lives *l, const ptl_op *op, word *needed, bool looks) {
  word *in = new_set(l, needed);
  int runs = runs_of(l, op);
  if (runs == 0) {
    return;
  }
  find_needed(l, op->blocks[0], in, false);
  if (looks) {
    word *out = new_set(l, needed);
    if (runs > 1) {
      include_all(l, out, in);
    }
    find_needed(l, op->blocks[0], out, true);
  }
  memcpy(needed, in, l->words * sizeof(word));
}

static void find_needed_in_branches(ptl_lives *l, const ptl_op *op, word *needed, bool looks) {
  word *other = new_set(l, needed);
  find_needed(l, op->blocks[0], needed, looks);
  if (op->blocks[1]) {
    find_needed(l, op->blocks[1], other, looks);
  }
  if (op->kind == PTL_OP_IF || op->blocks[1]) {
    include_all(l, needed, other);
  }
}

static void find_needed_by(ptl_lives *l, const ptl_op *op, word *needed, bool looks) {
  for (int i = 0; i < op->operand_count; i++) {
    int tile = l->tile_of[op->operands[i]];
    if (tile >= 0 && looks && op->access[i] == PTL_ACCESS_WRITE) {
      look_at(l, needed, op, tile);
    }
  }
  for (int i = 0; i < op->operand_count; i++) {
    int tile = l->tile_of[op->operands[i]];
    if (tile >= 0 && op->access[i] == PTL_ACCESS_WRITE && !l->is_part[op->operands[i]]) {
      exclude(needed, tile);
    }
  }
  for (int i = 0; i < op->operand_count; i++) {
    int tile = l->tile_of[op->operands[i]];
    if (tile >= 0 && op->access[i] == PTL_ACCESS_READ) {
      include(needed, tile);
    }
  }
}

/* Backwards: `needed` after the block becomes that before it. */
static void find_needed(ptl_lives *l, const ptl_block *block, word *needed, bool looks) {
  for (int i = block->op_count; i-- > 0;) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      find_needed_in_loop(l, op, needed, looks);
    } else if (op->blocks[0]) {
      find_needed_in_branches(l, op, needed, looks);
    } else {
      find_needed_by(l, op, needed, looks);
    }
  }
}

/* ---- what is told --------------------------------------------------------------- */

static const char *name_of(const ptl_lives *l, const ptl_lives_tile *tile) {
  const char *name = ptl_loc_parts_of(l->arena, mlirOperationGetLocation(tile->alloc->op)).name;
  return name ? ptl_arena_printf(l->arena, "%%%s", name) : "a tile";
}

static const char *names_of(const ptl_lives *l, const ptl_lives_crowd *crowd, ptl_space space) {
  ptl_strbuf out;
  ptl_strbuf_init(&out, l->arena);
  int named = 0, count = 0;
  for (int tile = next_of(l, crowd->tiles, 0); tile >= 0;
       tile = next_of(l, crowd->tiles, tile + 1)) {
    count++;
    if (named < MAX_NAMES) {
      ptl_strbuf_printf(&out, "%s%s (%" PRId64 ")", named++ > 0 ? ", " : "",
                        name_of(l, &l->tiles[tile]), l->tiles[tile].bytes);
    }
  }
  if (count > named) {
    ptl_strbuf_printf(&out, " and %d more", count - named);
  }
  if (l->reserved_bytes[space] > 0) {
    ptl_strbuf_printf(&out, ", and %" PRId64 " bytes reserved for pipes", l->reserved_bytes[space]);
  }
  return out.data;
}

/* What the others leave for the tile that was written last. */
static const char *room_of(const ptl_lives *l, const ptl_lives_tile *newest, int64_t left_bytes) {
  const char *name = name_of(l, newest);
  if (left_bytes <= 0) {
    return ptl_arena_printf(l->arena, "the others leave no room for %s", name);
  }
  const char *fit =
      ptl_fitting_extents(l->arena, l->target, &newest->size, left_bytes / newest->size.slots);
  return ptl_arena_printf(l->arena, "the others leave %" PRId64 " bytes for %s%s%s", left_bytes,
                          name, fit ? ": " : "", fit ? fit : "");
}

static ptl_finding finding_of(const ptl_lives *l, const ptl_lives_crowd *crowd, ptl_space space) {
  const ptl_lives_tile *newest = &l->tiles[crowd->newest];
  int64_t capacity = l->target->capacity_bytes[space];
  const char *text =
      ptl_arena_printf(l->arena,
                       "tiles that live at the same time take %" PRId64
                       " bytes of %s, which has %" PRId64 ": %s; %s",
                       crowd->bytes, ptl_space_name(space), capacity, names_of(l, crowd, space),
                       room_of(l, newest, capacity - (crowd->bytes - newest->bytes)));
  return (ptl_finding){
      .fault = PTL_CODE_TILES_DO_NOT_FIT, .op = newest->alloc, .other = crowd->op, .text = text};
}

static bool has_a_full_space(const ptl_lives *l) {
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    if (l->total_bytes[space] + l->reserved_bytes[space] > l->target->capacity_bytes[space]) {
      return true;
    }
  }
  return false;
}

void ptl_check_lives(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted, ptl_finding_listener listener, void *user) {
  ptl_lives l = {.arena = arena, .kernel = kernel, .target = target, .noted = noted};
  ptl_lives_name(&l);
  if (!has_a_full_space(&l)) {
    return;
  }
  l.words = (size_t)l.count / WORD_BITS + 1;
  find_written(&l, kernel->body, new_set(&l, NULL));
  find_needed(&l, kernel->body, new_set(&l, NULL), true);
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    if (l.crowds[space].op) {
      listener(user, finding_of(&l, &l.crowds[space], (ptl_space)space));
    }
  }
}
