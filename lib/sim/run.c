/* The cores of a launch, and control flow. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/state.h"

enum { MAX_STEPS = 400 * 1000 * 1000 };

ptl_sim_outcome ptl_sim_fail(ptl_sim_core *core, const ptl_op *op, ptl_code code,
                             const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  ptl_diag_add(core->launch->diags, code, ptl_op_loc(core->launch->diags->arena, op), "%s", text);
  return PTL_SIM_FAILED;
}

void *ptl_sim_scratch(ptl_sim_core *core, int slot, int64_t size) {
  if (core->scratch_size[slot] < size) {
    core->scratch_size[slot] = 2 * size;
    core->scratch[slot] = ptl_arena_alloc(core->arena, (size_t)(2 * size));
  }
  return core->scratch[slot];
}

/* ---- control flow ------------------------------------------------------- */

static void enter(ptl_sim_core *core, const ptl_block *block, const ptl_op *owner) {
  core->frames = ptl_arena_more(core->arena, core->frames, core->frame_count, &core->frame_capacity,
                                sizeof(ptl_sim_frame));
  core->frames[core->frame_count++] = (ptl_sim_frame){.block = block, .owner = owner};
}

static void copy_values(ptl_sim_core *core, const int *from, int to, int count) {
  /* All are read before one is written: a yield may swap. */
  ptl_sim_value *values = ptl_sim_scratch(core, 0, count * (int64_t)sizeof(ptl_sim_value));
  for (int i = 0; i < count; i++) {
    values[i] = core->values[from[i]];
  }
  if (count > 0) {
    memcpy(&core->values[to], values, (size_t)count * sizeof(*values));
  }
}

static void copy_range(ptl_sim_core *core, int from, int to, int count) {
  for (int i = 0; i < count; i++) {
    core->values[to + i] = core->values[from + i];
  }
}

/* Operands: lower, upper, step, initial values. */
static ptl_sim_outcome enter_for(ptl_sim_core *core, const ptl_op *op) {
  int64_t lower = ptl_sim_integer(core, op, 0);
  const ptl_block *block = op->blocks[0];
  int carried = op->operand_count - 3;
  enter(core, block, op);
  ptl_sim_frame *frame = &core->frames[core->frame_count - 1];
  frame->variable = lower;
  frame->upper = ptl_sim_integer(core, op, 1);
  frame->step = ptl_sim_integer(core, op, 2);
  if (frame->step <= 0) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_NO_END, "the loop's step is %lld",
                        (long long)frame->step);
  }
  copy_values(core, op->operands + 3, block->first_argument + 1, carried);
  if (lower >= frame->upper) {
    copy_range(core, block->first_argument + 1, op->first_result, carried);
    core->frame_count--;
    return PTL_SIM_DONE;
  }
  core->values[block->first_argument].integer = lower;
  return PTL_SIM_DONE;
}

static void enter_if(ptl_sim_core *core, const ptl_op *op) {
  const ptl_block *block = op->blocks[ptl_sim_integer(core, op, 0) & 1 ? 0 : 1];
  if (block) {
    enter(core, block, op);
  }
}

/* The end of the innermost block; `yield` NULL: it has no values. */
static void leave(ptl_sim_core *core, const ptl_op *yield) {
  ptl_sim_frame *frame = &core->frames[core->frame_count - 1];
  const ptl_op *owner = frame->owner;
  int count = yield ? yield->operand_count : 0;
  if (!owner) {
    core->is_done = true;
  } else if (owner->kind == PTL_OP_FOR) {
    int first = frame->block->first_argument;
    copy_values(core, yield ? yield->operands : NULL, first + 1, count);
    frame->next = 0;
    if (!__builtin_add_overflow(frame->variable, frame->step, &frame->variable) &&
        frame->variable < frame->upper) {
      core->values[first].integer = frame->variable;
      return;
    }
    copy_range(core, first + 1, owner->first_result, count);
  } else if (count > 0) {
    copy_values(core, yield->operands, owner->first_result, count);
  }
  core->frame_count--;
}

static ptl_sim_outcome run_op(ptl_sim_core *core, const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_FOR:
    return enter_for(core, op);
  case PTL_OP_IF:
    enter_if(core, op);
    return PTL_SIM_DONE;
  case PTL_OP_YIELD:
  case PTL_OP_RETURN:
    leave(core, op->kind == PTL_OP_YIELD ? op : NULL);
    return PTL_SIM_DONE;
  default:
    break;
  }
  const ptl_sim_code *code = &core->program->code[op->index];
  if (!code->exec) { /* a section: its block */
    enter(core, op->blocks[0], op);
    return PTL_SIM_DONE;
  }
  return code->exec(core, op, code);
}

/* Runs until the core waits, ends or fails. */
static ptl_sim_outcome run_core(ptl_sim_core *core) {
  while (!core->is_done) {
    ptl_sim_frame *frame = &core->frames[core->frame_count - 1];
    if (frame->next == frame->block->op_count) {
      leave(core, NULL);
      continue;
    }
    const ptl_op *op = &frame->block->ops[frame->next];
    frame->next++;
    int64_t most = core->launch->max_steps > 0 ? core->launch->max_steps : MAX_STEPS;
    if (++core->steps > most) {
      return ptl_sim_fail(core, op, PTL_CODE_SIM_NO_END, "the kernel runs more than %lld ops",
                          (long long)most);
    }
    int depth = core->frame_count;
    ptl_sim_outcome outcome = run_op(core, op);
    if (outcome == PTL_SIM_WAIT) {
      core->frames[depth - 1].next--;
    }
    if (outcome != PTL_SIM_DONE) {
      return outcome;
    }
  }
  return PTL_SIM_DONE;
}

/* ---- launch ------------------------------------------------------------- */

bool ptl_sim_is_block_argument(const char *name) { return strncmp(name, "__pypto_spmd_", 13) == 0; }

static int64_t block_argument(const ptl_sim_core *core, const char *name) {
  if (strstr(name, "subblock_idx")) {
    return core->subblock;
  }
  return strstr(name, "block_num") ? core->launch->block_num : core->block;
}

static void set_argument(ptl_sim_core *core, int index) {
  const ptl_sim_program *program = core->program;
  const char *name = program->arg_names[index];
  int value = program->kernel->body->first_argument + index;
  const ptl_sim_type *type = &program->types[value];
  if (ptl_sim_is_block_argument(name)) {
    ptl_sim_set_integer(core, value, block_argument(core, name));
    return;
  }
  if (index >= core->launch->arg_count) {
    return;
  }
  const ptl_sim_arg *arg = &core->launch->args[index];
  if (arg->tensor) {
    core->values[value].pointer = (ptl_sim_pointer){arg->tensor, type->elem, 0};
  } else if (type->bits > 0) {
    ptl_sim_set_integer(core, value, arg->integer);
  } else {
    core->values[value].real = arg->real;
  }
}

static void start_core(ptl_sim_launch *launch, ptl_sim_core *core, const ptl_sim_program *program,
                       int64_t block) {
  const ptl_kernel *kernel = program->kernel;
  core->launch = launch;
  core->arena = launch->arena;
  core->program = program;
  core->block = block;
  if (!core->values) {
    core->values = ptl_arena_array(core->arena, (size_t)kernel->value_count, sizeof(ptl_sim_value));
    core->own = ptl_arena_array(core->arena, (size_t)kernel->value_count, sizeof(ptl_sim_memory *));
  }
  core->frame_count = 0;
  core->is_done = false;
  for (int i = 0; i < kernel->body->argument_count; i++) {
    set_argument(core, i);
  }
  enter(core, kernel->body, NULL);
}

/* A block starts with buffers in which nothing was written. */
static void forget_buffers(ptl_sim_core *core) {
  for (int i = 0; i < PTL_SPACE_COUNT; i++) {
    if (core->buffers[i]) {
      memset(core->buffers[i]->written, 0, (size_t)core->buffers[i]->size);
    }
  }
  memset(core->ends, 0, sizeof(core->ends));
}

static const ptl_op *waiting_op(const ptl_sim_core *core) {
  const ptl_sim_frame *frame = &core->frames[core->frame_count - 1];
  return &frame->block->ops[frame->next];
}

/* Runs the cores in turn until all are done. */
static ptl_status run_cores(ptl_sim_core *cores, int count) {
  int done = 0;
  while (done < count) {
    bool moved = false;
    done = 0;
    for (int i = 0; i < count; i++) {
      int64_t before = cores[i].steps;
      bool was_done = cores[i].is_done;
      if (!was_done && run_core(&cores[i]) == PTL_SIM_FAILED) {
        return PTL_REFUSED;
      }
      moved = moved || cores[i].is_done != was_done || cores[i].steps > before + 1;
      done += cores[i].is_done;
    }
    for (int i = 0; i < count && !moved && done < count; i++) {
      if (!cores[i].is_done) {
        ptl_sim_fail(&cores[i], waiting_op(&cores[i]), PTL_CODE_SIM_PIPE,
                     "the functions wait for each other: nothing can be pushed or popped");
        return PTL_REFUSED;
      }
    }
  }
  return PTL_OK;
}

static ptl_status check_queues(ptl_sim_core *core, const ptl_op *at) {
  for (int i = 0; i < PTL_SIM_PIPES; i++) {
    const ptl_sim_pipe *pipe = &core->pipes[i];
    for (int s = 0; s < PTL_SIM_SUBBLOCKS; s++) {
      if (pipe->to_vector[s].first || pipe->to_cube[s].first) {
        ptl_sim_fail(core, at, PTL_CODE_SIM_PIPE, "a tile that was pushed is never popped");
        return PTL_REFUSED;
      }
    }
  }
  return PTL_OK;
}

static ptl_status run_block(ptl_sim_launch *launch, ptl_sim_core *cores, int64_t block) {
  int count = launch->vector ? 1 + PTL_SIM_SUBBLOCKS : 1;
  for (int i = 0; i < count; i++) {
    ptl_sim_core *core = &cores[i];
    forget_buffers(core);
    core->cores = cores;
    core->core_count = count;
    core->is_vector = i > 0;
    core->subblock = i > 0 ? i - 1 : 0;
    core->pipes = cores[0].pipes;
    start_core(launch, core, i > 0 ? launch->vector : launch->cube, block);
  }
  memset(cores[0].pipes, 0, PTL_SIM_PIPES * sizeof(ptl_sim_pipe));
  ptl_status status = run_cores(cores, count);
  const ptl_block *body = launch->cube->kernel->body;
  if (status == PTL_OK && launch->vector && body->op_count > 0) {
    status = check_queues(&cores[0], &body->ops[body->op_count - 1]);
  }
  return status;
}

ptl_status ptl_sim_run(ptl_sim_launch *launch) {
  size_t count = 1 + PTL_SIM_SUBBLOCKS;
  ptl_sim_core *cores = ptl_arena_array(launch->arena, count, sizeof(ptl_sim_core));
  cores[0].pipes = ptl_arena_array(launch->arena, PTL_SIM_PIPES, sizeof(ptl_sim_pipe));
  ptl_status status = PTL_OK;
  for (int64_t i = 0; i < launch->block_count && status == PTL_OK; i++) {
    status = run_block(launch, cores, launch->first_block + i);
  }
  return status;
}
