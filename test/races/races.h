/* Whether the flags of a kernel order what it does, by running its pipes with random delays.
 *
 * A kernel with flags is run once, by the interpreter of ../mutation and with small arguments, to a
 * list of instructions: on which pipe of which core each works, and which bytes it reads and
 * writes. The list is then run with delays (times.c): the scalar unit of each core hands out the
 * instructions in their order, each pipe works through its own, flags count, and how long each
 * takes is left to chance. What was read is compared with what a run without any overlap reads
 * (contents.c).
 *
 * It shares nothing with lib/flags: there is no state that stands for many runs, and no rule about
 * two accesses, only times and contents.
 *
 * How pipes work: MTE1, MTE2, MTE3, FIX and the scalar unit take one instruction after the other.
 * The cube's products begin in their order and may overlap. The vector pipe issues the repeats (256
 * bytes) of its instructions one after the other, and what a repeat writes is there at most 15
 * repeats later; on a5 it takes one instruction after the other. What the scalar unit stores is
 * there some time later, while the unit goes on.
 *
 * How cores tell each other something (crossings.c): a signal comes when its pipe has done all
 * before it, and reaches the other core some time later. On a2a3 a core that awaits one stops as a
 * whole, on a5 the pipe that it names. Pushes and pops are such signals, with slots between them: a
 * push into a slot that may be in use awaits that it is free.
 */
#ifndef PTL_TEST_RACES_RACES_H
#define PTL_TEST_RACES_RACES_H

#include "mutation/machine.h"

typedef enum rac_pipe {
  RAC_S,
  RAC_V,
  RAC_M,
  RAC_MTE1,
  RAC_MTE2,
  RAC_MTE3,
  RAC_FIX,
  RAC_PIPES,
  RAC_ALL = RAC_PIPES, /* of a barrier; of what a core awaits: it stops as a whole */
} rac_pipe;

/* "PIPE_MTE1" */
const char *rac_pipe_name(rac_pipe pipe);

typedef enum rac_kind {
  RAC_OP,
  RAC_SET,
  RAC_WAIT,
  RAC_BARRIER,
  RAC_SIGNAL, /* to other cores */
  RAC_AWAIT,  /* a signal of other cores */
  RAC_MEET,   /* all cores meet */
} rac_kind;

enum { RAC_IDS = 16, RAC_CHANNELS = 64 };

/* The flag that a statement is, of one core or between cores; false if it is none. `id` is -1 if it
 * is an operand; `to` is RAC_ALL between cores. */
bool rac_flag_of(const mut_op *op, rac_kind *kind, rac_pipe *from, rac_pipe *to, int *id);

/* A part of the bytes of one operand, from repeat `first` to `last` of it. */
typedef struct rac_part {
  int segment;
  int first, last;
  bool is_write;
} rac_part;

typedef struct rac_instr {
  rac_kind kind;
  const mut_op *op;
  int core;
  rac_pipe pipe, to;         /* of a flag: from, to */
  int id;                    /* of a flag; of a signal: its channel */
  unsigned peers;            /* of a signal: the cores that it goes to, or comes from, as bits */
  bool is_told, stores_word; /* a signal that has to be awaited; a store by the scalar unit */
  uint64_t word;             /* what that stores */
  int part_begin, part_end;
  int repeats;
} rac_instr;

/* The instructions of each core, core after core. */
typedef struct rac_trace {
  rac_instr *instrs;
  int count, capacity;
  int core_count, begin[MUT_CORES + 1];
  rac_part *parts;
  int part_count, part_capacity;
  int segments;
  bool is_a5;
  const char *failed; /* why there is no list, or NULL */
} rac_trace;

enum { RAC_MOST_INSTRS = 6000 };

/* Integer arguments: the first one, and how much more each next one is. */
typedef struct rac_arguments {
  int64_t first, step;
} rac_arguments;

/* The unit may be one function, or both of a mixed kernel. Of the vector cores one alone is seen in
 * global memory, the one with this number, as no proof is asked of what both do there. */
void rac_trace_run(rac_trace *trace, mut_chip *chip, const mut_program *program,
                   const mut_unit *unit, rac_arguments arguments, int lane);
void rac_trace_free(rac_trace *trace);
/* Lists with one hash do the same. */
uint64_t rac_trace_hash(const rac_trace *trace);

/* The numbers of all instructions in an order in which they may run one after the other. False if
 * cores wait for each other for ever. */
bool rac_order(const rac_trace *trace, int *order);

/* What a run is to be like: chance, or one that is slower than all others. */
typedef struct rac_delays {
  uint64_t seed;
  int slow; /* an instruction by number, or a core from the number of all on; -1: none */
} rac_delays;

typedef struct rac_span {
  int64_t begin, end;
  int64_t tick; /* of the vector pipe: from repeat to repeat */
  int64_t late; /* and how many later what it writes is there */
} rac_span;

typedef enum rac_outcome {
  RAC_SAME,
  RAC_CHANGES, /* an instruction reads, or a buffer holds at the end, another value */
  RAC_HANGS,
  RAC_LEAVES_A_FLAG, /* for the next kernel */
} rac_outcome;

/* When each instruction runs; false if the kernel hangs. `left`: how many flags are up at the end.
 */
bool rac_times(const rac_trace *trace, rac_delays delays, rac_span *spans, int *left);
/* The instruction that reads, or the first one that wrote, another value than in this order; -1:
 * none. */
int rac_changed(const rac_trace *trace, const int *order, const rac_span *spans);

/* Runs with so many seeds, and then with each instruction in turn as the slow one, until something
 * is seen. `where`: the instruction, or -1. */
rac_outcome rac_judge(const rac_trace *trace, int seeds, int *where);

/* A change of one flag in the text of a kernel. */
typedef enum rac_change_kind {
  RAC_REMOVED,
  RAC_MOVED_UP,
  RAC_MOVED_DOWN,
  RAC_OTHER_ID,
  RAC_OTHER_FROM,
  RAC_OTHER_TO,
  RAC_CHANGE_KINDS,
} rac_change_kind;

const char *rac_change_name(rac_change_kind kind);

typedef struct rac_change {
  rac_change_kind kind;
  const mut_op *op;
  const char *what; /* the flag as it is now, or what it was moved across */
} rac_change;

typedef void (*rac_visit)(void *user, const rac_change *change, const char *text);

/* Makes every change of every flag of a function. */
void rac_changes(const char *text, const mut_func *func, rac_visit visit, void *user);

#endif
