/* One symbolic walk over a kernel, in program order: what is in each buffer, at
 * each point?
 *
 * Loops whose bounds differ by a constant are run, iteration by iteration, so that peeled chunks,
 * unrolled stages, inner loops and `scf.if (ko == 0)` need no rules of their own.
 * A loop with other bounds, and in the modes PTL_WALK_ONCE and PTL_WALK_LONG every loop around a
 * sink, is walked with its variable as a symbol: what its body writes is unknown at its begin and
 * after it. A walk that judges (all but PTL_WALK_ONCE) walks the first iteration, which begins
 * with what lies in the buffers before the loop, and any later one, which begins with what an
 * iteration leaves. A loop that may have no iteration meets with not having run.
 * An `scf.if` on an unknown condition is walked both ways, and the two states meet (state.h).
 *
 * The walk knows nothing of its clients (raising, checking, timing): it reports events.
 * A fault is an event too: the walk goes on with the buffer concerned unknown.
 */
#ifndef PTL_WALK_WALK_H
#define PTL_WALK_WALK_H

#include "support/codes.h"
#include "support/status.h"
#include "target/target.h"
#include "walk/gm_windows.h"
#include "walk/memory.h"

typedef enum ptl_event_kind {
  PTL_EVENT_LOAD,       /* GM -> Mat: to, bytes */
  PTL_EVENT_EXTRACT,    /* Mat -> Left, Right (textract, tmov): from, to, bytes, elem, is_turned */
  PTL_EVENT_MATMUL,     /* left, right, acc, m, k, n, accumulates */
  PTL_EVENT_SINK,       /* an accumulator leaves: acc, content, rows, bytes, root */
  PTL_EVENT_EFFECT,     /* an op that may write GM or wait for another core: root or -1 */
  PTL_EVENT_FAULT,      /* fault, text, other */
  PTL_EVENT_ASSUMPTION, /* taken: what arguments are taken to be such that it holds (bounds.h) */
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
  PTL_EVENT_STEP,  /* any op that is not on integers, before what it does, on all paths; it has no
                      number */
} ptl_event_kind;

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
  const struct ptl_tile *parent; /* of a window of an Acc or Mat tile: the whole one; else NULL */
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
  bool is_turned; /* rows of the Mat tile become columns of fractals */
  const ptl_tile *tile;
  const ptl_content *content; /* NULL: unknown or faulty; a fault event said why */
  bool is_whole;          /* PTL_EVENT_SINK: the product leaves, and no more than padding with it */
  const ptl_region *part; /* PTL_EVENT_SINK: where a store goes; NULL if it is no store */
  const ptl_gm_window *window; /* the same, of any rank */
  int root;                    /* value number of the GM pointer that is written, -1: none known */
  int value, leaf;             /* PTL_EVENT_LEAF */
  int64_t phase;   /* PTL_EVENT_FIRST, PTL_EVENT_FOR: which iteration of its round it is, from 0 */
  bool is_further; /* a path in an iteration for which the first of its round stands */
  ptl_code fault;  /* one of the findings of a check; NOT_FOLLOWED: the walk cannot tell */
  const char *text;
  const ptl_op *other; /* the op that the fault is about as well; may be NULL */
  const struct ptl_question *taken;
} ptl_event;

typedef enum ptl_walk_mode {
  PTL_WALK_ONCE, /* every sink is reported once, with loop variables around it as symbols */
  PTL_WALK_RUN,  /* every loop is run of which it is known how often it runs */
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

/* For listeners: the expressions of the walk; what a value is in the kernel, and the integer or the
 * tile that it is bound to at this point. */
ptl_exprs *ptl_walk_exprs(const ptl_walk *walk);
const ptl_value *ptl_value_at(const ptl_walk *walk, int value);
ptl_expr ptl_integer_at(const ptl_walk *walk, int value);
const ptl_tile *ptl_tile_at(const ptl_walk *walk, int value);

/* What an integer is at most at this point, if that is proved to be less than `limit`, which it
 * does not exceed; else `limit`. */
int64_t ptl_walk_most(ptl_walk *walk, ptl_expr expr, int64_t limit);

/* Whether an op computes integers: it is no step. */
bool ptl_is_integer_op(const ptl_op *op);

/* How many iterations a loop has: that is known where its bounds differ by a constant. */
bool ptl_walk_turns(const ptl_walk *walk, const ptl_op *loop, int64_t *turns);

/* How many it has at most; 0: that is not known. */
int64_t ptl_walk_most_turns(ptl_walk *walk, const ptl_op *loop);

/* After how many iterations of a loop with this body its slots come again; 1 if it has none. */
int64_t ptl_slot_period(const ptl_kernel *kernel, const ptl_block *body);

/* Whether this point is in a turn of a loop of unknown bounds that is not the first of its round: a
 * walk goes round as often as the slots of multi tiles take turns. */
bool ptl_walk_is_later_turn(const ptl_walk *walk);
/* Whether this point is in the first turn of a loop that is walked for its faults only: the turn
 * that stands for all follows. */
bool ptl_walk_is_aside(const ptl_walk *walk);

/* Whether the op takes a tile from a pipe into Mat. */
bool ptl_op_pops_to_cube(const ptl_op *op);
/* The valid extents of the tile that a tpop_from_ai* gives, at this point of the walk. */
void ptl_pop_valid(ptl_walk *walk, const ptl_op *op, ptl_expr *rows, ptl_expr *cols);

/* Whether a fault says that the kernel is wrong (else: that the walk cannot tell). */
bool ptl_fault_is_error(ptl_code fault);

/* Whether a fault is one of ptoas, of pto-isa or of the chip: the kernel itself is as it should be.
 */
bool ptl_fault_is_of_others(ptl_code fault);
/* Whether a fault is in how ptoas ties the pipes of a kernel by flags. */
bool ptl_fault_is_of_flags(ptl_code fault);
/* Whether a fault is a warning about GM or some arguments: a rewritten kernel has it where its
 * input has it, and it is no reason against rewriting. */
bool ptl_fault_is_shared(ptl_code fault);

/* A sum with its K segments joined: ascending, without gap or overlap, both
 * operands in step. False if they are not; for floats also if they were not
 * accumulated in ascending order, which is not the same sum. */
bool ptl_sum_join(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out);
/* The same, in whatever order they were accumulated. */
bool ptl_sum_covers(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out);

/* Where the elements of K lie that are added at position k, counted from the sum's first: in row
 * (k / lhs_width) * lhs_down and column k % lhs_width of lhs, and at (k / rhs_length) * rhs_step +
 * k % rhs_length of rhs. Of as many as `length` in a row both lie in one piece; 0: all do. */
typedef struct ptl_k_blocks {
  int64_t length;
  int64_t lhs_width, lhs_down;
  int64_t rhs_length, rhs_step;
} ptl_k_blocks;

/* A sum whose K segments are blocks of lhs in even steps of rhs, all of one length: `out` gets its
 * begin and the whole length, `blocks` where the blocks lie. False if it is none. */
bool ptl_sum_blocks(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out, ptl_k_blocks *blocks);

/* Whether a sum is one product: its segments join, or they are the blocks of an lhs that is
 * stored block by block, one below the other, each as wide as its view: rhs then goes on in even
 * steps. */
typedef enum ptl_wholeness { PTL_SUM_WHOLE, PTL_SUM_BROKEN, PTL_SUM_NOT_KNOWN } ptl_wholeness;
ptl_wholeness ptl_sum_wholeness(ptl_exprs *exprs, const ptl_sum *sum);

#endif
