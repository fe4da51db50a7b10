/* The other half of the walk's memory: who owns the bytes.
 *
 * Contents (memory.h) tell what lies at an address. This tells whose it is: a tile that
 * was written under its own name has to be whole when it is read under that name. Two
 * buffers that were put on one address by mistake often hold consistent data at any
 * time, but one of them is not the reader's. It works for all spaces, vector tiles
 * included, and needs only the op table's ins and outs.
 *
 * Not an overwrite: accumulators (pypto carries one on under several names; contents
 * tell them apart), and a vector tile of the same bytes that is written inside a loop, or in
 * place, where the reader's tile was allocated outside of it: that is how a loop carries one.
 */
#ifndef PTL_WALK_OWNERS_H
#define PTL_WALK_OWNERS_H

#include "walk/marks.h"
#include "walk/slices.h"

/* Tiles, by the value numbers of their alloc_tile. Never changed once made. */
typedef struct ptl_roots {
  int root;
  const struct ptl_roots *next;
} ptl_roots;

/* Bytes and who wrote them last. */
typedef struct ptl_owner {
  ptl_range range;
  int root;                /* value number of the alloc_tile */
  int64_t time;            /* of the first write that it may be */
  const ptl_roots *shared; /* tiles that have the same bytes on purpose */
  const ptl_op *op;
  bool in_place;   /* the op read them, too */
  ptl_range whole; /* the tile that was written; `range` is what is left of it */
  bool is_read, is_scratch;
  bool over_unread;     /* it was written over a value of this very place that nothing had read */
  const ptl_when *when; /* on which paths they are its */
  bool is_backed;       /* on the others they are somebody else's: they are written in any case */
} ptl_owner;

typedef struct ptl_owners {
  ptl_arena *arena;
  ptl_owner *items;
  int count, capacity;
  ptl_marks written;             /* by value number of an alloc_tile */
  ptl_slices slices;             /* that were named so far */
  bool is_lost[PTL_SPACE_COUNT]; /* an address is no constant, so nothing is asked there */
} ptl_owners;

/* What is true of a walk whatever the path. */
typedef struct ptl_ledger {
  int64_t now;            /* counts up with every write */
  const ptl_op **writers; /* by an op's index: it wrote a vector tile */
  bool *has_reader;       /* by an op's index: what it wrote was read, at least once */
} ptl_ledger;

struct ptl_walk;

void ptl_owners_init(ptl_owners *owners, ptl_arena *arena, const ptl_kernel *kernel);
void ptl_ledger_init(ptl_ledger *ledger, ptl_arena *arena, const ptl_kernel *kernel);

/* See state.h. */
ptl_owners ptl_owners_fork(ptl_owners *owners);
void ptl_owners_meet(struct ptl_walk *walk, ptl_owners *owners, const ptl_owners *second,
                     const ptl_meeting *meeting);

/* Called for an scf.yield: a tile that is handed on counts as read. */
void ptl_owners_walk_yield(struct ptl_walk *walk, const ptl_op *op);

/* Reports what was written to vector tiles and never read. */
void ptl_owners_finish(struct ptl_walk *walk);

/* Called for every op on tiles, in program order, before its effect on contents. */
void ptl_owners_walk_op(struct ptl_walk *walk, const ptl_op *op);

#endif
