/* Runs two kernels on the same inputs, several rounds, and compares every tensor and every pushed
 * tile byte for byte. */
#include "sim/validate.h"

#include <string.h>

#include "ir/build.h"

enum { ROUNDS = 3 };

static const struct {
  ptl_sim_fill fill;
  const char *name;
} rounds[ROUNDS] = {{{PTL_FILL_RANDOM, 1}, "random data"},
                    {{PTL_FILL_EXTREME, 2}, "extreme data"},
                    {{PTL_FILL_RANDOM, 3}, "other random data"}};

/* One comparison. */
typedef struct validation {
  ptl_arena arena; /* of programs and what is known of both */
  ptl_diags *diags;
  const ptl_target *target;
  const ptl_sim_reference *before;
  const ptl_sim_unit *after;
  ptl_sim_launch before_launch, after_launch;
  const char **names;
  bool *holds_indices;
  int count; /* arguments */
} validation;

static ptl_loc place_of(validation *v) {
  return ptl_loc_parts_of(v->diags->arena, mlirOperationGetLocation(v->after->cube->func)).loc;
}

static ptl_status not_validated(validation *v, const char *reason) {
  ptl_diag_add(v->diags, PTL_CODE_NOT_VALIDATED, place_of(v),
               "the kernel '%s' was not validated: %s", v->after->name, reason);
  return PTL_REFUSED;
}

/* ---- what is run -------------------------------------------------------- */

/* Vector functions that are not simulated: the cube functions alone, by what they push. */
static ptl_status prepare(validation *v, const ptl_sim_unit *unit, ptl_sim_launch *launch,
                          bool *cube_only) {
  size_t mark = v->diags->count;
  ptl_sim_unit used = *unit;
  used.vector = *cube_only ? NULL : unit->vector;
  ptl_status status = ptl_sim_prepare_unit(&v->arena, &used, v->target, v->diags, launch);
  if (status != PTL_OK && used.vector) {
    *cube_only = true;
    used.vector = NULL;
    ptl_diags_truncate(v->diags, mark);
    status = ptl_sim_prepare_unit(&v->arena, &used, v->target, v->diags, launch);
  }
  return status;
}

static ptl_status prepare_both(validation *v) {
  bool cube_only = false;
  ptl_status status = prepare(v, v->after, &v->after_launch, &cube_only);
  if (status == PTL_OK && v->before->unit) {
    status = prepare(v, v->before->unit, &v->before_launch, &cube_only);
    if (status == PTL_OK && cube_only && v->after_launch.vector) {
      status = prepare(v, v->after, &v->after_launch, &cube_only);
    }
  }
  return status;
}

static bool same_arguments(validation *v) {
  const ptl_kernel *a = v->after->cube, *b = v->before->unit ? v->before->unit->cube : NULL;
  bool same = !b || b->body->argument_count == a->body->argument_count;
  for (int i = 0; same && b && i < v->count; i++) {
    ptl_str types[2] = {
        ptl_type_text(&v->arena, mlirValueGetType(a->values[a->body->first_argument + i].value)),
        ptl_type_text(&v->arena, mlirValueGetType(b->values[b->body->first_argument + i].value))};
    same = ptl_str_equal(types[0], types[1]);
  }
  return same;
}

/* Memory for one side; every tensor grows to what the kernel reaches. */
static ptl_sim_side new_side(validation *v, ptl_arena *arena, ptl_sim_fill fill) {
  const ptl_kernel *kernel = v->after->cube;
  ptl_sim_side side = {.count = v->count};
  side.args = ptl_arena_array(arena, (size_t)v->count + 1, sizeof(ptl_sim_arg));
  side.tensors = ptl_arena_array(arena, (size_t)v->count + 1, sizeof(ptl_sim_tensor));
  for (int i = 0; i < v->count; i++) {
    MlirType type = mlirValueGetType(kernel->values[kernel->body->first_argument + i].value);
    ptl_elem elem = ptl_ptr_type_parse(ptl_type_text(&v->arena, type));
    if (elem == PTL_ELEM_NONE) {
      continue;
    }
    side.tensors[i] = (ptl_sim_tensor){.elem = elem, .grows = true, .fill = fill, .arena = arena};
    side.tensors[i].fill.seed = fill.seed * 1000 + (uint64_t)i;
    if (v->holds_indices[i]) {
      side.tensors[i].fill.kind = PTL_FILL_SMALL;
    }
    side.args[i].tensor = &side.tensors[i];
  }
  return side;
}

/* Scalars of the side, and the block. Which tensors hold indices is found out first. */
static bool choose(validation *v, int round, ptl_sim_side *side, int64_t *block,
                   int64_t *block_num) {
  const ptl_sim_launch *launch = v->before->unit ? &v->before_launch : &v->after_launch;
  ptl_sim_launch shaped = *launch;
  shaped.arg_count = v->count;
  bool found = ptl_sim_choose(&shaped, round, side->args, block, block_num);
  bool news = false;
  for (int i = 0; i < v->count; i++) {
    if (side->tensors[i].holds_indices && !v->holds_indices[i]) {
      v->holds_indices[i] = news = true;
      side->tensors[i].fill.kind = PTL_FILL_SMALL;
    }
  }
  return news ? choose(v, round, side, block, block_num) : found;
}

static ptl_status run_side(validation *v, ptl_arena *arena, const ptl_sim_launch *prepared,
                           ptl_sim_side *side, int64_t block, int64_t block_num,
                           ptl_sim_launch *out) {
  *out = *prepared;
  out->arena = arena;
  out->diags = v->diags;
  out->args = side->args;
  out->arg_count = side->count;
  out->first_block = block;
  out->block_num = block_num;
  return ptl_sim_run(out);
}

/* ---- rounds ------------------------------------------------------------- */

static ptl_status compare_pushes(validation *v, const ptl_sim_launch *a, const ptl_sim_launch *b) {
  int count = a->push_count < b->push_count ? a->push_count : b->push_count;
  int at = 0;
  for (; at < count; at++) {
    const ptl_sim_push *x = &a->pushes[at], *y = &b->pushes[at];
    size_t bytes = (size_t)(x->rows * x->cols * ptl_elem_bytes(x->elem));
    if (x->elem != y->elem || x->rows != y->rows || x->cols != y->cols ||
        memcmp(x->bytes, y->bytes, bytes) != 0) {
      break;
    }
  }
  if (at == a->push_count && at == b->push_count) {
    return PTL_OK;
  }
  ptl_diag_add(v->diags, PTL_CODE_KERNELS_DIFFER, place_of(v),
               "the kernels '%s' differ: they do not push the same as tile %d", v->after->name,
               at + 1);
  return PTL_INTERNAL;
}

/* The first kernel ran and the second did not: that is a difference, too. */
static ptl_status tell_failure(validation *v) {
  ptl_diag_add(v->diags, PTL_CODE_KERNELS_DIFFER, place_of(v),
               "the kernels '%s' differ: the second one cannot be run to its end where the first "
               "one can",
               v->after->name);
  return PTL_INTERNAL;
}

static const char *describe(validation *v, int round, const ptl_sim_side *side, int64_t block,
                            int64_t block_num) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, v->diags->arena);
  ptl_strbuf_puts(&text, rounds[round].name);
  for (int i = 0; i < side->count; i++) {
    if (!side->args[i].tensor && !ptl_sim_is_block_argument(v->names[i])) {
      ptl_strbuf_printf(&text, ", %s = %lld", v->names[i], (long long)side->args[i].integer);
    }
  }
  if (block > 0) {
    ptl_strbuf_printf(&text, ", block %lld of %lld", (long long)block, (long long)block_num);
  }
  return text.data;
}

static ptl_status run_before(validation *v, ptl_arena *arena, ptl_sim_side *side, int64_t block,
                             int64_t block_num, ptl_sim_launch *launch) {
  if (!v->before->unit) {
    return ptl_sim_run_tensors(arena, v->diags, v->before->tensors, side);
  }
  ptl_status status = run_side(v, arena, &v->before_launch, side, block, block_num, launch);
  return status == PTL_OK ? PTL_OK : not_validated(v, "the first kernel cannot be run");
}

/* What stops the first kernel when all scalars are zero is an error of its own, in front. */
static ptl_status no_scalars(validation *v, ptl_arena *arena, ptl_sim_side *side) {
  ptl_sim_launch launch;
  for (int i = 0; i < side->count; i++) {
    side->args[i].integer = 0;
    side->args[i].real = 0;
  }
  if (v->before->unit && run_side(v, arena, &v->before_launch, side, 0, 1, &launch) != PTL_OK) {
    return not_validated(v, "the first kernel cannot be run");
  }
  return not_validated(v, "no scalars were found with which it stays in range and stores");
}

static ptl_status run_round(validation *v, ptl_arena *arena, int round) {
  ptl_sim_side before = new_side(v, arena, rounds[round].fill);
  int64_t block = 0, block_num = 1;
  if (!choose(v, round, &before, &block, &block_num)) {
    return no_scalars(v, arena, &before);
  }
  ptl_sim_side after = new_side(v, arena, rounds[round].fill);
  for (int i = 0; i < v->count; i++) {
    after.args[i].integer = before.args[i].integer;
    after.args[i].real = before.args[i].real;
  }
  ptl_sim_launch before_run = {.push_count = 0}, after_run;
  ptl_status status = run_before(v, arena, &before, block, block_num, &before_run);
  if (status != PTL_OK) {
    return status;
  }
  if (run_side(v, arena, &v->after_launch, &after, block, block_num, &after_run) != PTL_OK) {
    return tell_failure(v);
  }
  const char *text = describe(v, round, &before, block, block_num);
  status =
      ptl_sim_compare_sides(v->diags, place_of(v), v->after->name, v->names, text, &before, &after);
  if (status == PTL_OK && v->before->unit) {
    status = compare_pushes(v, &before_run, &after_run);
  }
  if (status == PTL_OK) {
    ptl_diag_add(v->diags, PTL_CODE_KERNELS_AGREE, place_of(v), "the kernels '%s' do the same (%s)",
                 v->after->name, text);
  }
  return status;
}

static ptl_status run_rounds(validation *v) {
  ptl_status status = prepare_both(v);
  v->count = v->after->cube->body->argument_count;
  v->names = ptl_arena_array(&v->arena, (size_t)v->count + 1, sizeof(char *));
  v->holds_indices = ptl_arena_array(&v->arena, (size_t)v->count + 1, sizeof(bool));
  for (int i = 0; i < v->count; i++) {
    v->names[i] = ptl_sim_argument_name(&v->arena, v->after->cube, i);
  }
  if (status == PTL_OK && !same_arguments(v)) {
    return not_validated(v, "it has other arguments than before");
  }
  for (int round = 0; round < ROUNDS && status == PTL_OK; round++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    status = run_round(v, &arena, round);
    ptl_arena_free(&arena);
  }
  return status;
}

ptl_status ptl_sim_validate(ptl_diags *diags, const ptl_target *target,
                            const ptl_sim_reference *before, const ptl_sim_unit *after) {
  validation v = {.diags = diags, .target = target, .before = before, .after = after};
  ptl_arena_init(&v.arena);
  ptl_status status = run_rounds(&v);
  ptl_arena_free(&v.arena);
  return status;
}
