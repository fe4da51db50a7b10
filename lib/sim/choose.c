/* Scalars for a round of validation. */
#include <string.h>

#include "sim/state.h"
#include "sim/validate.h"
#include "support/map.h"

/* What is tried for a scalar: large and small, multiples of what kernels cut by, and odd. */
static const int64_t candidates[] = {16384, 8192, 4096, 2048, 1024, 512, 768, 256, 128, 96, 64, 48,
                                     32,    24,   23,   16,   12,   8,   5,   4,   3,   2,  1};
enum {
  CANDIDATES = sizeof(candidates) / sizeof(candidates[0]),
  BLOCK_NUM = 24,
  MAX_STEPS = 4000000,
  MIXED_ATTEMPTS = 400,
  SMALL_EXTENT = 32,
  MOST_EXTENTS = 4
};

/* Bytes of all tensors that a round may have on each side. */
static const int64_t MOST_BYTES = INT64_C(1) << 31;

typedef struct chooser {
  const ptl_sim_launch *launch;
  ptl_sim_arg *args;
  int64_t *block, *block_num;
} chooser;

typedef enum outcome {
  FAILS,
  IDLES, /* runs, but a load has nothing to load: what is stored after it may be unwritten */
  WORKS,
} outcome;

/* Runs the addresses alone, on tensors of its own. */
static outcome try(const chooser *c) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_diags ignored;
  ptl_diags_init(&ignored, &arena);
  ptl_sim_launch launch = *c->launch;
  ptl_sim_arg *args = ptl_arena_array(&arena, (size_t)launch.arg_count + 1, sizeof(*args));
  ptl_sim_tensor *tensors = ptl_arena_array(&arena, (size_t)launch.arg_count + 1, sizeof(*tensors));
  for (int i = 0; i < launch.arg_count; i++) {
    args[i] = c->args[i];
    if (args[i].tensor) {
      tensors[i] = *args[i].tensor;
      args[i].tensor = &tensors[i];
    }
  }
  if (*c->block >= *c->block_num) {
    ptl_arena_free(&arena);
    return FAILS;
  }
  launch.arena = &arena;
  launch.diags = &ignored;
  launch.args = args;
  launch.first_block = *c->block;
  launch.block_num = *c->block_num;
  launch.addresses_only = true;
  launch.max_steps = MAX_STEPS;
  launch.stored = launch.empty_loads = 0;
  bool ok = ptl_sim_run(&launch) == PTL_OK && launch.stored > 0;
  int64_t bytes = 0;
  for (int i = 0; i < launch.arg_count; i++) {
    bytes += tensors[i].size;
    if (args[i].tensor) {
      c->args[i].tensor->holds_indices |= tensors[i].holds_indices;
    }
  }
  ptl_arena_free(&arena);
  return !ok || bytes >= MOST_BYTES ? FAILS : launch.empty_loads > 0 ? IDLES : WORKS;
}

static bool is_scalar(const chooser *c, int index) { return !c->args[index].tensor; }

/* What the scalars that are extents of views are: as the others, or large, but for some small ones.
 */
typedef struct extents {
  bool as_others;
  unsigned small; /* a bit for each, in their order */
} extents;

static int64_t extent_of(extents extents, int index) {
  return extents.small >> index & 1 ? SMALL_EXTENT : candidates[0];
}

static void set_all(const chooser *c, int64_t value, extents extents) {
  int extent = 0;
  for (int a = 0; a < c->launch->arg_count; a++) {
    if (is_scalar(c, a)) {
      bool is_extent = c->launch->cube->is_extent[a];
      c->args[a].integer = is_extent && !extents.as_others ? extent_of(extents, extent) : value;
      c->args[a].real = value == 0 ? 0.75 : (double)value;
      extent += is_extent;
    }
  }
}

/* All scalars alike, from nothing to the largest, but for the extents. */
static bool choose_alike(const chooser *c, extents extents, outcome least) {
  for (int i = -1; i < CANDIDATES; i++) {
    set_all(c, i < 0 ? 0 : candidates[CANDIDATES - 1 - i], extents);
    if (try(c) >= least) {
      return true;
    }
  }
  return false;
}

/* Some kernels do nothing with zeros; others reach far into a view from where a scalar says. */
static bool choose_base(const chooser *c, outcome least) {
  return choose_alike(c, (extents){.as_others = true}, least) ||
         choose_alike(c, (extents){.as_others = false}, least);
}

/* Each scalar another: nothing, a tile's rows, a few tiles, or large. */
static bool choose_mixed(const chooser *c) {
  static const int64_t mixed[] = {0, 16, 32, 64, 128, 512, 2048, 16384};
  bool found = false;
  for (uint64_t attempt = 0; attempt < MIXED_ATTEMPTS && !found; attempt++) {
    for (int a = 0; a < c->launch->arg_count; a++) {
      if (is_scalar(c, a)) {
        size_t pick = ptl_hash(attempt, (uint64_t)a) % (sizeof(mixed) / sizeof(mixed[0]));
        c->args[a].integer = mixed[pick];
        c->args[a].real = 0.75 + (double)pick;
      }
    }
    found = try(c) == WORKS;
  }
  return found;
}

static int count_extents(const chooser *c) {
  int count = 0;
  for (int a = 0; a < c->launch->arg_count; a++) {
    count += is_scalar(c, a) && c->launch->cube->is_extent[a];
  }
  return count;
}

/* Some go through all rows of one view, and reach further into another. */
static bool choose_uneven(const chooser *c) {
  int count = count_extents(c);
  bool found = false;
  for (unsigned small = 1; count <= MOST_EXTENTS && small < 1U << count && !found; small++) {
    found = choose_alike(c, (extents){.small = small}, WORKS);
  }
  return found;
}

/* The first candidate that works, from another one on in each round; none: as it was. */
static void raise(const chooser *c, int round, int64_t *value) {
  int64_t before = *value;
  outcome least = try(c);
  int first = round * 7 % CANDIDATES;
  for (int i = 0; i < CANDIDATES; i++) {
    *value = candidates[(first + i) % CANDIDATES];
    if (try(c) >= least) {
      return;
    }
  }
  *value = before;
}

/* The scalars that are extents of views, or the others. */
static void raise_all(const chooser *c, int round, bool extents) {
  for (int i = 0; i < c->launch->arg_count; i++) {
    if (is_scalar(c, i) && c->launch->cube->is_extent[i] == extents) {
      raise(c, round, &c->args[i].integer);
    }
  }
}

/* Whether it makes a difference which block runs. */
static bool asks_for_block(const ptl_sim_program *program) {
  bool asks = false;
  for (int i = 0; i < program->kernel->op_count; i++) {
    asks = asks || program->code[i].exec == ptl_sim_block_value;
  }
  for (int i = 0; i < program->kernel->body->argument_count; i++) {
    asks = asks || ptl_sim_is_block_argument(program->arg_names[i]);
  }
  return asks;
}

bool ptl_sim_choose(const ptl_sim_launch *launch, int round, ptl_sim_arg *args, int64_t *block,
                    int64_t *block_num) {
  chooser c = {launch, args, block, block_num};
  *block = 0;
  *block_num = BLOCK_NUM;
  if (!choose_base(&c, WORKS) && !choose_uneven(&c) && !choose_mixed(&c) &&
      !choose_base(&c, IDLES)) {
    return false;
  }
  raise_all(&c, round, true);
  raise_all(&c, round, false);
  if (round % 2 == 0 && asks_for_block(launch->cube)) {
    raise(&c, round, block);
  }
  return true;
}
