/* Inside of the model of ptoas' synchronisation: the kernel as a list (sync_list.c), and how flags
 * are put into it (sync.c). Not for other layers. */
#ifndef PTL_SYNC_SYNC_STATE_H
#define PTL_SYNC_SYNC_STATE_H

#include "sync/flag_op.h"
#include "sync/slot_form.h"
#include "sync/sync.h"

/* Longer kernels are left alone: the model takes time that grows with the square. */
enum { PTL_SYNC_MAX_ELEMENTS = 2000, PTL_SYNC_MAX_TIES = 2048 };

/* Bytes that an op names: a tile, or all slots of a multi tile of which it names one. */
typedef struct ptl_sync_bytes {
  int root;  /* value number of the alloc; tiles without addresses overlap only with themselves */
  int place; /* value number of the address, or of the alloc if it has none or several */
  ptl_space space;
  bool has_address;
  int64_t begins[PTL_MAX_SLOTS];
  int begin_count;
  int64_t bytes;
  int slot; /* value that names the slot; -1: none */
} ptl_sync_bytes;

typedef enum ptl_element_kind {
  PTL_ELEMENT_OP,
  PTL_ELEMENT_LOOP_BEGIN,
  PTL_ELEMENT_LOOP_END,
  PTL_ELEMENT_IF_BEGIN,
  PTL_ELEMENT_ELSE,
  PTL_ELEMENT_IF_END,
} ptl_element_kind;

/* A flag at an element: of a tie, its set or its wait. */
typedef struct ptl_flag {
  int tie;
  bool is_set;
} ptl_flag;

typedef struct ptl_flags {
  ptl_flag *items;
  int count, capacity;
} ptl_flags;

typedef struct ptl_element {
  ptl_element_kind kind;
  const ptl_op *op;
  ptl_sync_pipe pipe;
  const ptl_sync_bytes **reads, **writes;
  int read_count, write_count;
  int begin, end;   /* of the loop or branches */
  int middle;       /* the else, or the end if there is none */
  int around;       /* the element that begins what it stands in, an else included; -1: none */
  bool has_barrier; /* its pipe waits for itself before it */
  ptl_flags before, behind;
} ptl_element;

typedef struct ptl_sync {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  ptl_values values;
  ptl_element *elements;
  int count, capacity;
  const ptl_sync_bytes **bytes_of; /* by value number; NULL: none that are known */
  bool has_gm; /* what is in GM is listed, too: each pointer of the kernel is to bytes of its own */
  bool is_given_up;
} ptl_sync;

enum { PTL_SYNC_MAX_ROOTS = 8 };

/* The elements at which a tie's flag is set and waited for, and the slots that it is about. */
typedef struct ptl_tie_ends {
  int set_at, wait_at;
  int loop_end;                  /* of the loop that carries it; -1: none */
  int slots, to_slot, from_slot; /* how many there are, and the values that name the two */
  int roots[PTL_SYNC_MAX_ROOTS]; /* places that it is about */
  int root_count;
  int ids[PTL_MAX_SLOTS]; /* event ids that it has (event_flags.c) */
  int id_count;
  bool is_merged; /* another tie stands for it */
  bool is_local;  /* a loop carries it, and it has its ids while that loop runs; else throughout */
} ptl_tie_ends;

/* A kernel that is tied. */
typedef struct ptl_tier {
  ptl_sync list;
  bool by_bases; /* tiles share memory only if they begin at one address */
  ptl_tie *ties;
  ptl_tie_ends *ends; /* of each tie */
  int count, tie_capacity, end_capacity;
} ptl_tier;

/* Ties the ops of a kernel. False: it is too long, or has flags of its own. */
bool ptl_sync_tie(ptl_tier *t, ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                  const ptl_noted *noted);
/* Flags moved out of branches and loops, and redundant ones dropped (sync_move.c). */
void ptl_sync_move(ptl_tier *t);
/* Gives the ties their event ids. One that has none afterwards, and is not merged, is a barrier of
 * all pipes where it would wait. */
void ptl_sync_give_ids(ptl_tier *t);
void ptl_sync_add_flag(ptl_tier *t, ptl_flags *flags, ptl_flag flag);
void ptl_sync_remove_flag(ptl_flags *flags, int tie);

/* Lists the kernel's ops on tiles, and the loops and branches around them. */
void ptl_sync_list(ptl_sync *sync);

#endif
