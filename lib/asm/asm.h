/* .pto assembly, read into MLIR and written back.
 *
 * MLIR parses everything but the `pto` dialect's own syntax. Reading rewrites each
 * `pto.` statement into MLIR's generic form, line for line, so that MLIR can parse
 * the text with unregistered dialects allowed; types and attributes of the dialect
 * stay opaque. Writing prints a function in the style of pypto. The syntax of the
 * ops is one table (ops.def), used in both directions.
 *
 * What the reader adds:
 *   - every statement gets a location: "file":line:col of its op, fused with the
 *     op's own loc(...) where it has one, wrapped in a name location that keeps
 *     the SSA name of its first result (of an scf.for without results: of its
 *     loop variable): loc("name"(fused["k.pto":12:5, "model.py":671:13]));
 *   - every func.func gets `ptolower.arg_names = ["arg0", ...]` and
 *     `ptolower.range = array<i64: begin, end>`, its bytes in the source (whole lines are
 *     not implied: begin is the `func.func` token, end is after its `}` and
 *     loc);
 *   - an scf.for with iter_args gets `ptolower.arg_names`: loop variable, arguments;
 *   - ops whose row has optional or variadic operands get operandSegmentSizes (with
 *     all groups of the row; the writer also takes fewer, or none where it is clear);
 *   - types get one spelling each (tiles the long one), and pto ops that came in generic
 *     form the mark `ptolower.generic`: they are written as they came.
 *
 * A function that holds an op or syntax that is not known becomes a private
 * declaration with `ptolower.opaque = "reason"` and its range; the rest is read.
 */
#ifndef PTL_ASM_ASM_H
#define PTL_ASM_ASM_H

#include <mlir-c/IR.h>

#include "asm/ops.h"
#include "support/diag.h"
#include "support/map.h"
#include "support/status.h"
#include "support/strbuf.h"
#include "target/target.h"

/* Brackets may nest this deep: MLIR's parser recurses, and crashes on deeper
 * input. */
enum { PTL_MAX_NESTING = 256 };

/* Larger texts are not read: places in them, and arrays of what they hold, are counted in int. */
enum { PTL_MOST_TEXT_BYTES = 1 << 28 };

typedef struct ptl_asm_text {
  ptl_str mlir;         /* what MLIR is to parse; NUL-terminated */
  bool is_intermediate; /* text that a ptolower pass printed: taken as it is */
  bool has_own_ops;     /* ops of the ptolower dialect stand in it, or may, as in such a text */
} ptl_asm_text;

/* Rewrites `source` for MLIR's parser. `file` is the name for locations; NULL: places are
 * of no use, so locations are the names of values only, and MLIR has less to read.
 * PTL_REFUSED with a diagnostic: the text is not MLIR at all (unbalanced, binary,
 * nested too deep). Unknown ops are not an error, see above; each adds a remark. */
PTL_MUST_USE ptl_status ptl_asm_read(ptl_arena *arena, ptl_str source, const char *file,
                                     ptl_diags *diags, ptl_asm_text *out);

/* The first name of a text for MLIR that is used before an inner block defines it; NULL if there is
 * none. MLIR must not see such a text: it may crash. */
const char *ptl_asm_find_early_use(ptl_arena *arena, ptl_str mlir);

/* The column in `source` of what stands at a place of its rewritten text `mlir`; that of the
 * line's first character if the line does not hold it. Lines and columns count from 1. */
int ptl_asm_user_column(ptl_str source, ptl_str mlir, int line, int column);

/* What MLIR's parser had against the rewritten text, at its place in the source. */
typedef struct ptl_asm_problem {
  int line, column;
  const char *reason;
} ptl_asm_problem;

/* As ptl_asm_read, but functions that hold one of the problems are opaque: after MLIR
 * refused the text, the rest of it can still be read. `unread` is how grave it is that text is
 * not what the pto dialect has. PTL_WARNING: an op that it does not have is one more diagnostic,
 * and makes its function opaque in generic form, too. */
PTL_MUST_USE ptl_status ptl_asm_read_around(ptl_arena *arena, ptl_str source, const char *file,
                                            const ptl_asm_problem *problems, size_t problem_count,
                                            ptl_severity unread, ptl_diags *diags,
                                            ptl_asm_text *out);

/* The parts of an MLIR location, undone from what the reader wrote. Parts that are
 * not there are NULL or 0. Strings live in the arena. */
typedef struct ptl_loc_parts {
  const char *name; /* SSA name without % */
  ptl_loc loc;
} ptl_loc_parts;
ptl_loc_parts ptl_loc_parts_of(ptl_arena *arena, MlirLocation location);

/* The parts of the locations that were asked for so far, or made: MLIR shows them only as text, and
 * to print one takes as long as to write the line of its op. All but `arena`, in which what they
 * are made of has to stay, is zero to begin with. */
typedef struct ptl_places {
  ptl_arena *arena;
  struct ptl_place *items;
  int count, capacity;
  ptl_map map;
} ptl_places;
ptl_loc_parts ptl_places_get(ptl_places *places, MlirLocation location);
/* The same place for a value of that name, which has to stay as well; NULL: for none. */
MlirLocation ptl_places_rename(ptl_places *places, MlirLocation location, const char *name);

/* The reverse: a location with these parts. */
MlirLocation ptl_loc_make(MlirContext context, const char *name, ptl_loc loc);

/* Writes one function in .pto syntax: from `func.func` to its closing brace and the
 * loc(...) after it, and no newline. SSA names come from name locations, made unique; every op
 * ends in a loc(...): its model location if it has one, else `"file":line:col` with the file's base
 * name. `places` are those of the session. PTL_INTERNAL with a diagnostic at an op that has no .pto
 * syntax (ops of the ptolower dialect); ops without a row are written in generic form. */
PTL_MUST_USE ptl_status ptl_asm_write_func(MlirOperation func, ptl_places *places, ptl_diags *diags,
                                           ptl_strbuf *out);

/* What the file calls an argument of a function or loop, without its `%`; NULL: no name is kept. */
const char *ptl_argument_name(ptl_arena *arena, MlirOperation op, intptr_t index);

/* The operandSegmentSizes of an op that has each of its groups once and none of the
 * optional ones; null for an op without segments or without a syntax of ours. */
MlirAttribute ptl_asm_plain_segments(MlirContext context, ptl_op_id op);

/* A tile type, parsed: both spellings of `!pto.tile_buf<...>`. */
typedef struct ptl_tile_type {
  ptl_space space;
  ptl_elem elem;
  int64_t rows, cols;
  int64_t valid_rows, valid_cols; /* -1: `?`, given by the alloc_tile or set_validshape */
  bool blayout_col_major;
  enum { PTL_SLAYOUT_NONE, PTL_SLAYOUT_ROW, PTL_SLAYOUT_COL } slayout;
  int64_t fractal;
  int64_t pad;
  int64_t compact; /* 0: absent */
} ptl_tile_type;

/* False if the text is not a tile type, or of a space or element that is unknown. */
bool ptl_tile_type_parse(ptl_str text, ptl_tile_type *out);

/* The same with any element type: `elem` gets its text, and `out->elem` stays PTL_ELEM_NONE. */
bool ptl_tile_shape_parse(ptl_str text, ptl_tile_type *out, ptl_str *elem);

/* Whether the whole extents are those of a product: m x k times k x n gives m x n. */
bool ptl_tiles_multiply(const ptl_tile_type *left, const ptl_tile_type *right,
                        const ptl_tile_type *acc);

/* Reads `!pto.multi_tile_buf<...>`, also in both spellings: the type of one slot, and how
 * many there are, 1 to PTL_MAX_SLOTS. */
enum { PTL_MAX_SLOTS = 16 };
bool ptl_multi_tile_type_parse(ptl_str text, ptl_tile_type *out, int64_t *slots);

/* The long spelling, as pypto writes it (`!pto.tile_buf<loc=mat, dtype=i8, ...>`). */
void ptl_tile_type_print(const ptl_tile_type *type, ptl_strbuf *out);

/* Element type and extents of `!pto.tensor_view<?x?xi8>`, `!pto.partition_tensor_view<16x512xi8>`;
 * -1 stands for `?`. False if it is neither or has more than two dimensions. */
typedef struct ptl_view_type {
  bool is_partition;
  int rank;
  int64_t extents[2];
  ptl_elem elem;
} ptl_view_type;
bool ptl_view_type_parse(ptl_str text, ptl_view_type *out);

/* The same with any element type and up to PTL_VIEW_MAX_RANK dimensions. What stands after the
 * element type is not looked at. */
enum { PTL_VIEW_MAX_RANK = 8 };
typedef struct ptl_view_shape {
  bool is_partition;
  int rank;
  int64_t extents[PTL_VIEW_MAX_RANK];
  ptl_str elem;
} ptl_view_shape;
bool ptl_view_shape_parse(ptl_str text, ptl_view_shape *out);

/* Element type of `!pto.ptr<i8>` (also `!pto.ptr<i8, gm>`); PTL_ELEM_NONE if it is none. */
ptl_elem ptl_ptr_type_parse(ptl_str text);
/* The text of its element type, known or not; empty if it is no pointer. */
ptl_str ptl_ptr_elem(ptl_str text);

/* The text of a type, also NUL-terminated. Types of pto ops are opaque to MLIR, which keeps their
 * text as it was read. */
ptl_str ptl_type_text(ptl_arena *arena, MlirType type);

/* Adds a string as MLIR reads it, whatever bytes a file's name has. */
void ptl_asm_add_quoted(ptl_strbuf *out, const char *text);

#endif
