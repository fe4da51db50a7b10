/* Finds the other function of a mixed kernel: by what imports the pipe's buffer, else by the
 * names X_aic and X_aiv, else as the only candidate. Arguments are matched by the calls, else by
 * name. */
#include "api/peers.h"

#include <string.h>

#include "ir/build.h"
#include "ir/session.h"
#include "pipes/pipes.h"

static bool has_body(MlirOperation func) {
  return ptl_op_is(func, PTL_FUNC_FUNC) && mlirOperationGetNumRegions(func) == 1 &&
         !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0)));
}

static MlirOperation first_of(MlirOperation func) {
  return mlirBlockGetFirstOperation(mlirOperationGetBlock(func));
}

/* A function that was not read has none. */
static bool is_function(MlirOperation op) {
  return has_body(op) || (ptl_op_is(op, PTL_FUNC_FUNC) && ptl_has_attr(op, ptl_attr_opaque));
}

static MlirOperation find_function(MlirOperation beside, ptl_str name) {
  MlirOperation op = first_of(beside);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (is_function(op) && ptl_str_equal(ptl_string_attr(op, "sym_name"), name)) {
      return op;
    }
  }
  return op;
}

static ptl_str symbol_in(MlirOperation op, const char *name) {
  MlirAttribute attribute = ptl_attr(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAFlatSymbolRef(attribute)) {
    return (ptl_str){"", 0};
  }
  MlirStringRef text = mlirFlatSymbolRefAttrGetValue(attribute);
  return (ptl_str){text.data, text.length};
}

static void note_import(MlirOperation op, void *user) {
  ptl_str *peer = user;
  if (peer->length == 0 && ptl_op_is(op, PTL_PTO_IMPORT_RESERVED_BUFFER)) {
    *peer = symbol_in(op, "peer_func");
  }
}

/* Kept with the function: each function of a module is asked for the peer of each other. */
static ptl_str imports_from(MlirOperation func) {
  ptl_str peer = {"", 0};
  if (ptl_has_attr(func, ptl_attr_imports)) {
    return ptl_string_attr(func, ptl_attr_imports);
  }
  ptl_for_each_op(func, note_import, &peer);
  ptl_set_attr(func, ptl_attr_imports, ptl_string(mlirOperationGetContext(func), peer));
  return peer;
}

static MlirOperation find_importer(MlirOperation func) {
  ptl_str name = ptl_string_attr(func, "sym_name");
  MlirOperation op = first_of(func);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (has_body(op) && ptl_str_equal(imports_from(op), name)) {
      return op;
    }
  }
  return op;
}

static MlirOperation find_by_suffix(MlirOperation func) {
  ptl_str name = ptl_string_attr(func, "sym_name");
  MlirOperation op = first_of(func);
  bool has_suffix = name.length > 4 && (memcmp(name.data + name.length - 4, "_aic", 4) == 0 ||
                                        memcmp(name.data + name.length - 4, "_aiv", 4) == 0);
  for (; has_suffix && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    ptl_str other = is_function(op) ? ptl_string_attr(op, "sym_name") : (ptl_str){"", 0};
    if (other.length == name.length && !ptl_str_equal(other, name) &&
        memcmp(other.data, name.data, name.length - 1) == 0 &&
        (other.data[name.length - 1] == 'c' || other.data[name.length - 1] == 'v')) {
      return op;
    }
  }
  return (MlirOperation){NULL};
}

MlirOperation ptl_peer_of(MlirOperation func) {
  ptl_str peer = imports_from(func);
  MlirOperation found = peer.length > 0 ? find_function(func, peer) : find_importer(func);
  return mlirOperationIsNull(found) ? find_by_suffix(func) : found;
}

/* ---- arguments -------------------------------------------------------------------- */

typedef struct arguments {
  ptl_arena *arena;
  MlirOperation func;
  MlirBlock body;
  int count;
  MlirOperation call;
  int *keys;
} arguments;

static arguments arguments_of(ptl_arena *arena, MlirOperation func) {
  arguments a = {.arena = arena,
                 .func = func,
                 .body = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0))};
  a.count = (int)mlirBlockGetNumArguments(a.body);
  a.keys = ptl_arena_array(arena, (size_t)a.count + 1, sizeof(int));
  return a;
}

static ptl_str name_of(const arguments *a, int index) {
  const char *name = ptl_argument_name(a->arena, a->func, index);
  return name ? ptl_str_of(name) : (ptl_str){"", 0};
}

static bool is_of_runtime(const arguments *a, int index) {
  return ptl_str_starts_with(name_of(a, index), "__pypto_");
}

static bool same_type(const arguments *a, int i, const arguments *b, int j) {
  return mlirTypeEqual(mlirValueGetType(mlirBlockGetArgument(a->body, i)),
                       mlirValueGetType(mlirBlockGetArgument(b->body, j)));
}

/* Arguments that are the model's: the same types in the same order. */
static bool fit_by_place(const arguments *a, const arguments *b) {
  int i = 0;
  for (; i < a->count && !is_of_runtime(a, i); i++) {
    if (i >= b->count || is_of_runtime(b, i) || !same_type(a, i, b, i)) {
      return false;
    }
  }
  return i >= b->count || is_of_runtime(b, i);
}

typedef struct call_search {
  arguments *sides[2];
  MlirOperation calls[2];
} call_search;

static void note_call(MlirOperation op, void *user) {
  call_search *search = user;
  for (int i = 0; i < 2 && ptl_op_is(op, PTL_FUNC_CALL); i++) {
    if (ptl_str_equal(symbol_in(op, "callee"),
                      ptl_string_attr(search->sides[i]->func, "sym_name")) &&
        mlirOperationGetNumOperands(op) == search->sides[i]->count) {
      search->calls[i] = op;
    }
  }
}

/* The calls of both in one function. */
static bool find_calls(arguments *a, arguments *b) {
  MlirOperation op = first_of(a->func);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    call_search search = {{a, b}, {{NULL}, {NULL}}};
    if (has_body(op)) {
      ptl_for_each_op(op, note_call, &search);
    }
    if (!mlirOperationIsNull(search.calls[0]) && !mlirOperationIsNull(search.calls[1])) {
      a->call = search.calls[0];
      b->call = search.calls[1];
      return true;
    }
  }
  return false;
}

static bool is_same(const arguments *a, int i, const arguments *b, int j, bool has_calls,
                    bool by_place) {
  if (has_calls) {
    return mlirValueEqual(mlirOperationGetOperand(a->call, i), mlirOperationGetOperand(b->call, j));
  }
  if (by_place && !is_of_runtime(a, i) && !is_of_runtime(b, j)) {
    return i == j;
  }
  return same_type(a, i, b, j) && name_of(a, i).length > 0 &&
         ptl_str_equal(name_of(a, i), name_of(b, j));
}

static void mark_lane(arguments *a) {
  for (int i = 0; i < a->count; i++) {
    if (ptl_str_is(name_of(a, i), "__pypto_spmd_subblock_idx")) {
      a->keys[i] = PTL_PIPE_LANE_KEY;
    }
  }
}

void ptl_peer_arguments(ptl_arena *arena, MlirOperation a, MlirOperation b, int **keys_a,
                        int **keys_b) {
  arguments x = arguments_of(arena, a), y = arguments_of(arena, b);
  bool has_calls = find_calls(&x, &y), by_place = fit_by_place(&x, &y);
  for (int i = 0; i < x.count; i++) {
    x.keys[i] = i;
  }
  for (int j = 0; j < y.count; j++) {
    y.keys[j] = x.count + j;
    for (int i = 0; i < x.count; i++) {
      if (is_same(&x, i, &y, j, has_calls, by_place)) {
        y.keys[j] = i;
        break;
      }
    }
  }
  mark_lane(&x);
  mark_lane(&y);
  *keys_a = x.keys;
  *keys_b = y.keys;
}
