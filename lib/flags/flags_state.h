/* Inside of the proof of flags: the trace of a kernel (trace.c), what an op does to which bytes on
 * which pipe (accesses.c, gm.c), which flag it is (flag_ops.c), the state (state.c), the run over
 * the trace (run.c) and what it finds (found.c); the traces of both cores of a mixed kernel as one
 * (weave.h), and what is found of these (cross.c). Not for other layers. */
#ifndef PTL_FLAGS_FLAGS_STATE_H
#define PTL_FLAGS_FLAGS_STATE_H

#include "flags/flags.h"
#include "flags/gm.h"
#include "pipes/world.h"

/* ---- the trace ------------------------------------------------------------------ */

/* What bytes of a slot of a pipe are to an op (rings.c). */
typedef enum ptl_flag_role {
  PTL_FLAG_ROLE_PLAIN,
  PTL_FLAG_ROLE_POPPED,  /* a pop puts them there */
  PTL_FLAG_ROLE_ARRIVAL, /* the other core does; `pipe` awaits them */
  PTL_FLAG_ROLE_FREE,    /* it may write there again when `pipe` has come so far */
} ptl_flag_role;

/* Bytes that an op reads or writes: of a tile, or of global memory. */
typedef struct ptl_flag_bytes {
  ptl_range range;
  const ptl_flag_gm *gm; /* NULL: of a tile */
  ptl_expr stored;       /* the number that a scalar op writes there; PTL_EXPR_NONE: no number */
  bool is_write;
  bool is_doubtful; /* scratch, of which it is not known whether the op uses it */
  bool is_long;     /* a vector op writes them in so many repeats that the next one may read them */
  int value; /* of the tile, in the kernel; -1: ptoas adds it; of global memory: the op's operand */
  int ring;  /* whose slot it is, from 1 on; 0: none's */
  ptl_flag_role role;
  bool is_empty; /* a tile without rows or columns, as a vector core pops in place of the other one
                  */
} ptl_flag_bytes;

typedef enum ptl_flag_node_kind {
  PTL_FLAG_NODE_OP, /* `pipe` works on `bytes` */
  PTL_FLAG_NODE_FLAG,
  PTL_FLAG_NODE_CROSSING,
  PTL_FLAG_NODE_LOOP,   /* bodies: of the first round, from `later` on of any later round */
  PTL_FLAG_NODE_BRANCH, /* two bodies */
} ptl_flag_node_kind;

/* What a core tells the other one. A push is a signal, and a pop awaits one. */
typedef enum ptl_flag_crossing_kind {
  PTL_FLAG_SIGNAL,  /* all that `pipe` did before has ended */
  PTL_FLAG_AWAIT,   /* `pipe` goes on after that; PTL_SYNC_PIPE_NONE: all pipes */
  PTL_FLAG_MEETING, /* each core waits for all that the other one did */
} ptl_flag_crossing_kind;

typedef struct ptl_flag_crossing {
  ptl_flag_crossing_kind kind;
  ptl_sync_pipe pipe;
  bool is_pipe; /* of a pipe between the cores, else a flag between them */
  int64_t id;   /* of the pipe and its direction, or of the flag */
} ptl_flag_crossing;

typedef struct ptl_flag_node ptl_flag_node;

typedef struct ptl_flag_body {
  ptl_flag_node *nodes;
  int count, capacity;
} ptl_flag_body;

struct ptl_flag_node {
  ptl_flag_node_kind kind;
  const ptl_op *op;
  int64_t step; /* of the walk */
  ptl_sync_pipe pipe;
  const ptl_flag_bytes *bytes;
  int byte_count;
  bool may_be_let_on; /* of two cores: a free slot of a pipe may have let its core on */
  ptl_flag_op flag;
  ptl_flag_crossing crossing;
  ptl_expr condition;        /* PTL_FLAG_NODE_BRANCH */
  ptl_expr lower, upper, by; /* PTL_FLAG_NODE_LOOP */
  ptl_flag_body **bodies;
  int body_count, body_capacity, later;
  ptl_flag_turn turn; /* PTL_FLAG_NODE_LOOP: any later round of it */
};

typedef struct ptl_flag_open {
  ptl_flag_body *around; /* the body that the node stands in */
  ptl_flag_node *node;
  ptl_flag_turn turn; /* its `loop` is 0 for branches */
} ptl_flag_open;

/* Of a pointer: the pipes by which the kernel reads and writes what it points to, as bits. */
typedef struct ptl_flag_root {
  unsigned reads, writes;
} ptl_flag_root;

/* The slots of one direction of a pipe, at the end that pops. */
typedef struct ptl_flag_ring {
  int64_t id;
  bool to_vector;
  int64_t slots;
  int64_t pops;       /* in the trace; more than `slots` if it is not known how many */
  const ptl_op *open; /* the last pop */
} ptl_flag_ring;

/* Of the traces of two cores as one: whose these are, the cube's and the vector core's. Pipes of
 * the latter have numbers of their own, and roots are keys of arguments. */
typedef struct ptl_flag_woven {
  const ptl_flag_trace *halves[2];
} ptl_flag_woven;

struct ptl_flag_trace {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  const ptl_flags_beside *beside;
  ptl_walk_mode mode;
  ptl_flag_body *body; /* of the function */
  ptl_flag_body *open;
  ptl_flag_open *stack;
  int stack_count, stack_capacity;
  int64_t step;
  int loop_count;
  ptl_exprs *exprs;     /* of the walk; NULL before it */
  ptl_flag_root *roots; /* by value number plus one; 0: of what is not known */
  unsigned pipes;       /* that work, as bits */
  ptl_flag_ring *rings;
  int ring_count, ring_capacity;
  int *ring_of_value;      /* of a popped tile: its ring, from 1 on; 0 */
  const ptl_op *open_slot; /* a pop that may need the other core to order it; NULL */
  const ptl_op *unknown;   /* the first op that cannot be followed */
  const char *unknown_why;
  bool is_asked;                /* it has flags of its own, or those that ptoas puts in */
  const ptl_op *signal;         /* the first op on a flag between the cores; NULL: there is none */
  const ptl_op *strange_signal; /* the first op between cores that cannot be followed */
  const char *strange_why;
  const ptl_flag_woven *woven; /* NULL: of one core */
};

/* The core of a pipe: 0 or 1. */
static inline int ptl_flag_core(ptl_sync_pipe pipe) { return (int)pipe / PTL_SYNC_PIPE_COUNT; }

static inline ptl_sync_pipe ptl_flag_pipe_on(int core, ptl_sync_pipe pipe) {
  return (ptl_sync_pipe)((int)pipe + core * PTL_SYNC_PIPE_COUNT);
}

/* The pipe that an op works on; PTL_SYNC_PIPE_NONE: it works on none, or it is not known (`why`).
 */
ptl_sync_pipe ptl_flag_pipe(const ptl_flag_trace *trace, const ptl_op *op, const char **why);
/* The bytes of the op's tiles and of global memory, and how many; -1 if a tile's place is not
 * known. */
int ptl_flag_bytes_of(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op,
                      const ptl_flag_bytes **out);
/* What a pop writes. */
ptl_flag_bytes ptl_flag_popped_bytes(const ptl_flag_trace *trace, const ptl_op *op);
/* The flag that an op of the kernel is; false if it is none. Of one by an index, `walk` knows it,
 * if anybody does: else its id is -1. */
bool ptl_flag_of_op(const ptl_walk *walk, const ptl_op *op, ptl_flag_op *out);
/* Whether it is one between cores or blocks, other than a push or pop. */
bool ptl_flag_is_signal(const ptl_op *op);
/* What the op tells the other core, or awaits from it; false if it does neither, or cannot be
 * followed (`why`). */
bool ptl_flag_crossing_of(const ptl_target *target, const ptl_walk *walk, const ptl_op *op,
                          ptl_flag_crossing *out, const char **why);

/* ---- the state ------------------------------------------------------------------ */

/* A flag counts: it may be set again before somebody has waited for it, as far as that is followed.
 */
enum {
  PTL_FLAG_DEPTH = 3,
  PTL_FLAG_WORDS = 6,
  PTL_FLAG_COLUMNS = 64 * PTL_FLAG_WORDS,
  PTL_FLAG_PIPES = 2 * PTL_SYNC_PIPE_COUNT, /* those of the cube, then those of the vector core */
  PTL_FLAG_MOST = (PTL_FLAG_COLUMNS - PTL_FLAG_PIPES) / PTL_FLAG_DEPTH,
};

/* Who is behind an access: pipes by number, and behind them what each set of a flag tells, from the
 * oldest one on. */
typedef struct ptl_flag_column_set {
  uint64_t words[PTL_FLAG_WORDS];
} ptl_flag_column_set;

/* All accesses so far of one pipe to these bytes, and the last op of them. */
typedef struct ptl_flag_access {
  ptl_flag_bytes bytes;
  int64_t pops;        /* of a slot: how many there were since */
  bool was_let_on;     /* its core has pushed since, and may have waited for a free slot */
  ptl_flag_turn moved; /* of global memory: the outermost loop around it that has gone on since */
  ptl_sync_pipe pipe;
  const ptl_op *op;
  ptl_flag_column_set behind;
} ptl_flag_access;

enum { PTL_FLAG_EITHER = -1 }; /* a flag that counts differently on two paths */

/* Flags have the same numbers in all states of a run. */
typedef struct ptl_flag_state {
  ptl_flag_access *accesses;
  int access_count, access_capacity;
  int counts[PTL_FLAG_MOST];
  const ptl_op *set_at[PTL_FLAG_MOST]; /* the last set */
  struct ptl_flag_state *next;         /* among those that are not used */
} ptl_flag_state;

/* The column of a set of a flag. */
static inline int ptl_flag_column(int flag, int set) {
  return PTL_FLAG_PIPES + flag * PTL_FLAG_DEPTH + set;
}

static inline bool ptl_flag_is_behind(const ptl_flag_access *access, int column) {
  return (access->behind.words[column / 64] >> (column % 64) & 1) != 0;
}

static inline void ptl_flag_put_behind(ptl_flag_access *access, int column, bool is_behind) {
  uint64_t bit = (uint64_t)1 << (column % 64);
  uint64_t *word = &access->behind.words[column / 64];
  *word = is_behind ? *word | bit : *word & ~bit;
}

/* Makes `to` what `from` is. */
void ptl_flag_state_copy(ptl_arena *arena, ptl_flag_state *to, const ptl_flag_state *from);
/* Keeps in `state` what both know; true if that is less than it knew. */
bool ptl_flag_state_meet(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_state *other);
/* Notes an access; those that it covers and that are known to be before it are dropped. */
void ptl_flag_state_note(ptl_arena *arena, ptl_flag_state *state, const ptl_flag_access *access);
/* The loop goes on to another round. */
void ptl_flag_state_move(ptl_flag_state *state, const ptl_flag_turn *turn);
/* Drops the accesses that all pipes are behind. */
void ptl_flag_state_tidy(ptl_flag_state *state, unsigned pipes);

/* ---- slots of pipes (rings.c) --------------------------------------------------- */

/* Before a walk. */
void ptl_flag_rings_begin(ptl_flag_trace *trace);
/* What a pop or a tfree is to the slot besides; false if it is nothing. */
bool ptl_flag_ring_node(ptl_flag_trace *trace, const ptl_op *op, ptl_flag_node *out);
/* One more pop of a ring. */
void ptl_flag_rings_turn(const ptl_flag_trace *trace, ptl_flag_state *state,
                         const ptl_flag_bytes *popped);
/* Whether `old` has to have ended before `now`, if both are of the same bytes. */
bool ptl_flag_rings_ask(const ptl_flag_trace *trace, const ptl_flag_access *old,
                        const ptl_flag_bytes *now);
/* Whether a pop takes the slot of another one that `old` reads or writes. */
bool ptl_flag_rings_share_slot(const ptl_flag_trace *trace, const ptl_flag_access *old,
                               const ptl_flag_bytes *now);

/* ---- two cores (weave.c) ------------------------------------------------------------- */

typedef struct ptl_flag_weave {
  ptl_arena *arena;
  const ptl_flag_trace *halves[2];
  ptl_core cores[2];
  const bool *is_shared;   /* by key of an argument: both cores use its memory, and one writes */
  bool has_unknown_memory; /* that some pointer names is not known, and so is all memory shared */
  bool is_lane_told;       /* flags between the cores have ids of their own for the second lane */
  bool is_memory_asked;    /* else the flags between the cores alone */
  bool are_slots_asked;    /* who reads what was popped, while its slot is taken again */
  ptl_flag_body *body;     /* what both do, in an order in which they may do it */
  /* Why that ends too early, or what is wrong with a flag between the cores. */
  ptl_code fault;
  int core;
  const ptl_op *op;
  const char *why; /* NULL: nothing */
} ptl_flag_weave;

/* The cube's flags for the second vector core have ids from here on, where each has its own. */
enum { PTL_FLAG_IDS_OF_LANE = 16 };

void ptl_flag_weave_cores(ptl_flag_weave *weave);

/* ---- findings (found.c) ------------------------------------------------------------- */

typedef struct ptl_flag_fault {
  int64_t step; /* of the walk; -1: none */
  ptl_flag_finding finding;
} ptl_flag_fault;

typedef struct ptl_flag_found {
  const ptl_flag_trace *trace;
  ptl_flag_fault *items;
  int count, capacity;
} ptl_flag_found;

/* Whether there is a finding of that code, at this op, and with that other one, if it is not NULL.
 */
bool ptl_flag_is_found(const ptl_flag_found *found, ptl_code fault, const ptl_op *op,
                       const ptl_op *other);
void ptl_flag_find(ptl_flag_found *found, const ptl_flag_node *node, ptl_code fault,
                   const ptl_op *other, const char *text, const char *note);
/* Nothing orders the two, which meet, or of which it is not known whether they do; once. */
void ptl_flag_find_race(ptl_flag_found *found, const ptl_flag_node *node, const ptl_flag_bytes *now,
                        const ptl_flag_access *old);
void ptl_flag_find_doubt(ptl_flag_found *found, const ptl_flag_node *node,
                         const ptl_flag_bytes *now, const ptl_flag_access *old);
/* "MTE2 -> V, EVENT_ID0". */
const char *ptl_flag_text(const ptl_flag_found *found, const ptl_flag_op *flag);
/* Walks again up to the findings, for what leads to them. */
void ptl_flag_seek_evidence(ptl_flag_found *found);
ptl_flag_findings ptl_flag_findings_of(const ptl_flag_found *found);

/* Runs the trace of both cores: what nothing between them orders. */
ptl_flag_findings ptl_flags_check_woven(const ptl_flag_trace *trace);

#endif
