/* Inside of the pipes: shared by pipes_*.c. Not for other layers. */
#ifndef PTL_PIPES_PIPES_STATE_H
#define PTL_PIPES_PIPES_STATE_H

#include "pipes/pipes.h"
#include "pipes/world.h"

/* What an op does to which pipe. */
typedef struct ptl_pipe_use {
  ptl_pipe_act act;
  ptl_pipe_direction direction;
  int64_t id, split;
} ptl_pipe_use;

typedef struct ptl_pipe_node ptl_pipe_node;

typedef struct ptl_pipe_nodes {
  ptl_pipe_node **items;
  int count, capacity;
} ptl_pipe_nodes;

typedef enum ptl_pipe_node_kind { PTL_NODE_OP, PTL_NODE_FOR, PTL_NODE_IF } ptl_pipe_node_kind;

/* Expressions are the walk's. */
struct ptl_pipe_node {
  ptl_pipe_node_kind kind;
  const ptl_op *op;
  ptl_pipe_use use;
  int64_t times;               /* OP: in a row */
  const ptl_tile_type *tile;   /* OP: what is pushed or popped; NULL if that is no tile */
  ptl_expr rows, cols;         /* OP: its valid extents */
  ptl_expr lower, upper, step; /* FOR */
  int depth;                   /* FOR: loops around it */
  bool is_complete;            /* it has come to its end */
  bool has_first;              /* FOR: bodies[0] is its first iteration */
  ptl_expr condition;          /* IF */
  ptl_pipe_nodes bodies[2];    /* IF: then, else; FOR: the first iteration, any (other) one */
};

/* What a leaf of the walk is. */
typedef struct ptl_leaf_def {
  const ptl_op *op; /* whose result; NULL: an argument of a block */
  int value;
  ptl_expr *operands;        /* of `op`; of a pointer: its offset from the root, in elements */
  int root;                  /* of a load: the value number of the pointer at the root */
  const ptl_pipe_node *loop; /* counts the iterations of this loop, or is its variable */
  bool is_variable;
} ptl_leaf_def;

/* One initialize_pipe. */
typedef struct ptl_pipe_end {
  const ptl_op *op;
  int64_t id, dir_mask, slot_size, slot_num, local_slot_num;
  int nosplit; /* -1: not said */
  bool has_epilogue;
  int gm_root;                    /* value number of the pointer at the root; -1: no GM */
  ptl_expr gm_offset;             /* bytes from it; PTL_EXPR_NONE: not known */
  const ptl_pipe_node *first_use; /* set while its uses are checked */
  const ptl_op *buffer[2];        /* the reserve_buffer or import of each direction; NULL: none */
} ptl_pipe_end;

struct ptl_pipe_record {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  const ptl_exprs *exprs;
  bool is_vector, has_pipes;
  const ptl_op **makers;    /* by value number */
  const ptl_pipe_use *uses; /* by op index */
  const ptl_op *unseen;     /* an op of a pipe that no walk comes by; NULL: none */
  ptl_pipe_end *ends;
  int end_count;
  ptl_pipe_nodes root;
  ptl_pipe_nodes *open;  /* the list that is being filled */
  ptl_pipe_node **stack; /* loops and branches around it */
  int stack_count, stack_capacity, loop_depth;
  ptl_leaf_def *leaves;
  int leaf_count;
  int *leaf_of;        /* by value number of a block's argument: its last leaf */
  const int *arg_keys; /* set by the comparison */
};

ptl_pipe_end *ptl_pipe_end_of(const ptl_pipe_record *record, int64_t id);
/* The SSA name of a function's argument; NULL if it is not known. */
const char *ptl_pipe_argument_name(const ptl_pipe_record *record, int value);

/* Bytes of GM that a pipe takes; 0 if they are too many to be counted. */
int64_t ptl_pipe_gm_bytes(const ptl_pipe_end *end);
/* Whether both ends of each pipe say the same of it (pipes_memory.c). */
void ptl_pipes_agree(const ptl_pipe_record *cube, const ptl_pipe_record *vector,
                     ptl_pipe_findings *out);

/* ---- counts: their parts ------------------------------------------------------- */

/* Something that counts or decides: an element of a product in a count. */
typedef enum ptl_factor_kind {
  PTL_FACTOR_IF,    /* 1 if the condition `a` holds, else 0 */
  PTL_FACTOR_BELOW, /* 1 if a < b without sign */
  PTL_FACTOR_VALUE, /* a, which is never negative */
  PTL_FACTOR_TRIPS, /* iterations of a loop over a distance of a in steps of b */
  PTL_FACTOR_SUM,   /* over the iterations of `trips`, of the product of `inner` */
} ptl_factor_kind;

typedef struct ptl_factor {
  ptl_factor_kind kind;
  ptl_expr a, b;
  int trips, depth; /* SUM: the number of its TRIPS, and the depth of the loop */
  const int *inner;
  int inner_count;
} ptl_factor;

/* coefficient * the product of factors, which are ascending. */
typedef struct ptl_monomial {
  int64_t coefficient;
  const int *factors;
  int count;
} ptl_monomial;

/* A sum of different monomials, in order. NULL stands for one that is not known. */
typedef struct ptl_count {
  const ptl_monomial *items;
  int count;
} ptl_count;

/* ---- values of both functions (pipes_value.c) ----------------------------- */

/* The same in the first iteration of the loop at that depth. */
ptl_expr ptl_world_at_first(ptl_world *world, ptl_expr expr, int depth);
/* Where the value of an expression in this pass is; `*is_new`: it is marked for the first time. A
 * pass begins with marks.pass++. */
ptl_expr *ptl_world_mark(ptl_world *world, ptl_expr expr, bool *is_new);
/* The first pointer of a chain of addptr, by value number. */
int ptl_pipe_root(const ptl_pipe_record *record, int pointer);

/* ---- counts (pipes_count.c) ------------------------------------------------- */

/* How often an act on a pipe is done. */
const ptl_count *ptl_core_count(ptl_core *core, const ptl_pipe_nodes *nodes,
                                const ptl_pipe_use *use);
bool ptl_count_equal(const ptl_count *a, const ptl_count *b);
/* Calls `visit` for every symbol that a count depends on. */
void ptl_count_symbols(ptl_world *world, const ptl_count *count,
                       void (*visit)(void *user, const ptl_symbol *symbol), void *user);
/* Whether it is one number, and which. */
bool ptl_count_is_const(const ptl_count *count, int64_t *value);

/* ---- running the cores (pipes_sample.c, pipes_run.c) --------------------------- */

/* One direction of a pipe. */
typedef struct ptl_channel {
  int64_t id;
  ptl_pipe_direction direction;
  const ptl_pipe_end *producer, *consumer;
  int64_t slots;
  bool has_two_lanes; /* both vector cores take part in its handshakes */
} ptl_channel;

typedef struct ptl_step {
  const ptl_pipe_node *node;
  int channel;
  int64_t rows, cols; /* -1: not known */
  ptl_expr row_expr, col_expr;
} ptl_step;

typedef struct ptl_steps {
  ptl_step *items;
  int count, capacity;
} ptl_steps;

enum { PTL_MAX_LOOPS = 64 };

/* Values for all symbols, made from a seed: small ones first. */
typedef struct ptl_sample {
  ptl_world *world;
  ptl_arena *arena; /* what the sample takes */
  uint64_t seed;
  int64_t loops[PTL_MAX_LOOPS]; /* number of the iteration, by depth */
  int64_t *work;                /* evaluations that are left */
  int max_steps;                /* of a core */
  bool is_broken;               /* something has no value, or it takes too long */
  bool *used;                   /* by symbol: arguments and loads that were looked at */
  int64_t *values;              /* by symbol: the last value */
  int capacity;
} ptl_sample;

void ptl_sample_begin(ptl_sample *sample, ptl_world *world, ptl_arena *arena, uint64_t seed,
                      int64_t *work, int max_steps);
/* What a core does with these values, in order. */
void ptl_sample_steps(ptl_sample *sample, ptl_core *core, const ptl_channel *channels,
                      int channel_count, ptl_steps *out);
/* "for %n = 3: "; empty if nothing was looked at. */
const char *ptl_sample_text(const ptl_sample *sample, ptl_arena *arena);

/* The cube is core 0, the vector cores are 1 and 2. */
enum { PTL_CORES = 3 };

typedef struct ptl_run {
  ptl_arena *arena;
  const ptl_channel *channels;
  int channel_count;
  const ptl_family *family;
  ptl_steps steps[PTL_CORES];
  int at[PTL_CORES];                   /* the step that each has come to */
  int (*clocks[PTL_CORES])[PTL_CORES]; /* steps of each core that lie before a step, and itself */
} ptl_run;

/* Runs all cores until none can go on. */
void ptl_run_cores(ptl_run *run);
/* Whether every way to run the cores does step `a` of core `x` before step `b` of core `y`. */
bool ptl_run_is_before(const ptl_run *run, int x, int a, int y, int b);
/* The steps of a core that do `act` on a channel; as many as `count`. */
int *ptl_run_steps_of(const ptl_run *run, int core, int channel, ptl_pipe_act act, int *count);
bool ptl_channel_has_core(const ptl_channel *channel, int core, bool producer);

#endif
