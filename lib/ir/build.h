/* Small helpers over the MLIR C API: reading attributes, making ops. */
#ifndef PTL_IR_BUILD_H
#define PTL_IR_BUILD_H

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <mlir-c/IR.h>
#include <stdbool.h>
#include <stdint.h>

#include "asm/asm.h"
#include "ir/session.h"

/* What a builder has made, or found, once and gives to later ops, too. */
typedef struct ptl_built {
  struct ptl_built_constant {
    MlirType type;
    int64_t value;
    MlirValue result;
  } * constants; /* none may be erased while the builder is used */
  int count, capacity;
  MlirNamedAttribute segments[PTL_OP_ID_COUNT]; /* of ptl_build_plain; null: not made yet */
} ptl_built;

/* Where new ops go: before `before`, or at the end of the block if that is null. */
typedef struct ptl_builder {
  ptl_arena *arena;
  MlirContext context;
  MlirBlock block;
  MlirOperation before;
  MlirLocation location;
  MlirBlock entry; /* the function's first block: constants go to its begin */
  ptl_places *places;
  ptl_built *built; /* shared by copies of the builder */
} ptl_builder;

/* A builder in front of `op`, with its location. */
ptl_builder ptl_builder_before(ptl_session *session, MlirOperation op);

/* A builder at the end of a block. */
ptl_builder ptl_builder_at_end(ptl_session *session, MlirBlock block, MlirLocation location);

/* What an op is made of; zero what it does not have. */
typedef struct ptl_op_spec {
  ptl_op_id id;
  const MlirValue *operands;
  int operand_count;
  const MlirType *results;
  int result_count;
  const MlirNamedAttribute *attributes;
  int attribute_count;
  const char *value_name; /* for the SSA name, as long as the session; may be NULL */
  MlirRegion region;      /* owned by the op then; null if none */
} ptl_op_spec;
MlirOperation ptl_build(const ptl_builder *builder, const ptl_op_spec *spec);

/* An op without results that has each of its groups of operands once, and none of the optional
 * ones. */
void ptl_build_plain(const ptl_builder *builder, ptl_op_id id, const MlirValue *operands,
                     int operand_count);

/* An op of the same name and attributes as `op`, with other operands and one result of `type`. */
MlirOperation ptl_build_like(const ptl_builder *builder, MlirOperation op,
                             const MlirValue *operands, int operand_count, MlirType type);

/* A constant, shared with the function's others of that value and type. */
MlirValue ptl_build_index(const ptl_builder *builder, int64_t value);
MlirValue ptl_build_i64(const ptl_builder *builder, int64_t value);

/* An op of two index operands: PTL_ARITH_ADDI, ... */
MlirValue ptl_build_binary(const ptl_builder *builder, ptl_op_id id, MlirValue a, MlirValue b);

/* `base` + `constant`, an index; as a constant where `base` is one. */
MlirValue ptl_build_sum(const ptl_builder *builder, MlirValue base, int64_t constant);

/* Whether a value, which may be null, is a constant integer or index. */
bool ptl_constant_of(MlirValue value, int64_t *out);

/* A pto.make_tensor_view of two dimensions; the operands are the pointer, the extents and the
 * strides. `layout` null: it has none. */
MlirValue ptl_build_view(const ptl_builder *builder, const MlirValue operands[5], MlirType type,
                         MlirAttribute layout, const char *name);
/* The layout of rows after each other, as pypto writes it. */
MlirAttribute ptl_layout_nd(MlirContext context);

/* A pto.partition_view of type `type`; the operands are the view, row and column, and the extents.
 */
MlirValue ptl_build_part(const ptl_builder *builder, const MlirValue operands[5], MlirType type,
                         const char *name);

MlirType ptl_type(MlirContext context, const char *text); /* parsed; must be right */
MlirNamedAttribute ptl_named(MlirContext context, const char *name, MlirAttribute value);
MlirAttribute ptl_segments(MlirContext context, const int32_t *sizes, int count);

MlirAttribute ptl_attr(MlirOperation op, const char *name); /* null if it has none */
bool ptl_has_attr(MlirOperation op, const char *name);
void ptl_set_attr(MlirOperation op, const char *name, MlirAttribute value);
void ptl_set_unit(MlirOperation op, const char *name);
/* The text of a string attribute; empty if there is none. */
ptl_str ptl_string_attr(MlirOperation op, const char *name);
/* The word of an attribute like #pto.layout<nd> or #pto<layout nd>: "nd"; empty if there is none.
 */
const char *ptl_attr_word(ptl_arena *arena, MlirOperation op, const char *name);
MlirAttribute ptl_string(MlirContext context, ptl_str text);
MlirAttribute ptl_int(MlirContext context, int64_t value); /* i64 */

ptl_str ptl_op_name(MlirOperation op);

bool ptl_value_is_unused(MlirValue value);
void ptl_replace_uses(MlirValue of, MlirValue with);

/* Calls `visit` for every op inside `op` (not itself), parents before children. The
 * visited op must not be erased by `visit`. */
void ptl_for_each_op(MlirOperation op, void (*visit)(MlirOperation op, void *user), void *user);

/* Ops that are collected before some of them are changed. */
typedef struct ptl_op_list {
  ptl_arena *arena;
  MlirOperation *items;
  int count, capacity;
} ptl_op_list;
void ptl_op_list_add(ptl_op_list *list, MlirOperation op);

/* The block of `ancestor`-ship: the op in `block` that is `op` or holds it; null if
 * none. */
MlirOperation ptl_op_in_block(MlirOperation op, MlirBlock block);
/* Whether `a` stands before `b`; both are in one block. */
bool ptl_op_is_before(MlirOperation a, MlirOperation b);

/* The block of an op with one region; null if there is none, as of a declaration. */
MlirBlock ptl_body_of(MlirOperation op);

/* Whether a function has several blocks: its body is not decoded then. */
bool ptl_has_branches(MlirOperation func);

/* Of a product, and of matmul_dual_acc: its lhs lies as k x m (a unit attribute). */
extern const char ptl_attr_lhs_transposed[];
/* Of a ptolower.matmul: its rhs are the columns after those of the one before it in the group, and
 * the input loads both as one. */
extern const char ptl_attr_shares_loads[];

/* Of a product: its rhs lies as n x k (a unit attribute). Of matmul_dual_acc: the same of all, or
 * an array of booleans, one for each rhs. */
extern const char ptl_attr_rhs_transposed[];
bool ptl_rhs_is_transposed(MlirOperation op, int rhs);

/* Whether it is a ptolower.matmul_dual_acc, or a matmul_accs_N, which is the same with rhs of
 * different types. */
bool ptl_is_dual_acc(MlirOperation op);
bool ptl_is_dual_acc_id(ptl_op_id id);

/* Which of them has these operands (lhs, then `rhs_count` rhs) and results. */
ptl_op_id ptl_dual_acc_id(const MlirValue *operands, const MlirType *results, int rhs_count);

#endif
