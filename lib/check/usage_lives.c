/* Works out how long each value stays in its place: from its write to its last read, and around
 * the loops that carry it. */
#include "check/usage_lives.h"

#include <ctype.h>
#include <string.h>

#include "kernel/describe.h"

/* The lives while they are made: `current` is the one of each place that was begun last. */
typedef struct living {
  ptl_arena *arena;
  ptl_usage *usage;
  int *current;
  int capacity;
} living;

/* One use of a tile by an op. */
typedef struct touch {
  int tile, place;
  bool reads;
  bool is_part; /* through a view of the tile */
} touch;

/* Operand `i` of `op`; false if it is no use of a tile at a known place. */
static bool touch_of(const ptl_usage *usage, const ptl_op *op, int i, touch *out) {
  int tile = usage->tile_of_value[op->operands[i]];
  if (tile < 0 || op->access[i] == PTL_ACCESS_NONE || usage->tiles[tile].place < 0) {
    return false;
  }
  out->tile = tile;
  out->place = usage->tiles[tile].place;
  out->reads = op->access[i] == PTL_ACCESS_READ;
  out->is_part = op->operands[i] != usage->tiles[tile].alloc->first_result;
  return true;
}

static void add_name(living *l, ptl_life *life, int tile) {
  for (int i = 0; i < life->tile_count; i++) {
    if (life->tiles[i] == tile) {
      return;
    }
  }
  life->tiles =
      ptl_arena_more(l->arena, life->tiles, life->tile_count, &life->tile_capacity, sizeof(int));
  life->tiles[life->tile_count++] = tile;
  int64_t bytes = l->usage->tiles[tile].bytes;
  life->bytes = life->bytes > bytes ? life->bytes : bytes;
}

static ptl_life *begin_life(living *l, int place, int step) {
  ptl_usage *usage = l->usage;
  usage->lives =
      ptl_arena_more(l->arena, usage->lives, usage->life_count, &l->capacity, sizeof(ptl_life));
  l->current[place] = usage->life_count;
  ptl_life *life = &usage->lives[usage->life_count++];
  *life = (ptl_life){.place = place, .first = step};
  return life;
}

/* A write begins a life: not in place, not of a part, and not a second one under the same
 * name before anything has read. */
static bool goes_on(const ptl_life *life, const touch *use, int step) {
  if (use->reads || use->is_part || life->last == step) {
    return true;
  }
  return !life->is_read && life->tiles[life->tile_count - 1] == use->tile;
}

static void touch_operands(living *l, int step, bool reads) {
  const ptl_op *op = l->usage->steps[step].op;
  touch use;
  for (int i = 0; i < op->operand_count; i++) {
    if (!touch_of(l->usage, op, i, &use) || use.reads != reads) {
      continue;
    }
    int current = l->current[use.place];
    ptl_life *life = current >= 0 ? &l->usage->lives[current] : NULL;
    if (!life || !goes_on(life, &use, step)) {
      life = begin_life(l, use.place, step);
    }
    life->last = step;
    life->is_read = life->is_read || reads;
    add_name(l, life, use.tile);
  }
}

/* ---- loops ---------------------------------------------------------------- */

/* What a loop's body does first to a place. */
typedef enum first_use { UNTOUCHED, WRITTEN, EXPOSED } first_use;

static void scan_block(ptl_arena *arena, const ptl_usage *usage, const ptl_block *block,
                       first_use *state);

static void scan_op(const ptl_usage *usage, const ptl_op *op, first_use *state) {
  touch use;
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < op->operand_count; i++) {
      if (touch_of(usage, op, i, &use) && use.reads == (pass == 0) &&
          state[use.place] == UNTOUCHED && !(use.is_part && !use.reads)) {
        state[use.place] = use.reads ? EXPOSED : WRITTEN;
      }
    }
  }
}

static void scan_branches(ptl_arena *arena, const ptl_usage *usage, const ptl_op *op,
                          first_use *state) {
  size_t count = (size_t)usage->place_count;
  first_use *other = ptl_arena_grow(arena, state, count, count + 1, sizeof(first_use));
  scan_block(arena, usage, op->blocks[0], other);
  first_use *then = other;
  other = ptl_arena_grow(arena, state, count, count + 1, sizeof(first_use));
  if (op->blocks[1]) {
    scan_block(arena, usage, op->blocks[1], other);
  }
  for (size_t i = 0; i < count; i++) {
    if (state[i] != UNTOUCHED) {
      continue;
    }
    if (then[i] == EXPOSED || other[i] == EXPOSED) {
      state[i] = EXPOSED;
    } else if (then[i] == other[i]) {
      state[i] = then[i];
    }
  }
}

static void scan_block(ptl_arena *arena, const ptl_usage *usage, const ptl_block *block,
                       first_use *state) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      scan_block(arena, usage, op->blocks[0], state);
    } else if (op->blocks[0]) {
      scan_branches(arena, usage, op, state);
    } else {
      scan_op(usage, op, state);
    }
  }
}

/* What the loop reads of a place before it writes it came in from before, or around the
 * back edge: the first life of the place in the loop and the last one are stretched. */
static void carry_around(ptl_arena *arena, ptl_usage *usage, const ptl_usage_loop *loop) {
  size_t places = (size_t)usage->place_count + 1;
  first_use *state = ptl_arena_array(arena, places, sizeof(first_use));
  ptl_life **leaving = ptl_arena_array(arena, places, sizeof(ptl_life *));
  scan_block(arena, usage, loop->op->blocks[0], state);
  for (int i = 0; i < usage->life_count; i++) {
    ptl_life *life = &usage->lives[i];
    if (state[life->place] != EXPOSED || life->first > loop->last || life->last < loop->first) {
      continue;
    }
    if (!leaving[life->place] && life->first > loop->first) {
      life->first = loop->first;
    }
    leaving[life->place] = life;
  }
  for (int place = 0; place < usage->place_count; place++) {
    if (leaving[place] && leaving[place]->last < loop->last) {
      leaving[place]->last = loop->last;
    }
  }
}

/* ---- results -------------------------------------------------------------- */

static void spread_to_tiles(ptl_usage *usage) {
  for (int i = 0; i < usage->life_count; i++) {
    const ptl_life *life = &usage->lives[i];
    for (int j = 0; j < life->tile_count; j++) {
      ptl_usage_tile *tile = &usage->tiles[life->tiles[j]];
      tile->first = tile->first < 0 || life->first < tile->first ? life->first : tile->first;
      tile->last = life->last > tile->last ? life->last : tile->last;
    }
  }
}

static void measure_tops(ptl_usage *usage) {
  for (int i = 0; i < usage->tile_count; i++) {
    const ptl_usage_tile *tile = &usage->tiles[i];
    ptl_usage_space *space = &usage->spaces[tile->type->space];
    int64_t end = tile->has_address ? tile->address + tile->bytes : 0;
    space->is_used = true;
    space->top_bytes = end > space->top_bytes ? end : space->top_bytes;
  }
}

static void measure_live(ptl_arena *arena, ptl_usage *usage) {
  size_t steps = (size_t)usage->step_count + 1;
  int64_t *change[PTL_SPACE_COUNT];
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    change[space] = ptl_arena_array(arena, steps, sizeof(int64_t));
  }
  for (int i = 0; i < usage->life_count; i++) {
    const ptl_life *life = &usage->lives[i];
    ptl_space space = usage->tiles[life->tiles[0]].type->space;
    change[space][life->first] += life->bytes;
    change[space][life->last + 1] -= life->bytes;
  }
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    int64_t live = 0;
    for (size_t step = 0; step < steps; step++) {
      live += change[space][step];
      int64_t *most = &usage->spaces[space].live_bytes;
      *most = live > *most ? live : *most;
    }
  }
}

void ptl_usage_find_lives(ptl_arena *arena, ptl_usage *usage) {
  living l = {.arena = arena, .usage = usage};
  l.current = ptl_arena_array(arena, (size_t)usage->place_count + 1, sizeof(int));
  for (int i = 0; i < usage->place_count; i++) {
    l.current[i] = -1;
  }
  for (int step = 0; step < usage->step_count; step++) {
    touch_operands(&l, step, true);
    touch_operands(&l, step, false);
  }
  for (int i = usage->loop_count; i-- > 0;) { /* inner loops first */
    carry_around(arena, usage, &usage->loops[i]);
  }
  spread_to_tiles(usage);
  measure_tops(usage);
  measure_live(arena, usage);
}

/* ---- marks ---------------------------------------------------------------- */

static void raise_mark(ptl_mark *at, ptl_mark mark) { *at = mark > *at ? mark : *at; }

static void mark_tile(ptl_usage *usage, int tile, int step, ptl_mark mark) {
  raise_mark(&usage->tiles[tile].mark, mark);
  for (int i = 0; i < usage->life_count; i++) {
    ptl_life *life = &usage->lives[i];
    for (int j = 0; j < life->tile_count; j++) {
      if (life->tiles[j] == tile && (step < 0 || (life->first <= step && step <= life->last))) {
        raise_mark(&life->mark, mark);
      }
    }
  }
}

static int step_of(const ptl_usage *usage, const ptl_op *op) {
  for (int i = 0; i < usage->step_count; i++) {
    if (usage->steps[i].op == op) {
      return i;
    }
  }
  return -1;
}

static bool is_alloc(const ptl_op *op) {
  return op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI;
}

/* The tile that an op names as operand `i`, or allocates; -1 if none. */
static int tile_at(const ptl_usage *usage, const ptl_op *op, int i) {
  if (is_alloc(op)) {
    return i == 0 ? usage->tile_of_value[op->first_result] : -1;
  }
  return i < op->operand_count && op->access[i] != PTL_ACCESS_NONE
             ? usage->tile_of_value[op->operands[i]]
             : -1;
}

static bool share_bytes(const ptl_usage_tile *a, const ptl_usage_tile *b) {
  return a->has_address && b->has_address && a->type->space == b->type->space &&
         ptl_bytes_overlap(a->address, a->address + a->bytes, b->address, b->address + b->bytes);
}

static int names_of(const ptl_op *op) { return is_alloc(op) ? 1 : op->operand_count; }

/* The tile was overwritten before it was read: it would have had to live until then. */
static void prolong(ptl_usage *usage, int tile, int step, int other_step) {
  int begin = step < other_step ? step : other_step;
  int end = step > other_step ? step : other_step;
  ptl_life *own = NULL;
  for (int i = 0; i < usage->life_count; i++) {
    ptl_life *life = &usage->lives[i];
    for (int j = 0; j < life->tile_count && life->first <= begin && life->first != other_step;
         j++) {
      own = life->tiles[j] == tile ? life : own;
    }
  }
  if (own && own->last < end) {
    own->last = end;
    usage->tiles[tile].last = usage->tiles[tile].last > end ? usage->tiles[tile].last : end;
  }
}

/* Tiles of the two ops that lie on each other. */
static void mark_pairs(ptl_usage *usage, const ptl_finding *finding, ptl_mark mark) {
  const ptl_op *op = finding->op, *other = finding->other;
  int step = step_of(usage, op), other_step = step_of(usage, other);
  bool is_overwritten = finding->fault == PTL_CODE_TILE_CLOBBERED ||
                        finding->fault == PTL_CODE_TILE_OVERWRITTEN_IN_PART;
  for (int i = 0; i < names_of(op); i++) {
    for (int j = 0; j < names_of(other); j++) {
      int a = tile_at(usage, op, i), b = tile_at(usage, other, j);
      if (a >= 0 && b >= 0 && share_bytes(&usage->tiles[a], &usage->tiles[b])) {
        if (is_overwritten && a != b && step >= 0 && other_step >= 0) {
          prolong(usage, a, step, other_step);
        }
        mark_tile(usage, a, step, mark);
        mark_tile(usage, b, other_step, mark);
      }
    }
  }
}

/* Whether a text has a name as a word of its own. */
static bool has_name(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *at = text; length > 0 && (at = strstr(at, name)) != NULL; at += length) {
    if (!isalnum((unsigned char)at[length]) && !strchr("_$.-", at[length] ? at[length] : ' ')) {
      return true;
    }
  }
  return false;
}

/* Whether the finding speaks of the tile that its op names as operand `i`. */
static bool speaks_of(const ptl_usage *usage, const ptl_finding *finding, int i) {
  const ptl_op *op = finding->op;
  int value = is_alloc(op) ? op->first_result : op->operands[i];
  return finding->text && tile_at(usage, op, i) >= 0 &&
         has_name(finding->text, ptl_value_name(usage->kernel, value));
}

void ptl_usage_mark(ptl_usage *usage, const ptl_finding *finding, ptl_mark mark) {
  if (finding->other) {
    mark_pairs(usage, finding, mark);
    return;
  }
  int step = step_of(usage, finding->op), count = names_of(finding->op), spoken_of = 0;
  for (int i = 0; i < count; i++) {
    spoken_of += speaks_of(usage, finding, i);
  }
  for (int i = 0; i < count; i++) {
    int tile = tile_at(usage, finding->op, i);
    if (tile >= 0 && (spoken_of == 0 || speaks_of(usage, finding, i))) {
      mark_tile(usage, tile, step, mark);
    }
  }
}
