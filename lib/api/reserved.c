/* Reads pto.reserve_buffer and pto.import_reserved_buffer of a function, and looks an import up
 * in the function that it names. */
#include "api/reserved.h"

#include <string.h>

#include "ir/build.h"

typedef struct finder {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_reservations found;
  int capacity;
} finder;

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

/* The space in `#pto.address_space<vec>`. */
static ptl_space space_of(ptl_arena *arena, MlirAttribute attribute) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  if (!mlirAttributeIsNull(attribute)) {
    mlirAttributePrint(attribute, append_text, &text);
  }
  const char *begin = text.data ? strchr(text.data, '<') : NULL;
  const char *end = begin ? strchr(begin, '>') : NULL;
  return end ? ptl_space_find((ptl_str){begin + 1, (size_t)(end - begin - 1)}) : PTL_SPACE_COUNT;
}

static bool integer(MlirOperation op, const char *name, int64_t *out) {
  MlirAttribute attribute = ptl_attr(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAInteger(attribute)) {
    return false;
  }
  *out = mlirIntegerAttrGetValueInt(attribute);
  return true;
}

static bool is_auto(MlirOperation op) {
  MlirAttribute attribute = ptl_attr(op, "auto");
  return mlirAttributeIsNull(attribute) || !mlirAttributeIsABool(attribute) ||
         mlirBoolAttrGetValue(attribute);
}

static void read_reservation(ptl_arena *arena, MlirOperation op, ptl_reserved *out) {
  out->where = op;
  out->space = space_of(arena, ptl_attr(op, "location"));
  out->is_placed = !is_auto(op) && out->space != PTL_SPACE_COUNT &&
                   integer(op, "base", &out->base) && integer(op, "size", &out->bytes);
}

/* The reserve_buffer of that name in an op's regions; null if there is none. */
static MlirOperation find_reservation(MlirOperation op, ptl_str name) {
  MlirOperation none = {NULL};
  if (ptl_op_is(op, PTL_PTO_RESERVE_BUFFER) && ptl_str_equal(ptl_string_attr(op, "name"), name)) {
    return op;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(op); i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i));
    MlirOperation inner = mlirBlockIsNull(block) ? none : mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(inner); inner = mlirOperationGetNextInBlock(inner)) {
      MlirOperation found = find_reservation(inner, name);
      if (!mlirOperationIsNull(found)) {
        return found;
      }
    }
  }
  return none;
}

/* The function of that name beside this one; null if there is none that can be read. */
static MlirOperation find_peer(const finder *f, ptl_str name) {
  MlirOperation func = mlirBlockGetFirstOperation(mlirOperationGetBlock(f->kernel->func));
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    if (ptl_str_equal(ptl_string_attr(func, "sym_name"), name) &&
        mlirOperationGetNumRegions(func) == 1 &&
        !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0)))) {
      return func;
    }
  }
  return (MlirOperation){NULL};
}

static void read_import(const finder *f, MlirOperation op, ptl_reserved *out) {
  MlirAttribute peer = ptl_attr(op, "peer_func");
  out->is_import = true;
  if (mlirAttributeIsNull(peer) || !mlirAttributeIsAFlatSymbolRef(peer)) {
    return;
  }
  MlirStringRef text = mlirFlatSymbolRefAttrGetValue(peer);
  MlirOperation func = find_peer(f, (ptl_str){text.data, text.length});
  if (mlirOperationIsNull(func)) {
    return;
  }
  MlirOperation reservation = find_reservation(func, ptl_string_attr(op, "name"));
  if (mlirOperationIsNull(reservation)) {
    out->is_missing = true;
    out->where = func;
  } else {
    read_reservation(f->arena, reservation, out);
  }
}

static void add(finder *f, const ptl_op *op) {
  bool is_import = ptl_op_is(op->op, PTL_PTO_IMPORT_RESERVED_BUFFER);
  if (!is_import && !ptl_op_is(op->op, PTL_PTO_RESERVE_BUFFER)) {
    return;
  }
  ptl_str name = ptl_string_attr(op->op, "name");
  ptl_reserved reserved = {.op = op, .name = ptl_arena_copy(f->arena, name.data, name.length)};
  if (is_import) {
    read_import(f, op->op, &reserved);
  } else {
    read_reservation(f->arena, op->op, &reserved);
  }
  f->found.items =
      ptl_arena_more(f->arena, f->found.items, f->found.count, &f->capacity, sizeof(ptl_reserved));
  f->found.items[f->found.count++] = reserved;
}

static void find(finder *f, const ptl_block *block) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_OTHER) {
      add(f, op);
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        find(f, op->blocks[j]);
      }
    }
  }
}

ptl_reservations ptl_reservations_of(ptl_arena *arena, const ptl_kernel *kernel) {
  finder f = {.arena = arena, .kernel = kernel};
  find(&f, kernel->body);
  return f.found;
}
