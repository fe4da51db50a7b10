/* One symbolic walk over a kernel, in program order: what is in each buffer, at
 * each point?
 *
 * Loops with constant bounds are run, iteration by iteration, so that peeled chunks,
 * unrolled stages, inner loops and `scf.if (ko == 0)` need no rules of their own.
 * A loop with symbolic bounds, and in the modes PTL_WALK_ONCE and PTL_WALK_LONG every loop around a
 * sink, is walked with its variable as a symbol: what its body writes is unknown at its begin and
 * behind it. A walk that judges (all but PTL_WALK_ONCE) walks the first iteration, which begins
 * with what lies in the buffers before the loop, and any later one, which begins with what an
 * iteration leaves. A loop that may have no iteration meets with not having run.
 * An `scf.if` on an unknown condition is walked both ways, and the two states meet (state.h).
 *
 * The walk knows nothing of its clients (raising, checking, timing): it reports events.
 * A fault is an event too: the walk goes on with the buffer concerned unknown.
 */
#ifndef PTL_WALK_WALK_H
#define PTL_WALK_WALK_H

#include "walk/memory.h"
#include "support/status.h"
#include "target/target.h"

typedef enum ptl_event_kind {
  PTL_EVENT_LOAD,       /* GM -> Mat: to, bytes */
  PTL_EVENT_EXTRACT,    /* Mat -> Left, Right (textract, tmov): from, to, bytes */
  PTL_EVENT_MATMUL,     /* left, right, acc, m, k, n, accumulates */
  PTL_EVENT_SINK,       /* an accumulator leaves: acc, content, rows, bytes, root */
  PTL_EVENT_EFFECT,     /* an op that may write GM or wait for another core: root or -1 */
  PTL_EVENT_FAULT,      /* fault, text, other */
  PTL_EVENT_ASSUMPTION, /* text: what arguments are taken to be such that it holds */
  /* The paths of a walk, those of a loop's first iteration as well, which tells only faults
   * besides. Loops that are run have none. They have no number. */
  PTL_EVENT_LEAF,  /* `value` is bound to leaf number `leaf` from here on */
  PTL_EVENT_OP,    /* a push, or an op without a kind, before what it does */
  PTL_EVENT_FIRST, /* the first iteration of a loop begins; PTL_EVENT_FOR of the same loop follows
                    */
  PTL_EVENT_FOR,   /* the body of a loop for any iteration begins, or for any but the first */
  PTL_EVENT_IF,    /* the branches of an unknown condition begin */
  PTL_EVENT_ELSE,  /* the second one begins, or would, were there one */
  PTL_EVENT_END,   /* the loop or the branches end */
} ptl_event_kind;

/* Faults in which the kernel is wrong, and those in which the walk cannot tell. */
typedef enum ptl_fault {
  PTL_FAULT_NONE,
  PTL_FAULT_UNWRITTEN,       /* a read of bytes that nothing wrote */
  PTL_FAULT_UNWRITTEN_VEC,   /* the same of a vector tile */
  PTL_FAULT_CLOBBERED,       /* a read of a tile that another tile was written over */
  PTL_FAULT_IN_PLACE,        /* an op whose output lies on its input as it must not */
  PTL_FAULT_OVERWRITTEN,     /* a read of a tile that was overwritten in part */
  PTL_FAULT_SHAPE,           /* operands that do not fit each other */
  PTL_FAULT_TYPES,           /* element types that the cube does not multiply */
  PTL_FAULT_ACC_IN_OUT,      /* tmatmul.acc whose input is not its output */
  PTL_FAULT_MIXED_SUM,       /* an accumulator that adds up different products */
  PTL_FAULT_DEAD_LOAD,       /* loaded data that is overwritten unread */
  PTL_FAULT_CAPACITY,        /* a tile past the end of its buffer, or at a negative address */
  PTL_FAULT_ALIGNMENT,       /* a misaligned tile */
  PTL_FAULT_TILE_SIZE,       /* a tile without an address that is larger than its buffer */
  PTL_FAULT_NO_PLAN,         /* tiles without addresses that do not fit beside each other */
  PTL_FAULT_SPACE,           /* a transfer between buffers that have no path */
  PTL_FAULT_PARTIAL_OVERLAP, /* two tiles that share some bytes but not their base address */
  PTL_FAULT_EVENT_IDS,       /* more loop-carried tiles than ptoas can synchronise */
  PTL_FAULT_SLOT_EVENT_IDS,  /* the same, slot by slot, on any two pipes */
  PTL_FAULT_LOOK_AHEAD,      /* a slot filled for a later iteration, which ptoas does not order */
  PTL_FAULT_SCRATCH_AREA,    /* a tile in bytes that pto-isa writes to while it is in use */
  PTL_FAULT_WRONG_PIPE,      /* an op for which ptoas lets others wait on another pipe */
  PTL_FAULT_KNOWN_WRONG, /* a form that is known to give wrong results; the cause is not known */
  PTL_FAULT_PITCH,       /* an accumulator or operand that is read at another pitch than written */
  PTL_FAULT_VIEW_LEFT,   /* a part of a view outside of it */
  PTL_FAULT_VIEW_MAY_BE_LEFT,       /* the same for some arguments */
  PTL_FAULT_NEGATIVE_EXTENT,        /* a negative size of a part, or of what is valid of a tile */
  PTL_FAULT_EXTENT_MAY_BE_NEGATIVE, /* the same for some arguments */
  PTL_FAULT_STALE_LOAD,             /* a load of what was stored to GM and is not visible yet */
  PTL_FAULT_RULE,                   /* a rule of ptoas' verifier (rules.h) that an op breaks */
  /* Of the pipes between two functions (pipes.h). */
  PTL_FAULT_POPS,          /* more pops than pushes of the other core */
  PTL_FAULT_PUSHES,        /* more pushes than pops */
  PTL_FAULT_READ_TWICE,    /* a count that each core reads from memory */
  PTL_FAULT_CORES_WAIT,    /* cores that wait for each other */
  PTL_FAULT_PIPE_ENDS,     /* ends of a pipe that differ */
  PTL_FAULT_SLOT_SIZE,     /* slots too small, or too few bytes reserved for them */
  PTL_FAULT_SLOTS_OVERLAP, /* slots of two pipes that overlap */
  PTL_FAULT_TWO_WAY_SLOTS, /* slots of both ways that overlap in older pto-isa */
  PTL_FAULT_POPPED_SHAPE,  /* a pop that is not as the push */
  PTL_FAULT_PIPE_FLAGS,    /* pipes with too many flags */
  PTL_FAULT_UNKNOWN,       /* the walk cannot follow: an address, extent or op it does not know */
} ptl_fault;

/* Bytes of a tile, as what they are read and written. */
typedef struct ptl_window {
  ptl_tile_type type;
  ptl_range range; /* from the first element to the last */
  ptl_expr valid_rows, valid_cols;
  int64_t line_bytes; /* from row to row, or from column to column where these lie in one piece */
} ptl_window;

typedef struct ptl_tile {
  ptl_tile_type type;
  const ptl_op *alloc;
  bool has_range;  /* a constant address, or level2 */
  bool is_known;   /* and it is a whole tile: not a part of one, or seen as another type */
  ptl_range range; /* of the whole tile, or of the buffer: where its bytes are in any case */
  ptl_expr valid_rows, valid_cols;
  const ptl_window *window; /* of the vector tile, if this names a part or another shape of it */
  const struct ptl_tile *parent; /* of a window of an accumulator: the whole one; else NULL */
  int64_t window_row, window_col;
} ptl_tile;

typedef struct ptl_event {
  ptl_event_kind kind;
  const ptl_op *op;
  int number; /* of the event, counting up */
  ptl_range from, to, left, right, acc;
  int64_t bytes, rows, m, k, n;
  ptl_elem elem;
  bool accumulates;
  const ptl_tile *tile;
  const ptl_content *content; /* NULL: unknown or faulty; a fault event said why */
  const ptl_region *part;     /* PTL_EVENT_SINK: where a store goes; NULL if it is no store */
  int root;                   /* value number of the GM pointer that is written, -1: none known */
  int value, leaf;            /* PTL_EVENT_LEAF */
  ptl_fault fault;
  const char *text;
  const ptl_op *other; /* the op that the fault is about as well; may be NULL */
} ptl_event;

typedef enum ptl_walk_mode {
  PTL_WALK_ONCE, /* every sink is reported once, with loop variables around it as symbols */
  PTL_WALK_RUN,  /* every constant loop is run */
  PTL_WALK_LONG, /* as PTL_WALK_RUN, but loops around sinks as if their bounds were symbols */
} ptl_walk_mode;

/* What a value is in the whole walk. */
typedef enum ptl_constancy { PTL_NEVER_BOUND, PTL_ONE_CONSTANT, PTL_NO_CONSTANT } ptl_constancy;

/* Where an alloc_tile put its tile, each place once. */
typedef struct ptl_place {
  const ptl_op *alloc;
  ptl_range range;
  int previous; /* another place of the same alloc_tile; -1: none */
} ptl_place;

/* What a walk notes down for those who ask afterwards. */
typedef struct ptl_noted {
  ptl_constancy *constancy; /* by value number */
  int64_t *constants;
  ptl_place *places;
  int place_count, place_capacity;
  int *last_place; /* by an op's index; -1: none */
} ptl_noted;

typedef struct ptl_walk ptl_walk;
typedef void (*ptl_walk_listener)(void *user, ptl_walk *walk, const ptl_event *event);

/* Walks a kernel. PTL_REFUSED: it takes more work than PTL_WALK_MAX_STEPS; a fault
 * event says so, too. The walk's expressions live in the arena and can be read from listeners and
 * afterwards through `exprs`. */
PTL_MUST_USE ptl_status ptl_walk_run(ptl_arena *arena, const ptl_kernel *kernel,
                                     const ptl_target *target, ptl_walk_mode mode, ptl_exprs *exprs,
                                     ptl_walk_listener listener, void *user);

/* The same, and notes down what the numbers and places of the kernel are. */
PTL_MUST_USE ptl_status ptl_walk_run_noting(ptl_arena *arena, const ptl_kernel *kernel,
                                            const ptl_target *target, ptl_walk_mode mode,
                                            ptl_exprs *exprs, ptl_walk_listener listener,
                                            void *user, ptl_noted *noted);

/* Whether a value is one constant whenever the walk comes by. */
bool ptl_noted_constant(const ptl_noted *noted, int value, int64_t *out);

/* In steps: an op is one. So is what costs about as much: entries of the tables of what lies where
 * that are gone through, bytes that are allocated. It bounds time (a few seconds) and memory (1
 * GiB). */
enum {
  PTL_WALK_MAX_STEPS = 4 * 1000 * 1000,
  PTL_WALK_ENTRIES_PER_STEP = 32,
  PTL_WALK_BYTES_PER_STEP = 256,
};

/* Whether the op takes a tile from a pipe into Mat. */
bool ptl_op_pops_to_cube(const ptl_op *op);
/* The valid extents of the tile that a tpop_from_ai* gives, at this point of the walk. */
void ptl_pop_valid(ptl_walk *walk, const ptl_op *op, ptl_expr *rows, ptl_expr *cols);

/* Whether a fault says that the kernel is wrong (else: that the walk cannot tell). */
bool ptl_fault_is_error(ptl_fault fault);

/* Whether a fault is one of ptoas, of pto-isa or of the chip: the kernel itself is as it should be. */
bool ptl_fault_is_of_others(ptl_fault fault);
/* Whether a fault is a warning about GM or some arguments: a rewritten kernel has it where its input
 * has it, and it is no reason against rewriting. */
bool ptl_fault_is_shared(ptl_fault fault);

/* A sum with its K segments joined: ascending, without gap or overlap, both
 * operands in step. False if they are not; for floats also if they were not
 * accumulated in ascending order, which is not the same sum. */
bool ptl_sum_join(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out);

/* Whether a sum is one product: its segments join, or they are the blocks of an lhs that is
 * stored block by block, one below the other, each as wide as its view: rhs then goes on in even
 * steps. */
typedef enum ptl_wholeness { PTL_SUM_WHOLE, PTL_SUM_BROKEN, PTL_SUM_NOT_KNOWN } ptl_wholeness;
ptl_wholeness ptl_sum_wholeness(ptl_exprs *exprs, const ptl_sum *sum);

#endif
