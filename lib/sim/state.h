/* Inside of the simulator: programs, cores, values. */
#ifndef PTL_SIM_STATE_H
#define PTL_SIM_STATE_H

#include "sim/layout.h"
#include "sim/number.h"
#include "sim/sim.h"
#include "support/codes.h"

enum { PTL_SIM_MAX_RANK = PTL_SIM_VIEW_RANK, PTL_SIM_SUBBLOCKS = 2, PTL_SIM_PIPES = 8 };

/* What became of an op. */
typedef enum ptl_sim_outcome {
  PTL_SIM_DONE,
  PTL_SIM_WAIT, /* for another core; to be tried again */
  PTL_SIM_FAILED,
} ptl_sim_outcome;

/* A buffer, or the bytes of one tile at level2. */
typedef struct ptl_sim_memory {
  uint8_t *bytes;
  uint8_t *written; /* one for each byte */
  int64_t size;
  const char *name;
} ptl_sim_memory;

typedef struct ptl_sim_tile {
  ptl_sim_layout layout;
  ptl_sim_memory *memory;
  int64_t base;       /* byte in the memory; of a subview that of the whole tile */
  int64_t start;      /* byte after it where the layout begins: of a subview of a cube's tile */
  int64_t row, col;   /* of the first element in the layout: of a subview of another tile */
  int64_t rows, cols; /* declared */
  int64_t box_rows, box_cols; /* of the type that the op is compiled for: of a subview perhaps the
                                 whole tile's */
  int64_t valid_rows, valid_cols;
  int64_t static_rows; /* valid rows, if the type says how many; else -1 */
  bool is_compact;     /* compact=1 */
  bool is_window;      /* a subview */
  int64_t slot_stride; /* bytes from slot to slot: of the first one of a multi tile */
  int64_t pad;
  ptl_elem elem;
  ptl_space space;
} ptl_sim_tile;

typedef struct ptl_sim_view {
  ptl_sim_tensor *tensor;
  ptl_elem elem;
  bool is_dn;     /* rows are contiguous, not columns */
  int64_t offset; /* elements */
  int rank;
  int64_t shape[PTL_SIM_MAX_RANK], strides[PTL_SIM_MAX_RANK];
} ptl_sim_view;

typedef struct ptl_sim_pointer {
  ptl_sim_tensor *tensor;
  ptl_elem elem;
  int64_t offset; /* elements */
} ptl_sim_pointer;

/* Which one it is, the value's type says. */
typedef union ptl_sim_value {
  int64_t integer;
  double real;
  ptl_sim_tile tile;
  ptl_sim_view view;
  ptl_sim_pointer pointer;
} ptl_sim_value;

/* What the program knows of a value's type. */
typedef struct ptl_sim_type {
  int bits;      /* of an integer; index: 64; 0: none */
  ptl_elem real; /* f32, f16, bf16; NONE: no float */
  ptl_elem elem; /* of a tile, view or pointer */
  bool is_view;
  ptl_sim_layout layout; /* of a tile */
} ptl_sim_type;

typedef struct ptl_sim_core ptl_sim_core;
typedef struct ptl_sim_code ptl_sim_code;
typedef ptl_sim_outcome ptl_sim_exec(ptl_sim_core *core, const ptl_op *op,
                                     const ptl_sim_code *code);

/* How an op is run; by its index in the program. `exec` NULL: control flow. */
struct ptl_sim_code {
  ptl_sim_exec *exec;
  int function; /* of a family of ops: which; vector.c, scalar.c */
  ptl_round round;
  bool adds, relu;     /* tstore */
  int64_t split, pipe; /* push, pop, free */
  bool by_row;         /* trowexpand..., trowsum, ...; else by column */
  double real;         /* constant */
};

struct ptl_sim_program {
  const ptl_kernel *kernel;
  ptl_sim_code *code;
  ptl_sim_type *types; /* by value number */
  const char **arg_names;
  bool *is_extent; /* by argument: of a view, as it stands */
};

/* Whether an op's operands and results are such as it is run with. */
bool ptl_sim_has_form(const ptl_sim_program *program, const ptl_op *op, const ptl_sim_code *code);

/* An attribute of an op; `otherwise` if it has none of that name. */
int64_t ptl_sim_integer_attribute(const ptl_op *op, const char *name, int64_t otherwise);

/* A tile under way from one core to another. */
typedef struct ptl_sim_packet {
  struct ptl_sim_packet *next;
  ptl_elem elem;
  int64_t rows, cols;
  uint8_t *bytes, *marks; /* dense; marks NULL: all written */
} ptl_sim_packet;

/* One direction of a pipe, for one sub-block. */
typedef struct ptl_sim_queue {
  ptl_sim_packet *first, **last;
  int64_t pushed, popped, freed;
} ptl_sim_queue;

typedef struct ptl_sim_pipe {
  ptl_sim_queue to_vector[PTL_SIM_SUBBLOCKS], to_cube[PTL_SIM_SUBBLOCKS];
} ptl_sim_pipe;

/* A core's end of a pipe, as initialize_pipe gave it. */
typedef struct ptl_sim_pipe_end {
  bool is_set;
  int64_t slot_size, slots;
  int64_t base;           /* of the slots of what is popped; -1: in bytes of their own */
  ptl_sim_memory *memory; /* such bytes */
} ptl_sim_pipe_end;

/* A block under way. */
typedef struct ptl_sim_frame {
  const ptl_block *block;
  int next;            /* op of the block */
  const ptl_op *owner; /* FOR or IF; NULL: the function */
  int64_t variable, upper, step;
} ptl_sim_frame;

struct ptl_sim_core {
  ptl_sim_launch *launch;
  ptl_arena *arena;
  const ptl_sim_program *program;
  ptl_sim_core *cores; /* of the launch: cube, vector 0, vector 1 */
  int core_count;
  bool is_vector;
  int64_t subblock, block;
  ptl_sim_value *values;
  ptl_sim_memory *buffers[PTL_SPACE_COUNT]; /* NULL: not used yet */
  ptl_sim_memory **own;                     /* by place: of an alloc_tile without address */
  ptl_sim_pipe *pipes;                      /* shared */
  ptl_sim_pipe_end ends[PTL_SIM_PIPES];
  int64_t steps;
  ptl_sim_frame *frames;
  int frame_count, frame_capacity;
  bool is_done;
  uint8_t *scratch[4]; /* work space of an op; see ptl_sim_scratch */
  int64_t scratch_size[4];
};

/* Reports an error at the op. */
__attribute__((format(printf, 4, 5))) ptl_sim_outcome
ptl_sim_fail(ptl_sim_core *core, const ptl_op *op, ptl_code code, const char *format, ...);

/* At least `size` bytes that are good until the slot is asked for again. */
void *ptl_sim_scratch(ptl_sim_core *core, int slot, int64_t size);

static inline ptl_sim_value *ptl_sim_operand(ptl_sim_core *core, const ptl_op *op, int index) {
  return &core->values[op->operands[index]];
}
static inline int64_t ptl_sim_integer(ptl_sim_core *core, const ptl_op *op, int index) {
  return core->values[op->operands[index]].integer;
}
static inline ptl_sim_value *ptl_sim_result(ptl_sim_core *core, const ptl_op *op) {
  return &core->values[op->first_result];
}

/* ---- memory.c ---- */

/* Whether the tile lies in its memory; reports PTL302. */
bool ptl_sim_check_tile(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile);
/* The same of so many rows and columns of the tile, in the layout that it is seen with. */
bool ptl_sim_check_reach(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile,
                         int64_t rows, int64_t cols);
/* Where the layout begins. */
static inline uint8_t *ptl_sim_bytes_of(const ptl_sim_tile *tile) {
  return tile->memory->bytes + tile->base + tile->start;
}
static inline uint8_t *ptl_sim_marks_of(const ptl_sim_tile *tile) {
  return tile->memory->written + tile->base + tile->start;
}
/* The rectangle from (row, col) of a tile. */
ptl_sim_region ptl_sim_region_of(const ptl_sim_tile *tile, int64_t row, int64_t col, int64_t rows,
                                 int64_t cols);
static inline ptl_sim_region ptl_sim_valid_region(const ptl_sim_tile *tile) {
  return ptl_sim_region_of(tile, 0, 0, tile->valid_rows, tile->valid_cols);
}
/* Reads a rectangle densely. NULL: every element is written; else a byte for each. */
uint8_t *ptl_sim_read(ptl_sim_core *core, const ptl_sim_tile *tile, ptl_sim_region region,
                      uint8_t *dense, int marks_slot);
/* Writes it. */
void ptl_sim_write(const ptl_sim_tile *tile, ptl_sim_region region, const uint8_t *dense,
                   int64_t stride, const uint8_t *marks);
/* A tile of the value's type at `base` of a memory; NULL: of its buffer. */
void ptl_sim_place_tile(ptl_sim_core *core, int value, ptl_sim_tile *tile, ptl_sim_memory *memory,
                        int64_t base);
/* Gives a tile its valid rows and columns; reports PTL305 if they do not fit. */
bool ptl_sim_set_extents(ptl_sim_core *core, const ptl_op *op, ptl_sim_tile *tile, int64_t rows,
                         int64_t cols);
ptl_sim_exec ptl_sim_alloc, ptl_sim_set_valid, ptl_sim_get_valid, ptl_sim_subview;
ptl_sim_exec ptl_sim_alloc_multi, ptl_sim_slot, ptl_sim_reshape;

/* ---- gm.c ---- */
void ptl_sim_pad_value(const ptl_sim_tile *tile, uint8_t *out);
ptl_sim_exec ptl_sim_make_view, ptl_sim_part, ptl_sim_addptr, ptl_sim_load, ptl_sim_store;
ptl_sim_exec ptl_sim_load_scalar, ptl_sim_store_scalar;
/* ---- cube.c ---- */
ptl_sim_exec ptl_sim_extract, ptl_sim_move, ptl_sim_matmul;
/* ---- scalar.c ---- */
ptl_sim_exec ptl_sim_constant, ptl_sim_arith, ptl_sim_compare, ptl_sim_select, ptl_sim_cast;
ptl_sim_exec ptl_sim_real_arith, ptl_sim_real_compare, ptl_sim_block_value;
ptl_sim_exec ptl_sim_same_integer, ptl_sim_nothing;
/* Writes an integer as its type holds it. */
void ptl_sim_set_integer(ptl_sim_core *core, int value, int64_t integer);
/* ---- pipe.c ---- */
ptl_sim_exec ptl_sim_reserve, ptl_sim_init_pipe, ptl_sim_push_tile, ptl_sim_pop_tile,
    ptl_sim_free_slot;
/* ---- vector.c ---- */
ptl_sim_exec ptl_sim_unary, ptl_sim_binary, ptl_sim_convert, ptl_sim_expand, ptl_sim_reduce;
ptl_sim_exec ptl_sim_splat, ptl_sim_count, ptl_sim_concat, ptl_sim_fillpad, ptl_sim_getval,
    ptl_sim_setval;
/* ---- pick.c ---- */
ptl_sim_exec ptl_sim_transpose, ptl_sim_pick;

#endif
