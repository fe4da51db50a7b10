/* One run of the compiler: what its passes share.
 *
 * A session owns its arena, its MLIR context and its module; nothing in the
 * library lives outside of one. Made and freed by lib/api.
 */
#ifndef PTL_IR_SESSION_H
#define PTL_IR_SESSION_H

#include <mlir-c/IR.h>

#include "asm/asm.h"
#include "support/diag.h"
#include "support/map.h"
#include "support/status.h"
#include "support/strbuf.h"
#include "target/target.h"

typedef enum ptl_fuse_mode {
  PTL_FUSE_AUTO,   /* when it is modelled faster */
  PTL_FUSE_OFF,    /* never */
  PTL_FUSE_ALWAYS, /* whenever there is a plan */
} ptl_fuse_mode;

/* Which kernels may be rewritten. */
typedef enum ptl_rewrite_mode {
  PTL_REWRITE_ALL,   /* those whose products are followed */
  PTL_REWRITE_PAIRS, /* those with products that share their left operand */
  PTL_REWRITE_NONE,
} ptl_rewrite_mode;

/* A function that was emitted: its bytes in the output. */
typedef struct ptl_emitted {
  MlirOperation func;
  size_t begin, end;
  MlirModule read; /* its text, read again; null: that is not kept */
} ptl_emitted;

/* A kernel whose plan is slower as it is written than its input, and the words for that. */
typedef struct ptl_slower {
  const char *function, *why;
  const struct ptl_slower *next;
} ptl_slower;

/* The types whose text was read (ir/types.h). */
typedef struct ptl_known_types {
  const struct ptl_type_facts **items;
  int count, capacity;
  ptl_map map;
} ptl_known_types;

typedef struct ptl_session {
  ptl_arena arena;
  ptl_diags diags;
  MlirContext context;
  MlirModule module;
  const char *file; /* of the input, for diagnostics */
  const ptl_target *target;
  ptl_fuse_mode fuse;
  ptl_rewrite_mode rewrite;
  bool repairs;          /* functions that no ptoas compiles, whatever the model says of the time */
  const char *functions; /* names of the kernels that may be rewritten, with commas; NULL: all */
  ptl_severity unread;   /* of text in the place of an op that is no op of the pto dialect */
  ptl_strbuf output;     /* what emit-pto wrote */
  bool has_output;
  ptl_emitted *emitted; /* the functions in it that are not the input's text */
  size_t emitted_count;
  int emitted_capacity;
  bool writes_plans;               /* as JSON, on the functions */
  bool keeps_emitted;              /* what the proof reads of them is kept */
  const struct ptl_slower *slower; /* kernels that a run before this one made slower */
  struct ptl_planned *planned;     /* searches that are done (passes/planned.h) */
  struct ptl_outcome *outcomes;    /* what becomes of each kernel (passes/outcomes.h) */
  bool ir_is_kept; /* the pass that ran last left the IR as it was, so that it is not verified */
  ptl_known_types types;
  ptl_known_ops ops;
  ptl_places places; /* of its ops */
} ptl_session;

/* Attributes by which the passes talk to each other; none is ever written to .pto. */
extern const char ptl_attr_stage[];    /* module: name of the last pass that ran */
extern const char ptl_attr_source[];   /* module: the input's text */
extern const char ptl_attr_range[];    /* function: its bytes in the source */
extern const char ptl_attr_opaque[];   /* function: not read, and why */
extern const char ptl_attr_changed[];  /* function: no longer what the source says */
extern const char ptl_attr_settled[];  /* function: changed in where its tiles are allocated only */
extern const char ptl_attr_close[];    /* function: its plan may be slower as it is written */
extern const char ptl_attr_imported[]; /* function: made from tensors */
extern const char ptl_attr_imports[];  /* function: whose pipe's buffer it takes; empty: nobody's */
extern const char ptl_attr_names[];    /* function: names of its arguments */
extern const char ptl_attr_length[];   /* function: of the input, as it is written */
extern const char ptl_attr_cycles[];   /* function: modelled cycles of the input */
extern const char ptl_attr_turns[];    /* function: what one more turn of its loops of unknown
                                          bounds adds to them */
extern const char ptl_attr_loop_turns[]; /* scf.for: how often it runs, where its bounds are no
                                            constants, but differ by one */
extern const char ptl_attr_effects[];    /* function: what it did as the input had it */
extern const char ptl_attr_assumes[];    /* function: arguments taken to be non-negative */
extern const char ptl_attr_plans[];      /* function: the plans of its products, as JSON */
extern const char
    ptl_attr_group[]; /* ptolower.matmul: number of the products to be computed together */
extern const char ptl_attr_stores[]; /* function made from tensors: what it has to store, by
                                        PTL_EXPECTED_STORE_FIELDS numbers a result */
extern const char
    ptl_attr_joined[]; /* function: accumulators of it share a place that a move joins */
extern const char ptl_attr_broken[]; /* function: why no ptoas compiles it, or it cannot work */
extern const char ptl_attr_level2[]; /* function: its tiles have no addresses */
extern const char ptl_attr_merge[];  /* function: becomes part of one, and what the user calls it;
                                        module: name of that one */
extern const char ptl_attr_same[];   /* function to be merged: a number for each argument; those of
                                        one number, not 0, are one */
extern const char ptl_attr_merged[]; /* function made of others: for each the numbers of its
                                        arguments here */

/* A context with the dialects that the compiler reads: func, arith, scf, linalg, tensor,
 * and the ptolower dialect without its matmul_accs_N; `pto` stays unregistered. Null if the dialect
 * did not load (our bug). */
MlirContext ptl_context_create(void);

/* Says that it did not. PTL_INTERNAL. */
ptl_status ptl_dialect_not_loaded(ptl_session *session);

/* Adds the ops matmul_accs_N, if they are not there. To be called before one is read or made: MLIR
 * refuses an op of ours that it does not know. */
PTL_MUST_USE ptl_status ptl_load_accs(ptl_session *session);

/* The definition of the ptolower dialect: IRDL text. */
const char *ptl_dialect_text(void);

/* The ptolower ops' own rules, and the shapes, kinds and types of the `pto` ops of
 * functions that we have changed. An op that breaks them is PTL_INTERNAL with
 * PTL900, which names the pass; where `pass` is NULL this is the input, and it is
 * PTL_REFUSED with PTL006. */
PTL_MUST_USE ptl_status ptl_verify(ptl_session *session, const char *pass);

/* The location of an op, for diagnostics. */
ptl_loc ptl_loc_of(ptl_session *session, MlirOperation op);

#endif
