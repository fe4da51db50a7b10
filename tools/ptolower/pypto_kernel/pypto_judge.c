/* Whether a kernel can be called from a model, and what the model has to give it. */
#include <string.h>

#include "pypto_kernel/pypto_names.h"
#include "pypto_kernel/pypto_signature.h"

bool pypto_is_given(const pypto_arg *arg) { return arg->kind <= PYPTO_SCALAR; }

bool pypto_is_spmd(const pypto_function *function) {
  for (int i = 0; i < function->arg_count; i++) {
    pypto_kind kind = function->args[i].kind;
    if (kind == PYPTO_BLOCK_IDX || kind == PYPTO_BLOCK_NUM) {
      return true;
    }
  }
  return false;
}

static int count_given(const pypto_function *function) {
  int count = 0;
  while (count < function->arg_count && pypto_is_given(&function->args[count])) {
    count++;
  }
  return count;
}

/* ---- one function ------------------------------------------------------- */

/* pypto passes tensors, then scalars; its runtime's own arguments come last. */
static bool check_order(const char *path, const pypto_function *function) {
  for (int i = 1; i < function->arg_count; i++) {
    pypto_kind before = function->args[i - 1].kind, kind = function->args[i].kind;
    if ((kind == PYPTO_TENSOR && before != PYPTO_TENSOR) ||
        (kind == PYPTO_SCALAR && before > PYPTO_SCALAR)) {
      return pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                            "its arguments are not tensors, then scalars, then what the "
                            "runtime gives, which is how pypto passes them");
    }
  }
  return true;
}

/* ---- the pair ----------------------------------------------------------- */

/* Cuts `X` out of X_aic and X_aiv. */
static bool take_pair_name(pypto_signature *kernel) {
  const char *cube = kernel->functions[0].name, *vector = kernel->functions[1].name;
  size_t length = strlen(cube);
  if (length < 5 || strlen(vector) != length || strcmp(cube + length - 4, "_aic") != 0 ||
      strcmp(vector + length - 4, "_aiv") != 0 || strncmp(cube, vector, length - 4) != 0) {
    return false;
  }
  snprintf(kernel->name, sizeof(kernel->name), "%.*s", (int)(length - 4), cube);
  return true;
}

/* What either function says of an argument holds for both. */
static bool merge_argument(pypto_arg *a, pypto_arg *b) {
  if (a->kind != b->kind || strcmp(a->dtype, b->dtype) != 0) {
    return false;
  }
  bool names_b = strcmp(a->name, a->ssa) == 0;
  const pypto_arg *shaped = a->is_viewed ? a : b;
  bool same = a->rank == b->rank && memcmp(a->dims, b->dims, sizeof(a->dims)) == 0;
  pypto_arg both = *a;
  memcpy(both.name, names_b ? b->name : a->name, sizeof(both.name));
  memcpy(both.dims, shaped->dims, sizeof(both.dims));
  both.rank = a->is_viewed && b->is_viewed && !same ? 0 : shaped->rank;
  both.is_read = a->is_read || b->is_read;
  both.is_written = a->is_written || b->is_written;
  both.pipe_bytes = a->pipe_bytes > b->pipe_bytes ? a->pipe_bytes : b->pipe_bytes;
  *a = *b = both;
  return true;
}

static bool merge_pair(pypto_signature *kernel) {
  pypto_function *cube = &kernel->functions[0], *vector = &kernel->functions[1];
  int count = count_given(cube);
  bool ok = count == count_given(vector);
  for (int i = 0; ok && i < count; i++) {
    ok = merge_argument(&cube->args[i], &vector->args[i]);
  }
  for (int i = count; i < vector->arg_count; i++) {
    kernel->is_dual = kernel->is_dual || vector->args[i].kind == PYPTO_SUBBLOCK_IDX;
  }
  return ok;
}

static bool check_functions(const char *path, pypto_signature *kernel) {
  if (kernel->function_count == 0) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "there is no function in it: this is no .pto kernel");
  }
  if (kernel->function_count == 1) {
    memcpy(kernel->name, kernel->functions[0].name, sizeof(kernel->name));
    return !kernel->has_pipe || pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                                               "it hands tiles to a function on another core, "
                                               "which is not in the file: give the whole kernel");
  }
  if (!take_pair_name(kernel)) {
    return pypto_complain(path, PTL_CODE_PYPTO_FUNCTION,
                          "its two functions are not a mixed kernel, X_aic and X_aiv: "
                          "give each kernel a file of its own");
  }
  return merge_pair(kernel) || pypto_complain(path, PTL_CODE_PYPTO_ARGUMENTS,
                                              "X_aic and X_aiv do not take the same arguments");
}

/* ---- names -------------------------------------------------------------- */

static bool is_taken(const pypto_signature *kernel, const char *name, int before) {
  const pypto_arg *args = kernel->functions[0].args;
  bool taken = pypto_is_reserved(name) || strcmp(name, kernel->name) == 0;
  for (int i = 0; i < kernel->function_count; i++) {
    taken = taken || strcmp(name, kernel->functions[i].name) == 0;
  }
  for (int i = 0; i < before; i++) {
    taken = taken || strcmp(name, args[i].name) == 0;
  }
  return taken;
}

/* A name for each that C++ and Python take, and no other has. */
static void name_argument(pypto_signature *kernel, int index) {
  pypto_arg *arg = &kernel->functions[0].args[index];
  char wanted[PYPTO_NAME], name[PYPTO_NAME + 16];
  snprintf(wanted, sizeof(wanted), "%.40s", arg->pipe_bytes ? "slots" : arg->name);
  for (char *at = wanted; *at; at++) {
    *at = strchr(".$", *at) ? '_' : *at;
  }
  snprintf(name, sizeof(name), "%s", wanted);
  for (int number = 2; is_taken(kernel, name, index); number++) {
    snprintf(name, sizeof(name), "%s_%d", wanted, number);
  }
  for (int i = 0; i < kernel->function_count; i++) {
    memcpy(kernel->functions[i].args[index].name, name, PYPTO_NAME);
  }
}

/* The slots of each block lie after those of the block before. */
static void shape_slots(pypto_signature *kernel) {
  bool is_spmd = pypto_is_spmd(&kernel->functions[0]) ||
                 (kernel->function_count > 1 && pypto_is_spmd(&kernel->functions[1]));
  for (int f = 0; f < kernel->function_count; f++) {
    for (int i = 0; i < kernel->functions[f].arg_count; i++) {
      pypto_arg *arg = &kernel->functions[f].args[i];
      if (arg->pipe_bytes) {
        arg->dims[0] = arg->pipe_bytes / PYPTO_SLOT_ELEMENT;
        arg->rank = is_spmd ? 0 : 1;
      }
    }
  }
}

static bool stores(const pypto_function *function) {
  for (int i = 0; i < function->arg_count; i++) {
    if (function->args[i].is_written && !function->args[i].pipe_bytes) {
      return true;
    }
  }
  return false;
}

bool pypto_judge(const char *path, pypto_signature *kernel) {
  for (int i = 0; i < kernel->function_count; i++) {
    if (!check_order(path, &kernel->functions[i])) {
      return false;
    }
  }
  if (!check_functions(path, kernel)) {
    return false;
  }
  if (!stores(&kernel->functions[0])) {
    return pypto_complain(path, PTL_CODE_PYPTO_NO_RESULT,
                          "it stores nothing into an argument: a model could not see "
                          "what it computes");
  }
  int count = count_given(&kernel->functions[0]);
  for (int i = 0; i < count; i++) {
    name_argument(kernel, i);
  }
  shape_slots(kernel);
  return true;
}
