/* Inside of the rules: shared by rules.c (which rules an op has to keep) and the files
 * with the rules. Not for other layers. */
#ifndef PTL_RULES_RULES_STATE_H
#define PTL_RULES_RULES_STATE_H

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

/* A rule: NULL if the op keeps it, else what is wrong. */
typedef const char *(*ptl_rule_check)(ptl_rules *r, const ptl_op *op);

/* ---- what an op has (rules_types.c) -------------------------------------- */

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

/* "cols" as "v_col", "row_major": names for messages. */
const char *ptl_blayout_name(const ptl_tile_type *tile);
const char *ptl_slayout_name(const ptl_tile_type *tile);
/* Whether a tile has that layout; the blayout of Left tiles is ptoas' own business. */
bool ptl_layout_is(const ptl_tile_type *tile, bool col_major, int slayout);

#define PTL_RULE_SAY(r, ...) ptl_arena_printf((r)->arena, __VA_ARGS__)
/* Arguments for %.*s. */
#define PTL_STR(s) (int)(s).length, (s).data

/* ---- the rules ------------------------------------------------------------ */

/* alloc_tile (rules_alloc.c) */
const char *ptl_rule_tile_type(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_tile_rows(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_tile_boxes(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_tile_valid(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_tile_address(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_tile_level(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_set_validshape(ptl_rules *r, const ptl_op *op);
/* Of every tile that an op names. */
const char *ptl_rule_valid_fits(ptl_rules *r, const ptl_op *op);

/* views (rules_view.c) */
const char *ptl_rule_view(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_part_types(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_part_bounds(ptl_rules *r, const ptl_op *op);

/* tload, tstore (rules_memory.c) */
const char *ptl_rule_load_kinds(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_load_elems(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_load_space(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_store_kinds(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_store_count(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_store_space(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_store_elems(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_store_acc(ptl_rules *r, const ptl_op *op);

/* textract, tmov (rules_move.c) */
const char *ptl_rule_extract_kinds(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_bounds(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_elems(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_forms(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_spaces(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_from_mat(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_extract_from_acc(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_move_spaces(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_move_shapes(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_move_forms(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_move_layouts(ptl_rules *r, const ptl_op *op);

/* products (rules_cube.c) */
const char *ptl_rule_product_spaces(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_product_elems(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_product_extents(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_product_layouts(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_product_bias(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_a5_only(ptl_rules *r, const ptl_op *op);

/* pipes between the cores (rules_pipe.c) */
const char *ptl_rule_core(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_frontend_data(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_frontend_init(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_frontend_buffers(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_frontend_epilogue(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_frontend_entry(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pop_split(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pipe_entry(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pop_valid(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pipe_shape(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pipe_operands(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_pipe_data(ptl_rules *r, const ptl_op *op);
const char *ptl_rule_reserve(ptl_rules *r, const ptl_op *op);

/* tpop and tfree of a whole function (rules_free.c) */
void ptl_rules_check_frees(ptl_rules *r, ptl_rule_listener listener, void *user);

#endif
