/* Decodes a function: every op and value gets a number, types and attributes become fields. After
 * this nothing asks MLIR again. */
#include "kernel/kernel.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>

/* MlirValue -> number, open addressing. */
typedef struct value_map {
  const void **keys;
  int *numbers;
  size_t size;
  size_t count;
} value_map;

const char ptl_attr_place[] = "ptolower.place";

/* The first tile of a place that several share. */
typedef struct shared_place {
  int64_t number;
  int value;
} shared_place;

/* What a type tells of its values. MLIR has each type once. */
typedef struct known_type {
  const void *type;
  ptl_value value;
} known_type;

enum { KNOWN_TYPE_BITS = 6, KNOWN_TYPES = 1 << KNOWN_TYPE_BITS };

typedef struct decoder {
  ptl_arena *arena;
  ptl_kernel *kernel;
  value_map map;
  known_type *types; /* KNOWN_TYPES of them, each in the place of its hash */
  ptl_access_cache access;
  shared_place *places;
  int place_count, place_capacity;
  ptl_known_ops ops;
} decoder;

static uint64_t hash_of(const void *key) { return ((uintptr_t)key >> 3) * 0x9e3779b97f4a7c15u; }

static size_t slot_of(const value_map *map, const void *key) {
  size_t slot = hash_of(key) & (map->size - 1);
  while (map->keys[slot] && map->keys[slot] != key) {
    slot = (slot + 1) & (map->size - 1);
  }
  return slot;
}

static void map_insert(decoder *d, const void *key, int number) {
  if (d->map.count * 2 >= d->map.size) {
    value_map old = d->map;
    d->map.size = old.size ? old.size * 2 : 256;
    d->map.keys = ptl_arena_array(d->arena, d->map.size, sizeof(void *));
    d->map.numbers = ptl_arena_array(d->arena, d->map.size, sizeof(int));
    for (size_t i = 0; i < old.size; i++) {
      if (old.keys[i]) {
        size_t slot = slot_of(&d->map, old.keys[i]);
        d->map.keys[slot] = old.keys[i];
        d->map.numbers[slot] = old.numbers[i];
      }
    }
  }
  size_t slot = slot_of(&d->map, key);
  d->map.keys[slot] = key;
  d->map.numbers[slot] = number;
  d->map.count++;
}

static int number_of(const decoder *d, MlirValue value) {
  return d->map.numbers[slot_of(&d->map, value.ptr)];
}

/* Of no bits (`i0`) there is one number. */
static int64_t wrap_beside(int64_t value, int bits) { return bits < 1 ? 0 : value; }

int64_t ptl_wrap_signed(int64_t value, int bits) {
  if (bits < 1 || bits >= 64) {
    return wrap_beside(value, bits);
  }
  int unused = 64 - bits;
  uint64_t kept = (uint64_t)value << unused;
  return (int64_t)kept >> unused;
}

int64_t ptl_wrap_unsigned(int64_t value, int bits) {
  if (bits < 1 || bits >= 64) {
    return wrap_beside(value, bits);
  }
  int unused = 64 - bits;
  return (int64_t)((uint64_t)value << unused >> unused);
}

static void describe_type(decoder *d, ptl_value *value, MlirType type) {
  bool is_index = mlirTypeIsAIndex(type);
  value->is_integer = is_index || mlirTypeIsAInteger(type);
  value->bits = is_index ? 64 : value->is_integer ? (int)mlirIntegerTypeGetWidth(type) : 0;
  if (value->is_integer || !mlirTypeIsAOpaque(type)) {
    return;
  }
  ptl_str str = ptl_type_text(d->arena, type);
  int64_t slots = 0;
  value->is_tile = ptl_tile_type_parse(str, &value->tile);
  if (!value->is_tile && ptl_multi_tile_type_parse(str, &value->tile, &slots)) {
    value->slot_count = (int)slots;
  } else if (!value->is_tile) {
    value->is_view = ptl_view_type_parse(str, &value->view);
    value->is_pointer = !value->is_view && ptl_ptr_type_parse(str) != PTL_ELEM_NONE;
  }
}

static const ptl_value *value_of_type(decoder *d, MlirType type) {
  known_type *known = &d->types[hash_of(type.ptr) >> (64 - KNOWN_TYPE_BITS)];
  if (known->type != type.ptr) {
    *known = (known_type){.type = type.ptr};
    describe_type(d, &known->value, type);
  }
  return &known->value;
}

static int new_value(decoder *d) {
  ptl_kernel *kernel = d->kernel;
  kernel->values = ptl_arena_more(d->arena, kernel->values, kernel->value_count,
                                  &kernel->value_capacity, sizeof(ptl_value));
  return kernel->value_count++;
}

static int add_value(decoder *d, MlirValue value) {
  int number = new_value(d);
  ptl_value *slot = &d->kernel->values[number];
  *slot = *value_of_type(d, mlirValueGetType(value));
  slot->value = value;
  d->kernel->has_tiles = d->kernel->has_tiles || slot->is_tile;
  map_insert(d, value.ptr, number);
  return number;
}

/* Operands that an op of this kind must have for the walk to read it; -1: any. */
static int expected_operands(ptl_op_kind kind) {
  switch (kind) {
  case PTL_OP_LOAD:
  case PTL_OP_MOVE:
  case PTL_OP_STORE:
  case PTL_OP_SLOT:
    return 2;
  case PTL_OP_VALIDSHAPE:
  case PTL_OP_MATMUL:
  case PTL_OP_SELECT:
    return 3;
  case PTL_OP_EXTRACT:
  case PTL_OP_MATMUL_ACC:
    return 4;
  case PTL_OP_PUSH:
  case PTL_OP_IF:
  case PTL_OP_CAST:
  case PTL_OP_CAST_UNSIGNED:
    return 1;
  case PTL_OP_ADD:
  case PTL_OP_SUB:
  case PTL_OP_MUL:
  case PTL_OP_DIV:
  case PTL_OP_REM:
  case PTL_OP_DIV_UNSIGNED:
  case PTL_OP_REM_UNSIGNED:
  case PTL_OP_MAX:
  case PTL_OP_MIN:
  case PTL_OP_AND:
  case PTL_OP_OR:
  case PTL_OP_XOR:
  case PTL_OP_CMP:
    return 2;
  default:
    return -1;
  }
}

static MlirAttribute attribute(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString(name));
}

/* Size of one operand group; -1 if the op has no such segment. */
static int segment(MlirAttribute sizes, int index) {
  return mlirAttributeIsNull(sizes) || index >= mlirDenseArrayGetNumElements(sizes)
             ? -1
             : mlirDenseI32ArrayGetElement(sizes, index);
}

static void decode_alloc(ptl_op *op, MlirAttribute segments) {
  int *fields[3] = {&op->address, &op->valid_row, &op->valid_col};
  int next = 0;
  for (int i = 0; i < 3; i++) {
    *fields[i] = segment(segments, i) == 1 && next < op->operand_count ? op->operands[next++] : -1;
  }
}

static void decode_constant(ptl_op *op) {
  MlirAttribute value = attribute(op->op, "value");
  MlirType type = mlirAttributeIsNull(value) ? (MlirType){NULL} : mlirAttributeGetType(value);
  bool is_index = !mlirTypeIsNull(type) && mlirTypeIsAIndex(type);
  if (is_index ||
      (!mlirTypeIsNull(type) && mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) <= 64)) {
    int bits = is_index ? 64 : (int)mlirIntegerTypeGetWidth(type);
    op->imm = ptl_wrap_signed(mlirIntegerAttrGetValueInt(value), bits);
  } else {
    op->kind = PTL_OP_OTHER;
  }
}

static void decode_fields(ptl_op *op, MlirAttribute segments) {
  int expected = expected_operands(op->kind);
  if (expected >= 0 && op->operand_count != expected) {
    op->kind = PTL_OP_OTHER;
    return;
  }
  switch (op->kind) {
  case PTL_OP_CONST:
    decode_constant(op);
    break;
  case PTL_OP_CMP:
    op->imm = mlirIntegerAttrGetValueInt(attribute(op->op, "predicate"));
    break;
  case PTL_OP_VIEW:
  case PTL_OP_PART:
    op->rank = segment(segments, 1);
    if (op->rank < 1 || op->operand_count != 1 + 2 * op->rank) {
      op->kind = PTL_OP_OTHER;
    }
    break;
  case PTL_OP_ALLOC:
  case PTL_OP_ALLOC_MULTI:
    decode_alloc(op, segments);
    break;
  default:
    break;
  }
}

static ptl_block *decode_block(decoder *d, MlirBlock block);

static void decode_regions(decoder *d, ptl_op *op) {
  intptr_t count = mlirOperationGetNumRegions(op->op);
  for (intptr_t i = 0; i < count; i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op->op, i));
    if (i < 2 && !mlirBlockIsNull(block)) {
      op->blocks[i] = decode_block(d, block);
      for (int j = 0; j < op->blocks[i]->op_count; j++) {
        op->blocks[i]->ops[j].parent = op;
      }
    }
  }
}

/* Not by giving them other names. */
static bool touches_tiles(const decoder *d, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    if (d->kernel->values[op->operands[i]].is_tile && op->access[i] != PTL_ACCESS_NONE) {
      return true;
    }
  }
  return false;
}

static bool block_holds_sink(const decoder *d, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->holds_sink || op->kind == PTL_OP_STORE || op->kind == PTL_OP_PUSH ||
        (op->kind == PTL_OP_OTHER && (touches_tiles(d, op) || op->blocks[0]))) {
      return true;
    }
  }
  return false;
}

/* Gives each slot of a multi tile a tile value, and the op that makes it. */
static void decode_slots(decoder *d, ptl_op *op) {
  int count = op->result_count == 1 ? d->kernel->values[op->first_result].slot_count : 0;
  if (count == 0) {
    op->kind = PTL_OP_OTHER;
    return;
  }
  ptl_op *slots = ptl_arena_array(d->arena, (size_t)count, sizeof(ptl_op));
  for (int i = 0; i < count; i++) {
    ptl_value slot = d->kernel->values[op->first_result];
    slot.is_tile = true;
    slot.slot_count = 0;
    slots[i] = *op;
    slots[i].kind = PTL_OP_ALLOC;
    slots[i].imm = i;
    slots[i].first_result = new_value(d);
    d->kernel->values[slots[i].first_result] = slot;
  }
  op->slots = slots;
  op->slot_count = count;
}

/* The tile whose bytes an alloc_tile gives out. */
static int place_of(decoder *d, ptl_op *op) {
  MlirAttribute attr = attribute(op->op, ptl_attr_place);
  if (mlirAttributeIsNull(attr) || !mlirAttributeIsAInteger(attr)) {
    return op->first_result;
  }
  op->shares_place = true;
  int64_t number = mlirIntegerAttrGetValueInt(attr);
  for (int i = 0; i < d->place_count; i++) {
    if (d->places[i].number == number) {
      return d->places[i].value;
    }
  }
  d->places =
      ptl_arena_more(d->arena, d->places, d->place_count, &d->place_capacity, sizeof(shared_place));
  d->places[d->place_count++] = (shared_place){number, op->first_result};
  return op->first_result;
}

static void decode_op(decoder *d, MlirOperation mlir, ptl_op *op) {
  op->op = mlir;
  op->id = ptl_known_op_id(&d->ops, mlir);
  op->kind = ptl_row(op)->kind;
  op->index = d->kernel->op_count++;
  op->operand_count = (int)mlirOperationGetNumOperands(mlir);
  op->operands = ptl_arena_array(d->arena, (size_t)op->operand_count, sizeof(int));
  for (int i = 0; i < op->operand_count; i++) {
    op->operands[i] = number_of(d, mlirOperationGetOperand(mlir, i));
    if (op->operands[i] >= 0) {
      d->kernel->values[op->operands[i]].is_named = true;
    }
  }
  op->access = ptl_arena_array(d->arena, (size_t)op->operand_count, sizeof(ptl_access));
  MlirAttribute segments = ptl_op_segments(mlir, op->id);
  ptl_access_of_op(d->arena, &d->access, op->id, segments, op->operand_count, op->access);
  decode_fields(op, segments);
  decode_regions(d, op);
  op->holds_sink = block_holds_sink(d, op->blocks[0]) || block_holds_sink(d, op->blocks[1]);
  op->result_count = (int)mlirOperationGetNumResults(mlir);
  op->first_result = d->kernel->value_count;
  for (int i = 0; i < op->result_count; i++) {
    add_value(d, mlirOperationGetResult(mlir, i));
  }
  bool is_alloc = op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI;
  op->place = is_alloc ? place_of(d, op) : -1;
  if (op->kind == PTL_OP_ALLOC_MULTI) {
    decode_slots(d, op);
  }
  d->kernel->has_addresses = d->kernel->has_addresses || (is_alloc && op->address >= 0);
}

static ptl_block *decode_block(decoder *d, MlirBlock mlir) {
  ptl_block *block = ptl_arena_alloc(d->arena, sizeof(*block));
  block->first_argument = d->kernel->value_count;
  block->argument_count = (int)mlirBlockGetNumArguments(mlir);
  for (int i = 0; i < block->argument_count; i++) {
    add_value(d, mlirBlockGetArgument(mlir, i));
  }
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(mlir); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    count++;
  }
  block->ops = ptl_arena_array(d->arena, count, sizeof(ptl_op));
  for (MlirOperation op = mlirBlockGetFirstOperation(mlir); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    decode_op(d, op, &block->ops[block->op_count++]);
  }
  return block;
}

ptl_kernel *ptl_kernel_decode(ptl_arena *arena, MlirOperation func) {
  ptl_kernel *kernel = ptl_arena_alloc(arena, sizeof(*kernel));
  decoder d = {.arena = arena,
               .kernel = kernel,
               .types = ptl_arena_array(arena, KNOWN_TYPES, sizeof(known_type))};
  kernel->func = func;
  MlirAttribute name = attribute(func, "sym_name");
  MlirStringRef text = mlirStringAttrGetValue(name);
  kernel->name = ptl_arena_copy(arena, text.data, text.length);
  kernel->body = decode_block(&d, mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0)));
  kernel->arena = arena;
  kernel->names = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(char *));
  return kernel;
}

ptl_loc ptl_op_loc(ptl_arena *arena, const ptl_op *op) {
  return ptl_loc_parts_of(arena, mlirOperationGetLocation(op->op)).loc;
}
