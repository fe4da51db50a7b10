/* What the parts that make a list of instructions share. */
#ifndef PTL_TEST_RACES_RECORDER_H
#define PTL_TEST_RACES_RECORDER_H

#include "mutation/machine_state.h"
#include "races.h"

/* A buffer in blocks. */
enum { RAC_BLOCK = 32, RAC_BLOCKS = 512 * 1024 / RAC_BLOCK };

/* Memories by number: of each core one for each space, then the arguments', then the slots of pipes
 * in global memory. */
enum {
  RAC_GM = MUT_SPACES * MUT_CORES,
  RAC_ROOTS = 512,
  RAC_SLOTS = RAC_GM + RAC_ROOTS,
  RAC_MEMORIES = RAC_SLOTS + 2 * MAX_PIPES,
  RAC_MEMORY_SHIFT = 48, /* bytes of a memory, or elements of an argument */
};

typedef struct rac_range {
  int instr;
  int64_t begin, end; /* with the memory in the high bits */
  bool is_write;
} rac_range;

/* Elements of an argument's memory that an instruction reads or writes. */
typedef struct rac_touch {
  int instr;
  view of;
  int64_t rows, cols;
  bool is_write;
} rac_touch;

typedef struct rac_recorder {
  rac_trace *trace;
  int lane; /* whose global memory is seen */
  bool is_touched[RAC_BLOCKS];
  rac_range *ranges;
  int count, capacity;
  rac_touch *touches;
  int touch_count, touch_capacity;
} rac_recorder;

static inline int rac_memory_of(const mut_machine *m, mut_space space) {
  return m->number * MUT_SPACES + (int)space;
}

void *rac_more(void *old, int count, int *capacity, size_t size);
rac_instr *rac_add_instr(rac_recorder *r, const mut_machine *m, rac_instr instr);
/* Of the last instruction. */
void rac_add_range(rac_recorder *r, int memory, int64_t begin, int64_t end, bool is_write);
/* The tiles and the global memory of an op, on this pipe. */
void rac_add_op(rac_recorder *r, mut_machine *m, const mut_op *op, rac_pipe pipe);
/* A tile as a whole; of a slice the blocks that are its own. */
void rac_add_tile(rac_recorder *r, mut_machine *m, const tile *t, bool is_slice, bool is_write);
bool rac_starts(const mut_op *op, const char *prefix);

/* crossings.c: pushes, pops and signals, and what is awaited at the end; false: it is none. */
bool rac_add_crossing(rac_recorder *r, mut_machine *m, const mut_op *op);

/* gm.c: notes what a load or store touches in global memory, also by the scalar unit. */
void rac_note_gm(rac_recorder *r, mut_machine *m, const mut_op *op);
/* Adds the ranges of it, of memory that one pipe writes and another one uses. */
void rac_add_gm(rac_recorder *r);

/* segments.c: makes parts of the ranges. */
void rac_cut(rac_recorder *r);

#endif
