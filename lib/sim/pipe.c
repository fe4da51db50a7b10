/* Tiles on their way between the cube function and the vector functions.
 *
 * A push copies the tile's valid elements; a pop writes them into the next slot of the
 * consumer's buffer, where they stay until the slot comes round again. With split 0 both
 * sub-blocks get each tile whole, and the cube gets what sub-block 0 pushed; with 1 each has
 * half of the rows, with 2 half of the columns. */
#include <string.h>

#include "sim/pitch.h"

enum { MAX_SLOTS = 1024, MAX_SLOT_BYTES = 1 << 20 };

/* reserve_buffer gives the address of the slots; `function` 1: its import by the producer. */
ptl_sim_outcome ptl_sim_reserve(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  int64_t base = code->function == 0 ? ptl_sim_integer_attribute(op, "base", -1) : -1;
  ptl_sim_set_integer(core, op->first_result, base);
  return PTL_SIM_DONE;
}

/* The last two operands: the consumer's buffers, cube to vector and vector to cube. */
ptl_sim_outcome ptl_sim_init_pipe(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  ptl_sim_pipe_end *end = &core->ends[code->pipe];
  int64_t mask = ptl_sim_integer_attribute(op, "dir_mask", 0);
  int consumer = op->operand_count - (code->function == 1 && mask != 2 ? 2 : 1);
  bool pops = code->function == 1 ? mask & 1 : mask & 2;
  *end = (ptl_sim_pipe_end){.is_set = true,
                            .slot_size = ptl_sim_integer_attribute(op, "slot_size", 0),
                            .slots = ptl_sim_integer_attribute(op, "slot_num", 1),
                            .base = -1};
  if (pops && consumer >= 0 && core->program->types[op->operands[consumer]].bits > 0) {
    end->base = ptl_sim_integer(core, op, consumer);
  }
  if (end->slots < 1 || end->slot_size < 1 || end->slots > MAX_SLOTS ||
      end->slot_size > MAX_SLOT_BYTES) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS, "the pipe has %lld slots of %lld bytes",
                        (long long)end->slots, (long long)end->slot_size);
  }
  return PTL_SIM_DONE;
}

static ptl_sim_packet *new_packet(ptl_sim_core *core, const ptl_sim_tile *tile,
                                  ptl_sim_region region) {
  ptl_sim_packet *packet = ptl_arena_alloc(core->arena, sizeof(*packet));
  int64_t count = region.rows * region.cols;
  packet->elem = tile->elem;
  packet->rows = region.rows;
  packet->cols = region.cols;
  packet->bytes = ptl_arena_alloc(core->arena, (size_t)(count * ptl_elem_bytes(tile->elem)));
  uint8_t *marks = ptl_sim_read(core, tile, region, packet->bytes, 0);
  if (marks) {
    packet->marks = ptl_arena_alloc(core->arena, (size_t)count);
    memcpy(packet->marks, marks, (size_t)count);
  }
  return packet;
}

static void append(ptl_sim_queue *queue, ptl_sim_packet *packet) {
  if (!queue->first) {
    queue->last = &queue->first;
  }
  *queue->last = packet;
  queue->last = &packet->next;
  queue->pushed++;
}

static void record_push(ptl_sim_core *core, const ptl_op *op, const ptl_sim_packet *packet) {
  ptl_sim_launch *launch = core->launch;
  launch->pushes = ptl_arena_more(core->arena, launch->pushes, launch->push_count,
                                  &launch->push_capacity, sizeof(ptl_sim_push));
  launch->pushes[launch->push_count++] =
      (ptl_sim_push){op, packet->elem, packet->rows, packet->cols, packet->bytes};
}

static int64_t half(int64_t split, int64_t axis, int64_t extent) {
  return split == axis ? extent / 2 : extent;
}

/* What one sub-block gets of a tile that the cube pushes. */
static ptl_sim_region share_of(const ptl_sim_tile *tile, int64_t split, int64_t subblock) {
  int64_t rows = half(split, 1, tile->valid_rows), cols = half(split, 2, tile->valid_cols);
  return ptl_sim_region_of(tile, split == 1 ? subblock * rows : 0, split == 2 ? subblock * cols : 0,
                           rows, cols);
}

/* Whether a queue has a slot left. */
static bool has_room(const ptl_sim_pipe_end *end, const ptl_sim_queue *queue) {
  return queue->pushed - queue->freed < end->slots;
}

static ptl_sim_outcome push_to_vector(ptl_sim_core *core, const ptl_op *op,
                                      const ptl_sim_code *code, const ptl_sim_tile *tile) {
  ptl_sim_pipe *pipe = &core->pipes[code->pipe];
  bool dry = core->launch->addresses_only;
  if (core->core_count == 1) {
    core->launch->stored += tile->valid_rows * tile->valid_cols;
    ptl_sim_packet *packet = dry ? NULL : new_packet(core, tile, ptl_sim_valid_region(tile));
    if (packet && packet->marks) {
      return ptl_sim_fail(core, op, PTL_CODE_SIM_UNWRITTEN,
                          "elements of the tile are pushed and were never written");
    }
    if (packet) {
      record_push(core, op, packet);
    }
    return PTL_SIM_DONE;
  }
  for (int s = 0; s < PTL_SIM_SUBBLOCKS; s++) {
    if (!has_room(&core->ends[code->pipe], &pipe->to_vector[s])) {
      return PTL_SIM_WAIT;
    }
  }
  for (int s = 0; s < PTL_SIM_SUBBLOCKS; s++) {
    append(&pipe->to_vector[s], new_packet(core, tile, share_of(tile, code->split, s)));
  }
  return PTL_SIM_DONE;
}

/* `function`: 0 to the vector functions, 1 to the cube. */
ptl_sim_outcome ptl_sim_push_tile(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *tile = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_pipe_end *end = &core->ends[code->pipe];
  if (!end->is_set) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_PIPE, "the pipe was not initialised");
  }
  ptl_sim_tile seen = ptl_sim_as_read(core->launch->target, tile, PTL_SIM_BY_PUSH, NULL);
  if (!ptl_sim_check_reach(core, op, &seen, tile->valid_rows, tile->valid_cols)) {
    return PTL_SIM_FAILED;
  }
  if (code->function == 0) {
    return push_to_vector(core, op, code, &seen);
  }
  ptl_sim_queue *queue = &core->pipes[code->pipe].to_cube[core->subblock];
  if (core->core_count == 1) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_PIPE, "there is no function that pops the tile");
  }
  if (!has_room(end, queue)) {
    return PTL_SIM_WAIT;
  }
  append(queue, new_packet(core, &seen, ptl_sim_valid_region(&seen)));
  return PTL_SIM_DONE;
}

/* ---- pop ---------------------------------------------------------------- */

/* The slot that the next tile comes into; its bytes are as good as never written. */
static void place_slot(ptl_sim_core *core, const ptl_op *op, ptl_sim_pipe_end *end, int64_t popped,
                       ptl_sim_tile *tile) {
  int64_t offset = popped % end->slots * end->slot_size;
  if (end->base < 0 && !end->memory) {
    int64_t size = end->slots * end->slot_size;
    end->memory = ptl_arena_alloc(core->arena, sizeof(*end->memory));
    *end->memory = (ptl_sim_memory){ptl_arena_alloc(core->arena, (size_t)size),
                                    ptl_arena_alloc(core->arena, (size_t)size), size, "slots"};
  }
  bool own = end->base < 0;
  ptl_sim_place_tile(core, op->first_result, tile, own ? end->memory : NULL,
                     own ? offset : end->base + offset);
}

static ptl_sim_packet *take(ptl_sim_queue *queue) {
  ptl_sim_packet *packet = queue->first;
  queue->first = packet->next;
  queue->popped++;
  return packet;
}

static ptl_sim_outcome deliver(ptl_sim_core *core, const ptl_op *op, const ptl_sim_packet *packet,
                               const ptl_sim_tile *tile, int64_t row, int64_t col) {
  if (packet->elem != tile->elem || row + packet->rows > tile->rows ||
      col + packet->cols > tile->cols) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "%lld x %lld elements of %s are popped as %lld x %lld of %s",
                        (long long)packet->rows, (long long)packet->cols,
                        ptl_elem_name(packet->elem), (long long)tile->rows, (long long)tile->cols,
                        ptl_elem_name(tile->elem));
  }
  ptl_sim_write(tile, ptl_sim_region_of(tile, row, col, packet->rows, packet->cols), packet->bytes,
                packet->cols * ptl_elem_bytes(packet->elem), packet->marks);
  return PTL_SIM_DONE;
}

/* Both sub-blocks' tiles are taken; with split 0 the first one's counts. */
static ptl_sim_outcome pop_from_vector(ptl_sim_core *core, const ptl_op *op,
                                       const ptl_sim_code *code, const ptl_sim_tile *tile) {
  ptl_sim_queue *queues = core->pipes[code->pipe].to_cube;
  ptl_sim_packet *first = take(&queues[0]), *second = take(&queues[1]);
  ptl_sim_outcome outcome = deliver(core, op, first, tile, 0, 0);
  if (outcome == PTL_SIM_DONE && code->split != 0) {
    outcome = deliver(core, op, second, tile, code->split == 1 ? first->rows : 0,
                      code->split == 2 ? first->cols : 0);
  }
  return outcome;
}

/* Operands, if they are given: valid rows and columns. `function` as with push. */
ptl_sim_outcome ptl_sim_pop_tile(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  ptl_sim_pipe *pipe = &core->pipes[code->pipe];
  ptl_sim_pipe_end *end = &core->ends[code->pipe];
  ptl_sim_tile *tile = &ptl_sim_result(core, op)->tile;
  bool to_vector = code->function == 0;
  if (!end->is_set) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_PIPE, "the pipe was not initialised");
  }
  ptl_sim_queue *queue = to_vector ? &pipe->to_vector[core->subblock] : &pipe->to_cube[0];
  if (!queue->first || (!to_vector && !pipe->to_cube[1].first)) {
    return PTL_SIM_WAIT;
  }
  place_slot(core, op, end, queue->popped, tile);
  bool given = op->operand_count >= 2;
  if (given && !ptl_sim_set_extents(core, op, tile, ptl_sim_integer(core, op, 0),
                                    ptl_sim_integer(core, op, 1))) {
    return PTL_SIM_FAILED;
  }
  if (!ptl_sim_check_tile(core, op, tile)) {
    return PTL_SIM_FAILED;
  }
  ptl_sim_set_marks(&tile->layout, ptl_sim_marks_of(tile),
                    ptl_sim_region_of(tile, 0, 0, tile->rows, tile->cols), PTL_SIM_UNWRITTEN);
  return to_vector ? deliver(core, op, take(queue), tile, 0, 0)
                   : pop_from_vector(core, op, code, tile);
}

/* `function` as with push. */
ptl_sim_outcome ptl_sim_free_slot(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  ptl_sim_pipe *pipe = &core->pipes[code->pipe];
  ptl_sim_queue *queue = code->function == 0 ? &pipe->to_vector[core->subblock] : pipe->to_cube;
  if (queue->freed == queue->popped) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_PIPE,
                        "a slot is freed from which nothing was popped");
  }
  queue->freed++;
  if (code->function == 1) {
    pipe->to_cube[1].freed++;
  }
  return PTL_SIM_DONE;
}
