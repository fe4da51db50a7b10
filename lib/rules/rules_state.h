/* Inside of the rules: shared by rules.c (which rules an op has to keep) and the files
 * with the rules. Not for other layers. */
#ifndef PTL_RULES_RULES_STATE_H
#define PTL_RULES_RULES_STATE_H

#include "rules/op_types.h"

/* A rule: NULL if the op keeps it, else what is wrong. */
typedef const char *(*ptl_rule_check)(ptl_rules *r, const ptl_op *op);

/* ---- names and layouts of types (rules_types.c) ------------------------------ */

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
