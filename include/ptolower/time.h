/* How long the kernels of a module take by the model of the core's pipes (docs/plan.md), and what
 * rewriting makes of it (docs/time.md).
 *
 *   ptolower_status status = ptolower_time(options, text, length, &result);
 *   const ptolower_timed *kernel;
 *   for (size_t i = 0; (kernel = ptolower_result_timed(result, i)) != NULL; i++) {
 *     ... kernel->name, kernel->before->costs[0].cycles ...
 *   }
 *   ptolower_result_destroy(result);
 *
 * Cycles are modelled, not measured: good for comparing two forms of one kernel.
 */
#ifndef PTOLOWER_TIME_H
#define PTOLOWER_TIME_H

#include <ptolower/ptolower.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What works at a time in the cube core, each in program order. */
typedef enum ptolower_unit {
  PTOLOWER_MTE2,   /* memory to Mat */
  PTOLOWER_MTE1,   /* Mat to Left and Right */
  PTOLOWER_M,      /* the cube */
  PTOLOWER_FIX,    /* accumulators to memory or Mat */
  PTOLOWER_SCALAR, /* issues the instructions of the others */
  PTOLOWER_UNITS,
} ptolower_unit;

/* "MTE2", "MTE1", "M", "FIX", "issue" */
PTOLOWER_EXPORT const char *ptolower_unit_name(ptolower_unit unit);

/* The time of a kernel under one calibration of the model. No order of its instructions is done
 * before `busy[bound]`. */
typedef struct ptolower_cost {
  double cycles;
  double busy[PTOLOWER_UNITS]; /* cycles for which each unit works */
  ptolower_unit bound;         /* that which works longest */
} ptolower_cost;

/* Why an instruction does not begin as soon as its unit has nothing to do. */
typedef enum ptolower_wait {
  PTOLOWER_NO_WAIT,      /* it does */
  PTOLOWER_WAIT_ISSUE,   /* the scalar unit has not come to it */
  PTOLOWER_WAIT_DATA,    /* what it reads is not written yet */
  PTOLOWER_WAIT_ROOM,    /* what it overwrites is still read or written */
  PTOLOWER_WAIT_FLAG,    /* a flag is not set yet that ptoas lets its pipe wait for */
  PTOLOWER_WAIT_BARRIER, /* all pipes wait for each other */
} ptolower_wait;

/* An instruction as it runs; a loop's body has them once for each iteration. */
typedef struct ptolower_instruction {
  ptolower_unit unit;
  double free;       /* since when its unit has nothing to do */
  double begin, end; /* cycles */
  ptolower_wait wait;
  int waits_for; /* index of the instruction whose end it waits for; -1: none */
  int op;        /* index of its op */
  long long bytes;
} ptolower_instruction;

/* An op that instructions are of. */
typedef struct ptolower_timed_op {
  const char *name; /* "tload" */
  const char *what; /* "%w_part -> %w_mat" */
  const char *
      shape; /* of a product "16 x 256 x 512" (m, n, k), as its first instruction has it; else "" */
  int line;  /* in the text; of a rewritten kernel in the output of ptolower_run */
  const char *source; /* what the op's own loc(...) says; NULL: nothing */
} ptolower_timed_op;

/* The instructions of a kernel, in program order. */
typedef struct ptolower_timeline {
  const ptolower_instruction *instructions;
  int instruction_count;
  const ptolower_timed_op *ops;
  int op_count;
  int is_cut; /* there are more instructions than are kept */
} ptolower_timeline;

/* A flag or a barrier that ptoas put in, at which a unit stands. */
typedef struct ptolower_stall {
  ptolower_unit unit;
  const char *flag; /* "MTE1 -> MTE2, EVENT_ID0", "PIPE_ALL" */
  int line;         /* of the op before which it stands */
  const char *op;   /* its name: "tload"; "for" and "yield" for a loop's begin and end */
  double cycles;    /* for which the unit stands */
  double longer;    /* of them, those for which its data and its room are there */
  int count;        /* how often it does */
} ptolower_stall;

/* A kernel with the flags that ptoas put in. */
typedef struct ptolower_played {
  const char *unknown; /* why the flags are not known; NULL: they are, and all else is set */
  double cycles;       /* under the calibration of the timeline, else the first */
  double data_cycles;  /* the same without flags: what its data and its room need */
  const ptolower_stall *stalls; /* those that cost most first, then the longest */
  int stall_count;
} ptolower_played;

/* A kernel as one text has it. */
typedef struct ptolower_times {
  const ptolower_cost *costs; /* by calibration */
  int is_complete;            /* it was followed to its end; else the costs are those of a part */
  int has_open_loops;         /* loops of unknown bounds: their bodies count once, or as often as
                                 they run at most */
  int has_branches;           /* on unknown conditions: both ways count */
  int has_gaps;               /* ops that are not followed, which may be missing */
  const ptolower_timeline
      *timeline;                 /* NULL: it was not asked for; with the flags, if they are known */
  const ptolower_played *played; /* NULL: nobody told what ptoas wrote */
} ptolower_times;

/* A kernel: a function with ops that multiply. */
typedef struct ptolower_timed {
  const char *name; /* without its @ */
  int line;
  int code;                     /* of the diagnostic that says what was done with it; 0: none */
  const char *reason;           /* what it says */
  const ptolower_times *before; /* NULL: it is a function on tensors, or cannot be read */
  const ptolower_times *after;  /* NULL: it stays as it is */
} ptolower_timed;

/* Times the kernels of a module, rewrites them as ptolower_run does with the same options, and
 * times what comes out. Beside the options of ptolower_run,
 *
 *   timeline        name of a calibration, or `first`: what runs when is kept under it, if the chip
 *                   has one of that name
 *   written         C++ that ptoas made of the module: its flags are played
 *   written-lowered C++ that it made of the output of ptolower_run with the same options
 *
 * There is no output. The status is that of rewriting: with PTOLOWER_REFUSED,
 * too, there are the times of what was read. */
PTOLOWER_EXPORT PTOLOWER_MUST_USE ptolower_status ptolower_time(const ptolower_options *options,
                                                                const char *text, size_t length,
                                                                ptolower_result **result);

/* The kernels, in the order of the text; NULL past the last. */
PTOLOWER_EXPORT const ptolower_timed *ptolower_result_timed(const ptolower_result *result,
                                                            size_t index);

/* The name of a calibration of the target, "pto-isa model, issue 50"; NULL past the last. */
PTOLOWER_EXPORT const char *ptolower_result_calibration(const ptolower_result *result,
                                                        size_t index);

#ifdef __cplusplus
}
#endif

#endif
