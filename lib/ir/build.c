/* Helpers over MLIR's C API that several passes use: attributes by name, ops before a place,
 * walks over all ops. */
#include "ir/build.h"

#include <inttypes.h>
#include <string.h>

#include "asm/asm.h"

static MlirStringRef ref(const char *text) { return mlirStringRefCreateFromCString(text); }

/* The block of the function around; the block itself if there is none. */
static MlirBlock entry_block_of(MlirBlock block) {
  MlirBlock entry = block;
  MlirOperation op = mlirBlockGetParentOperation(block);
  while (!mlirOperationIsNull(op) && !ptl_op_is(op, PTL_FUNC_FUNC)) {
    entry = mlirOperationGetBlock(op);
    if (mlirBlockIsNull(entry)) {
      return block;
    }
    op = mlirBlockGetParentOperation(entry);
  }
  return entry;
}

static ptl_builder builder_in(ptl_session *session, MlirBlock block, MlirLocation location) {
  return (ptl_builder){.arena = &session->arena,
                       .context = session->context,
                       .block = block,
                       .location = location,
                       .entry = entry_block_of(block),
                       .places = &session->places,
                       .built = ptl_arena_alloc(&session->arena, sizeof(ptl_built))};
}

ptl_builder ptl_builder_before(ptl_session *session, MlirOperation op) {
  ptl_builder builder =
      builder_in(session, mlirOperationGetBlock(op), mlirOperationGetLocation(op));
  builder.before = op;
  return builder;
}

ptl_builder ptl_builder_at_end(ptl_session *session, MlirBlock block, MlirLocation location) {
  return builder_in(session, block, location);
}

static void insert(const ptl_builder *builder, MlirOperation op) {
  if (mlirOperationIsNull(builder->before)) {
    mlirBlockAppendOwnedOperation(builder->block, op);
  } else {
    mlirBlockInsertOwnedOperationBefore(builder->block, builder->before, op);
  }
}

static MlirOperation create(const ptl_builder *builder, const ptl_op_spec *spec) {
  MlirLocation location = ptl_places_rename(builder->places, builder->location, spec->value_name);
  MlirOperationState state = mlirOperationStateGet(ref(ptl_op_table[spec->id].name), location);
  mlirOperationStateAddOperands(&state, spec->operand_count, spec->operands);
  mlirOperationStateAddResults(&state, spec->result_count, spec->results);
  mlirOperationStateAddAttributes(&state, spec->attribute_count, spec->attributes);
  if (!mlirRegionIsNull(spec->region)) {
    mlirOperationStateAddOwnedRegions(&state, 1, &spec->region);
  }
  return mlirOperationCreate(&state);
}

MlirOperation ptl_build(const ptl_builder *builder, const ptl_op_spec *spec) {
  MlirOperation op = create(builder, spec);
  insert(builder, op);
  return op;
}

/* Its segment sizes; null if it has none. */
static MlirNamedAttribute plain_segments(const ptl_builder *builder, ptl_op_id id) {
  MlirNamedAttribute *segments = &builder->built->segments[id];
  if (mlirAttributeIsNull(segments->attribute)) {
    MlirAttribute sizes = ptl_asm_plain_segments(builder->context, id);
    if (!mlirAttributeIsNull(sizes)) {
      *segments = ptl_named(builder->context, "operandSegmentSizes", sizes);
    }
  }
  return *segments;
}

void ptl_build_plain(const ptl_builder *builder, ptl_op_id id, const MlirValue *operands,
                     int operand_count) {
  MlirNamedAttribute segments = plain_segments(builder, id);
  ptl_op_spec spec = {.id = id,
                      .operands = operands,
                      .operand_count = operand_count,
                      .attributes = &segments,
                      .attribute_count = mlirAttributeIsNull(segments.attribute) ? 0 : 1};
  ptl_build(builder, &spec);
}

/* The function's constant of that attribute, or the place for a new one. */
static MlirValue find_constant(const ptl_builder *builder, MlirAttribute value,
                               MlirOperation *place) {
  MlirOperation op = mlirBlockGetFirstOperation(builder->entry);
  while (!mlirOperationIsNull(op) && ptl_op_is(op, PTL_ARITH_CONSTANT)) {
    if (mlirAttributeEqual(ptl_attr(op, "value"), value)) {
      return mlirOperationGetResult(op, 0);
    }
    op = mlirOperationGetNextInBlock(op);
  }
  *place = op;
  MlirValue none = {NULL};
  return none;
}

static MlirValue build_constant(const ptl_builder *builder, MlirOperation before, MlirType type,
                                MlirAttribute value, const char *name) {
  ptl_builder at = *builder;
  at.block = builder->entry;
  at.before = before;
  MlirNamedAttribute named = ptl_named(builder->context, "value", value);
  ptl_op_spec spec = {.id = PTL_ARITH_CONSTANT,
                      .results = &type,
                      .result_count = 1,
                      .attributes = &named,
                      .attribute_count = 1,
                      .value_name = name};
  return mlirOperationGetResult(ptl_build(&at, &spec), 0);
}

static MlirValue find_or_build(const ptl_builder *builder, MlirType type, int64_t value,
                               const char *type_name) {
  MlirAttribute attribute = mlirIntegerAttrGet(type, value);
  MlirOperation place = {NULL};
  MlirValue found = find_constant(builder, attribute, &place);
  return mlirValueIsNull(found)
             ? build_constant(builder, place, type, attribute,
                              ptl_arena_printf(builder->arena, "c%" PRId64 "_%s", value, type_name))
             : found;
}

static MlirValue constant(const ptl_builder *builder, MlirType type, int64_t value,
                          const char *type_name) {
  ptl_built *built = builder->built;
  for (int i = 0; i < built->count; i++) {
    if (built->constants[i].value == value && mlirTypeEqual(built->constants[i].type, type)) {
      return built->constants[i].result;
    }
  }
  MlirValue result = find_or_build(builder, type, value, type_name);
  built->constants = ptl_arena_more(builder->arena, built->constants, built->count,
                                    &built->capacity, sizeof(*built->constants));
  built->constants[built->count++] = (struct ptl_built_constant){type, value, result};
  return result;
}

MlirValue ptl_build_index(const ptl_builder *builder, int64_t value) {
  return constant(builder, mlirIndexTypeGet(builder->context), value, "index");
}

MlirValue ptl_build_i64(const ptl_builder *builder, int64_t value) {
  return constant(builder, mlirIntegerTypeGet(builder->context, 64), value, "i64");
}

MlirValue ptl_build_binary(const ptl_builder *builder, ptl_op_id id, MlirValue a, MlirValue b) {
  MlirValue operands[2] = {a, b};
  MlirType type = mlirValueGetType(a);
  ptl_op_spec spec = {
      .id = id, .operands = operands, .operand_count = 2, .results = &type, .result_count = 1};
  return mlirOperationGetResult(ptl_build(builder, &spec), 0);
}

bool ptl_constant_of(MlirValue value, int64_t *out) {
  if (mlirValueIsNull(value) || !mlirValueIsAOpResult(value)) {
    return false;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  MlirAttribute attr =
      ptl_op_is(op, PTL_ARITH_CONSTANT) ? ptl_attr(op, "value") : mlirAttributeGetNull();
  if (mlirAttributeIsNull(attr) || !mlirAttributeIsAInteger(attr)) {
    return false;
  }
  *out = mlirIntegerAttrGetValueInt(attr);
  return true;
}

MlirValue ptl_build_sum(const ptl_builder *builder, MlirValue base, int64_t constant) {
  int64_t value;
  if (constant == 0) {
    return base;
  }
  if (ptl_constant_of(base, &value)) {
    return ptl_build_index(builder, value + constant);
  }
  return ptl_build_binary(builder, PTL_ARITH_ADDI, base, ptl_build_index(builder, constant));
}

MlirOperation ptl_build_like(const ptl_builder *builder, MlirOperation op,
                             const MlirValue *operands, int operand_count, MlirType type) {
  intptr_t count = mlirOperationGetNumAttributes(op);
  MlirNamedAttribute *attributes =
      ptl_arena_array(builder->arena, (size_t)count + 1, sizeof(*attributes));
  for (intptr_t i = 0; i < count; i++) {
    attributes[i] = mlirOperationGetAttribute(op, i);
  }
  ptl_op_spec spec = {.id = ptl_op_id_of(op),
                      .operands = operands,
                      .operand_count = operand_count,
                      .results = &type,
                      .result_count = 1,
                      .attributes = attributes,
                      .attribute_count = (int)count,
                      .value_name =
                          ptl_places_get(builder->places, mlirOperationGetLocation(op)).name};
  return ptl_build(builder, &spec);
}

MlirAttribute ptl_layout_nd(MlirContext context) {
  return mlirAttributeParseGet(context, mlirStringRefCreateFromCString("#pto.layout<nd>"));
}

MlirValue ptl_build_view(const ptl_builder *builder, const MlirValue operands[5], MlirType type,
                         MlirAttribute layout, const char *name) {
  const int32_t sizes[3] = {1, 2, 2};
  MlirNamedAttribute attributes[2] = {
      ptl_named(builder->context, "operandSegmentSizes", ptl_segments(builder->context, sizes, 3)),
      ptl_named(builder->context, "layout", layout)};
  ptl_op_spec spec = {.id = PTL_PTO_MAKE_TENSOR_VIEW,
                      .operands = operands,
                      .operand_count = 5,
                      .results = &type,
                      .result_count = 1,
                      .attributes = attributes,
                      .attribute_count = mlirAttributeIsNull(layout) ? 1 : 2,
                      .value_name = name};
  return mlirOperationGetResult(ptl_build(builder, &spec), 0);
}

MlirValue ptl_build_part(const ptl_builder *builder, const MlirValue operands[5], MlirType type,
                         const char *name) {
  const int32_t sizes[3] = {1, 2, 2};
  MlirNamedAttribute segments =
      ptl_named(builder->context, "operandSegmentSizes", ptl_segments(builder->context, sizes, 3));
  ptl_op_spec spec = {.id = PTL_PTO_PARTITION_VIEW,
                      .operands = operands,
                      .operand_count = 5,
                      .results = &type,
                      .result_count = 1,
                      .attributes = &segments,
                      .attribute_count = 1,
                      .value_name = name};
  return mlirOperationGetResult(ptl_build(builder, &spec), 0);
}

MlirType ptl_type(MlirContext context, const char *text) {
  static const char prefix[] = "!pto.";
  size_t length = sizeof(prefix) - 1;
  if (strncmp(text, prefix, length) == 0) {
    return mlirOpaqueTypeGet(context, ref("pto"), ref(text + length));
  }
  return mlirTypeParseGet(context, ref(text));
}

MlirNamedAttribute ptl_named(MlirContext context, const char *name, MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(context, ref(name)), value);
}

MlirAttribute ptl_segments(MlirContext context, const int32_t *sizes, int count) {
  return mlirDenseI32ArrayGet(context, count, sizes);
}

MlirAttribute ptl_attr(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, ref(name));
}

bool ptl_has_attr(MlirOperation op, const char *name) {
  return !mlirAttributeIsNull(ptl_attr(op, name));
}

void ptl_set_attr(MlirOperation op, const char *name, MlirAttribute value) {
  mlirOperationSetAttributeByName(op, ref(name), value);
}

void ptl_set_unit(MlirOperation op, const char *name) {
  ptl_set_attr(op, name, mlirUnitAttrGet(mlirOperationGetContext(op)));
}

ptl_str ptl_string_attr(MlirOperation op, const char *name) {
  MlirAttribute value = ptl_attr(op, name);
  ptl_str result = {"", 0};
  if (!mlirAttributeIsNull(value) && mlirAttributeIsAString(value)) {
    MlirStringRef text = mlirStringAttrGetValue(value);
    result.data = text.length > 0 ? text.data : ""; /* MLIR points nowhere */
    result.length = text.length;
  }
  return result;
}

MlirAttribute ptl_string(MlirContext context, ptl_str text) {
  return mlirStringAttrGet(context, mlirStringRefCreate(text.data, text.length));
}

MlirAttribute ptl_int(MlirContext context, int64_t value) {
  return mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), value);
}

ptl_str ptl_op_name(MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  ptl_str result = {name.data, name.length};
  return result;
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

const char *ptl_attr_word(ptl_arena *arena, MlirOperation op, const char *name) {
  MlirAttribute value = ptl_attr(op, name);
  if (mlirAttributeIsNull(value)) {
    return "";
  }
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  mlirAttributePrint(value, append_text, &text);
  const char *open = strchr(text.data, '<');
  const char *word = open ? open + 1 : "";
  size_t length = strcspn(word, ">");
  while (memchr(word, ' ', length)) { /* #pto<layout nd> is the same */
    length--;
    word++;
  }
  return ptl_arena_copy(arena, word, length);
}

bool ptl_value_is_unused(MlirValue value) {
  return mlirOpOperandIsNull(mlirValueGetFirstUse(value));
}

void ptl_replace_uses(MlirValue of, MlirValue with) { mlirValueReplaceAllUsesOfWith(of, with); }

void ptl_for_each_op(MlirOperation op, void (*visit)(MlirOperation op, void *user), void *user) {
  intptr_t regions = mlirOperationGetNumRegions(op);
  for (intptr_t i = 0; i < regions; i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i));
    for (; !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block)) {
      MlirOperation child = mlirBlockGetFirstOperation(block);
      for (; !mlirOperationIsNull(child); child = mlirOperationGetNextInBlock(child)) {
        visit(child, user);
        ptl_for_each_op(child, visit, user);
      }
    }
  }
}

void ptl_op_list_add(ptl_op_list *list, MlirOperation op) {
  list->items =
      ptl_arena_more(list->arena, list->items, list->count, &list->capacity, sizeof(*list->items));
  list->items[list->count++] = op;
}

MlirOperation ptl_op_in_block(MlirOperation op, MlirBlock block) {
  while (!mlirOperationIsNull(op)) {
    MlirBlock parent = mlirOperationGetBlock(op);
    if (mlirBlockIsNull(parent) || mlirBlockEqual(parent, block)) {
      break;
    }
    op = mlirBlockGetParentOperation(parent);
  }
  if (!mlirOperationIsNull(op) && mlirBlockIsNull(mlirOperationGetBlock(op))) {
    op.ptr = NULL;
  }
  return op;
}

bool ptl_op_is_before(MlirOperation a, MlirOperation b) {
  for (MlirOperation op = a; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (mlirOperationEqual(op, b)) {
      return !mlirOperationEqual(a, b);
    }
  }
  return false;
}

MlirBlock ptl_body_of(MlirOperation op) {
  MlirBlock none = {NULL};
  return mlirOperationGetNumRegions(op) == 1
             ? mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0))
             : none;
}

bool ptl_has_branches(MlirOperation func) {
  MlirBlock first = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
  return !mlirBlockIsNull(first) && !mlirBlockIsNull(mlirBlockGetNextInRegion(first));
}

const char ptl_attr_lhs_transposed[] = "lhs_transposed";
const char ptl_attr_shares_loads[] = "shares_loads";
const char ptl_attr_rhs_transposed[] = "rhs_transposed";

bool ptl_rhs_is_transposed(MlirOperation op, int rhs) {
  MlirAttribute which = ptl_attr(op, ptl_attr_rhs_transposed);
  if (!mlirAttributeIsNull(which) && mlirAttributeIsADenseBoolArray(which)) {
    return rhs < mlirDenseArrayGetNumElements(which) && mlirDenseBoolArrayGetElement(which, rhs);
  }
  return !mlirAttributeIsNull(which);
}

bool ptl_is_dual_acc_id(ptl_op_id id) {
  return id == PTL_PTOLOWER_MATMUL_DUAL_ACC ||
         (id >= PTL_PTOLOWER_MATMUL_ACCS_2 && id <= PTL_PTOLOWER_MATMUL_ACCS_6);
}

bool ptl_is_dual_acc(MlirOperation op) {
  return ptl_str_starts_with(ptl_op_name(op), "ptolower.") && ptl_is_dual_acc_id(ptl_op_id_of(op));
}

ptl_op_id ptl_dual_acc_id(const MlirValue *operands, const MlirType *results, int rhs_count) {
  bool alike = true;
  for (int i = 1; i < rhs_count && alike; i++) {
    alike = mlirTypeEqual(mlirValueGetType(operands[1]), mlirValueGetType(operands[1 + i])) &&
            mlirTypeEqual(results[0], results[i]);
  }
  return alike ? PTL_PTOLOWER_MATMUL_DUAL_ACC
               : (ptl_op_id)(PTL_PTOLOWER_MATMUL_ACCS_2 + rhs_count - 2);
}
