/* What a stub needs of a lowered kernel: its functions as the library reads them, in pypto's
 * terms. */
#include "pypto_kernel/pypto_signature.h"

#include <ctype.h>
#include <string.h>

#include "common/report.h"
#include "support/checked.h"

bool pypto_complain(const char *path, ptl_code code, const char *text) {
  report_refusal(code, "%s: %s", path, text);
  return false;
}

/* A name of letters, digits, `_`, `.` and `$`. */
static bool take_name(const char *name, char out[PYPTO_NAME]) {
  size_t length = 0;
  while (isalnum((unsigned char)name[length]) || (name[length] && strchr("_.$", name[length]))) {
    length++;
  }
  if (length == 0 || length >= PYPTO_NAME || name[length]) {
    return false;
  }
  memcpy(out, name, length + 1);
  return true;
}

/* ---- arguments ---------------------------------------------------------- */

/* Those that only the runtime knows have names of their own. */
static bool take_runtime_type(const char *path, pypto_arg *out) {
  static const struct {
    const char *name;
    pypto_kind kind;
  } known[] = {{"__pypto_spmd_block_idx", PYPTO_BLOCK_IDX},
               {"__pypto_spmd_block_num", PYPTO_BLOCK_NUM},
               {"__pypto_spmd_subblock_idx", PYPTO_SUBBLOCK_IDX}};
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (strcmp(out->ssa, known[i].name) == 0) {
      out->kind = known[i].kind;
      return true;
    }
  }
  return pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                        "an argument is one that pypto's runtime gives to its own "
                        "kernels only: the kernel cannot be called from a model");
}

static bool take_pointer(const char *path, const char *pointee, pypto_arg *out) {
  out->kind = PYPTO_TENSOR;
  snprintf(out->dtype, sizeof(out->dtype), "%s", pointee);
  return pypto_type_name(out->dtype) != NULL ||
         pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                        "an argument points to elements of a type that pypto's tensors "
                        "do not have here: the kernel cannot be called from a model");
}

static bool take_type(const char *path, const ptolower_argument *from, pypto_arg *out) {
  static const char *const scalars[] = {"index", "i1", "i8", "i16", "i32", "i64", "f32"};
  if (strncmp(out->ssa, "__pypto_", 8) == 0) {
    return take_runtime_type(path, out);
  }
  if (from->pointee) {
    return take_pointer(path, from->pointee, out);
  }
  for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
    if (strcmp(scalars[i], from->type) == 0) {
      out->kind = PYPTO_SCALAR;
      snprintf(out->dtype, sizeof(out->dtype), "%s", scalars[i]);
      return true;
    }
  }
  return pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                        "an argument is neither a pointer, nor a scalar, nor the number "
                        "of a block: the kernel cannot be called from a model");
}

static bool take_argument(const char *path, const ptolower_argument *from, pypto_arg *out) {
  if (!take_name(from->name, out->ssa)) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "the arguments of a function are not text as pypto writes it");
  }
  memcpy(out->name, out->ssa, sizeof(out->name));
  out->is_read = from->is_read;
  out->is_written = from->is_written;
  return take_type(path, from, out);
}

static bool take_arguments(const char *path, const ptolower_function *from, pypto_function *out) {
  for (size_t i = 0; i < from->argument_count; i++) {
    if (out->arg_count == PYPTO_ARGS) {
      return pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                            "it has more than 32 arguments; pass fewer tensors");
    }
    if (!take_argument(path, &from->arguments[i], &out->args[out->arg_count])) {
      return false;
    }
    out->arg_count++;
  }
  return true;
}

/* ---- views -------------------------------------------------------------- */

/* `x_inline7__ssa_v0_view` is a view of x. */
static void take_view_name(pypto_arg *arg, const char *view) {
  bool is_own = strncmp(arg->ssa, "arg", 3) != 0 || !isdigit((unsigned char)arg->ssa[3]);
  const char *end = strstr(view, "__"), *inlined = strstr(view, "_inline");
  if (is_own || !*view || isdigit((unsigned char)*view)) {
    return;
  }
  if (!end || end == view) {
    size_t length = strlen(view);
    end = view + (length > 5 && strcmp(view + length - 5, "_view") == 0 ? length - 5 : length);
  }
  if (inlined && inlined > view && inlined < end) {
    end = inlined;
  }
  snprintf(arg->name, sizeof(arg->name), "%.*s", (int)(end - view), view);
}

/* Its extents; none if one is not known. */
static int take_dims(const ptolower_view *view, long dims[PYPTO_RANK]) {
  for (int i = 0; i < view->rank && i < PYPTO_RANK; i++) {
    dims[i] = (long)view->shape[i].value;
    if (view->shape[i].kind != PTOLOWER_CONSTANT || dims[i] <= 0) {
      return 0;
    }
  }
  return view->rank <= PYPTO_RANK ? view->rank : 0;
}

/* A tensor that is seen with two shapes has none for the stub. */
static void take_shape(pypto_arg *arg, const long *dims, int rank) {
  bool same = rank == arg->rank;
  for (int i = 0; same && i < rank; i++) {
    same = dims[i] == arg->dims[i];
  }
  if (!arg->is_viewed) {
    memcpy(arg->dims, dims, sizeof(arg->dims));
  }
  arg->rank = !arg->is_viewed || same ? rank : 0;
  arg->is_viewed = true;
}

static void take_views(const ptolower_function *from, pypto_function *out) {
  for (size_t i = 0; i < from->view_count; i++) {
    const ptolower_view *view = &from->views[i];
    if (view->argument >= 0) {
      long dims[PYPTO_RANK] = {0};
      take_shape(&out->args[view->argument], dims, take_dims(view, dims));
      take_view_name(&out->args[view->argument], view->name);
    }
  }
}

/* ---- what is done with them --------------------------------------------- */

static long columns_of(const ptolower_store *store) {
  return store->rank >= 2 && store->extents[1].kind == PTOLOWER_CONSTANT
             ? (long)store->extents[1].value
             : 0;
}

static bool is_stored_before(const ptolower_function *from, size_t index, int argument) {
  for (size_t i = 0; i < index; i++) {
    if (from->stores[i].argument == argument) {
      return true;
    }
  }
  return false;
}

/* The columns that a task stores. A loop around a store may be one over columns, and so may another
 * store to the same argument be of others. */
static void take_stores(const ptolower_function *from, const pypto_function *function,
                        pypto_signature *out) {
  for (size_t i = 0; i < from->store_count; i++) {
    const ptolower_store *store = &from->stores[i];
    if (store->argument >= 0 && !store->is_scalar) {
      const pypto_arg *arg = &function->args[store->argument];
      long tile = columns_of(store);
      out->n_tile = tile > out->n_tile ? tile : out->n_tile;
      out->n_total = arg->rank == 2 ? arg->dims[1] : 0;
      out->stores_in_parts =
          out->stores_in_parts || store->in_loop || is_stored_before(from, i, store->argument);
    }
  }
}

/* Of one pipe: more is no memory of a chip. */
#define MOST_SLOT_BYTES ((int64_t)1 << 40)

/* Rings of slots, one for each direction; each function names the memory that they lie in. */
static bool take_pipes(const char *path, const ptolower_function *from, pypto_function *function,
                       pypto_signature *out) {
  for (size_t i = 0; i < from->pipe_count; i++) {
    const ptolower_pipe *pipe = &from->pipes[i];
    int64_t directions = pipe->to_vector + pipe->to_cube;
    int64_t bytes = ptl_mul_saturated(ptl_mul_saturated(pipe->slots, pipe->slot_bytes), directions);
    out->has_pipe = true;
    out->is_dual = out->is_dual || pipe->is_split;
    if (pipe->has_memory && (pipe->argument < 0 || bytes <= 0 || bytes > MOST_SLOT_BYTES)) {
      return pypto_complain(path, PTL_CODE_PYPTO_SLOTS,
                            "the slots of a pipe between its cores do not lie in an "
                            "argument: the kernel cannot be called from a model");
    }
    if (pipe->has_memory) {
      function->args[pipe->argument].pipe_bytes += (long)bytes;
      function->args[pipe->argument].is_written = true;
    }
  }
  return true;
}

/* ---- functions ---------------------------------------------------------- */

static bool complain_of_unread(const char *path, const ptolower_function *from) {
  report_refusal(PTL_CODE_PYPTO_FUNCTION, "%s:%d:%d: the function '%s' is not read: %s", path,
                 from->place.line, from->place.column, from->name, from->unread);
  return false;
}

static bool take_function(const char *path, const ptolower_function *from, pypto_signature *out) {
  if (out->function_count == PYPTO_FUNCTIONS) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "it has more than the two functions of a mixed kernel, X_aic "
                          "and X_aiv: give each kernel a file of its own");
  }
  pypto_function *function = &out->functions[out->function_count++];
  function->is_vector = from->kind == PTOLOWER_VECTOR;
  if (!take_name(from->name, function->name)) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "the name of a function is not text as pypto writes it");
  }
  if (from->unread) {
    return complain_of_unread(path, from);
  }
  if (from->is_private || from->is_declaration) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "a function of it is private, or has no body: a model calls those that "
                          "are public");
  }
  if (!take_arguments(path, from, function)) {
    return false;
  }
  take_views(from, function);
  take_stores(from, function, out);
  out->tile_count += from->tile_count;
  out->placed_tile_count += from->placed_tile_count;
  return take_pipes(path, from, function, out);
}

bool pypto_take_signature(const char *path, const ptolower_result *result, pypto_signature *out) {
  const ptolower_function *function;
  *out = (pypto_signature){.function_count = 0};
  for (size_t i = 0; (function = ptolower_result_function(result, i)) != NULL; i++) {
    if (!take_function(path, function, out)) {
      return false;
    }
  }
  if (out->stores_in_parts) {
    out->n_tile = 0;
  }
  return pypto_judge(path, out);
}
