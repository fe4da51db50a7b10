/* Inside of the model of ptoas' synchronisation: the kernel as a list (sync_list.c), and how flags
 * are put into it (sync.c). Not for other layers. */
#ifndef PTL_SYNC_SYNC_STATE_H
#define PTL_SYNC_SYNC_STATE_H

#include "sync/slot_form.h"
#include "sync/sync.h"

/* Longer kernels are left alone: the model takes time that grows with the square. */
enum { PTL_SYNC_MAX_ELEMENTS = 2000, PTL_SYNC_MAX_TIES = 2048 };

/* Bytes that an op names: a tile, or all slots of a multi tile of which it names one. */
typedef struct ptl_sync_bytes {
  int root; /* value number of the alloc; tiles without addresses overlap only with themselves */
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
  int begin, end; /* of the loop or branches */
  int middle;     /* the else, or the end if there is none */
  int around;     /* the element that begins what it stands in, an else included; -1: none */
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
  bool is_given_up;
} ptl_sync;

/* Lists the kernel's ops on tiles, and the loops and branches around them. */
void ptl_sync_list(ptl_sync *sync);

#endif
