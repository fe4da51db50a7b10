/* What an op has, as ptoas' rules see it: its types, with any element type and views of any rank,
 * and its attributes. For the rules, and for the layers that stand on them. */
#ifndef PTL_RULES_OP_TYPES_H
#define PTL_RULES_OP_TYPES_H

#include <inttypes.h>

#include "rules/rules.h"

typedef enum ptl_type_kind {
  PTL_TYPE_UNKNOWN, /* no rule speaks of it */
  PTL_TYPE_INTEGER,
  PTL_TYPE_POINTER,
  PTL_TYPE_VIEW,
  PTL_TYPE_PART,
  PTL_TYPE_TILE,
  PTL_TYPE_NO_TILE, /* looks like a tile type, but is none */
  PTL_TYPE_PIPE,
} ptl_type_kind;

/* A type as the rules see it: with any element type, and views of any rank. */
typedef struct ptl_rule_type {
  ptl_type_kind kind;
  ptl_str elem;
  int64_t elem_bytes; /* 0: not known */
  ptl_tile_type tile; /* its `elem` is not set */
  int rank;           /* of a view or part */
  int64_t extents[PTL_VIEW_MAX_RANK];
} ptl_rule_type;

typedef struct ptl_rules {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  const ptl_noted *noted;
  const ptl_family *family;
  const ptl_rule_type **types; /* by value number; NULL: not looked at yet */
  const ptl_op **makers;       /* by value number; NULL: a block argument */
  const ptl_op **pipes;        /* ops that set up a pipe or reserve a buffer */
  int pipe_count, pipe_capacity;
  const ptl_op *with_address, *without_address; /* the first alloc_tile of each kind */
  const char *core;                             /* "cube", "vector" or NULL, around the op */
  const ptl_op *other;                          /* a rule that fails may set it */
} ptl_rules;

const ptl_rule_type *ptl_rule_type_of(ptl_rules *r, int value);
/* The type of an operand; PTL_TYPE_UNKNOWN if there is no such operand. */
const ptl_rule_type *ptl_rule_operand(ptl_rules *r, const ptl_op *op, int operand);
const ptl_rule_type *ptl_rule_result(ptl_rules *r, const ptl_op *op);

bool ptl_elem_is(const ptl_rule_type *type, const char *name);
bool ptl_elem_is_one_of(const ptl_rule_type *type, const char *const *names);
/* An integer of that many bits, with or without a sign. */
bool ptl_elem_is_int(const ptl_rule_type *type, int bits);
/* fp8, hif8, fp4 and the like. */
bool ptl_elem_is_low(const ptl_rule_type *type);
bool ptl_same_elem(const ptl_rule_type *a, const ptl_rule_type *b);

/* Whether a value is one constant throughout the kernel. */
bool ptl_rule_constant(const ptl_rules *r, int value, int64_t *out);
bool ptl_rule_integer_attr(const ptl_op *op, const char *name, int64_t *out);
/* The text of an attribute; empty if there is none. */
ptl_str ptl_rule_attr_text(ptl_rules *r, const ptl_op *op, const char *name);
/* Size of an operand group; `otherwise` if the op has no segments. */
int ptl_rule_segment(const ptl_op *op, int group, int otherwise);
/* An operand after the first `fixed` ones that is a tile (fp), or an integer (a scalar for
 * quantisation); NULL if there is none. */
const ptl_rule_type *ptl_rule_extra(ptl_rules *r, const ptl_op *op, int fixed, ptl_type_kind kind);

#endif
