/* Reads what a stub needs from the text of a lowered kernel. The text is our own or pypto's: one
 * statement a line, constants named where they are made. */
#include "pypto_kernel.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* A value and what it stands for: a constant, or the argument whose view or part it is. */
typedef struct binding {
  char name[PYPTO_NAME];
  long number;
  int arg;
} binding;

typedef struct reader {
  const char *path;
  pypto_signature *out;
  binding *bindings;
  size_t count, capacity;
} reader;

static bool complain(const reader *in, const char *text) {
  report_error("%s: %s", in->path, text);
  return false;
}

/* Copies a name of letters, digits, `_`, `.` and `$`; gives what follows, or NULL. */
static const char *read_name(const char *at, char out[PYPTO_NAME]) {
  size_t length = 0;
  while (isalnum((unsigned char)at[length]) || (at[length] && strchr("_.$", at[length]))) {
    ++length;
  }
  if (length == 0 || length >= PYPTO_NAME) {
    return NULL;
  }
  memcpy(out, at, length);
  out[length] = '\0';
  return at + length;
}

static const binding *find_binding(const reader *in, const char *name) {
  for (size_t i = in->count; i > 0; --i) {
    if (strcmp(in->bindings[i - 1].name, name) == 0) {
      return &in->bindings[i - 1];
    }
  }
  return NULL;
}

static bool bind(reader *in, const char *name, long number, int arg) {
  if (in->count == in->capacity) {
    size_t capacity = in->capacity ? 2 * in->capacity : 64;
    binding *bindings = realloc(in->bindings, capacity * sizeof *bindings);
    if (!bindings) {
      return complain(in, "out of memory");
    }
    in->bindings = bindings;
    in->capacity = capacity;
  }
  in->bindings[in->count] = (binding){.number = number, .arg = arg};
  snprintf(in->bindings[in->count++].name, PYPTO_NAME, "%s", name);
  return true;
}

/* The number or argument behind `%name` at `at`; -1 if it is not known. */
static long number_at(const reader *in, const char *at) {
  char name[PYPTO_NAME];
  const binding *found = *at == '%' && read_name(at + 1, name) ? find_binding(in, name) : NULL;
  return found ? found->number : -1;
}

static int argument_at(const reader *in, const char *at) {
  char name[PYPTO_NAME];
  const binding *found = *at == '%' && read_name(at + 1, name) ? find_binding(in, name) : NULL;
  return found ? found->arg : -1;
}

/* ---- the signature ------------------------------------------------------ */

static bool read_type(const reader *in, const char *type, pypto_arg *out) {
  if (strncmp(type, "!pto.ptr<", 9) == 0) {
    size_t length = strcspn(type + 9, ">,");
    out->kind = PYPTO_TENSOR;
    if (length >= sizeof out->dtype) {
      return complain(in, "an argument's element type is not known");
    }
    memcpy(out->dtype, type + 9, length);
    return true;
  }
  if (strncmp(type, "index", 5) == 0) {
    out->kind = PYPTO_INDEX;
    return true;
  }
  out->kind = strcmp(out->ssa, "__pypto_spmd_block_num") == 0 ? PYPTO_BLOCK_NUM : PYPTO_BLOCK_IDX;
  if (strncmp(out->ssa, "__pypto_spmd_block_", 19) != 0) {
    return complain(in, "an argument is neither a pointer, nor an index, nor the block's number");
  }
  return true;
}

/* Reads `%name: type`, from `%` on; gives what follows, or NULL. */
static const char *read_argument(reader *in, const char *at) {
  pypto_signature *out = in->out;
  if (out->arg_count == PYPTO_ARGS) {
    complain(in, "it has too many arguments");
    return NULL;
  }
  pypto_arg *arg = &out->args[out->arg_count];
  const char *next = read_name(at + 1, arg->ssa);
  if (!next || strncmp(next, ": ", 2) != 0) {
    complain(in, "its arguments cannot be read");
    return NULL;
  }
  memcpy(arg->name, arg->ssa, sizeof arg->name);
  if (!read_type(in, next + 2, arg) || !bind(in, arg->ssa, -1, out->arg_count)) {
    return NULL;
  }
  ++out->arg_count;
  next += 2 + strcspn(next + 2, ",)");
  return *next == ',' ? next + 1 + strspn(next + 1, " ") : next;
}

static bool read_function(reader *in, const char *text) {
  const char *at = strstr(text, "func.func @");
  if (!at || !(at = read_name(at + 11, in->out->name)) || *at != '(') {
    return complain(in, "there is no function in it");
  }
  if (strstr(at, "func.func @")) {
    return complain(in, "it has more than one function: a mixed kernel cannot be called so");
  }
  for (++at; *at == '%';) {
    at = read_argument(in, at);
    if (!at) {
      return false;
    }
  }
  return *at == ')' || complain(in, "its arguments cannot be read");
}

/* ---- the statements ----------------------------------------------------- */

/* `%c16 = arith.constant 16 : index`. */
static bool read_constant(reader *in, const char *name, const char *operation) {
  return bind(in, name, strtol(operation + strlen("arith.constant "), NULL, 10), -1);
}

/* `x__ssa_v0_view` is a view of x. */
static void take_view_name(pypto_arg *arg, const char *view) {
  bool is_own = strncmp(arg->ssa, "arg", 3) != 0 || !isdigit((unsigned char)arg->ssa[3]);
  const char *end = strstr(view, "__");
  if (is_own || isdigit((unsigned char)*view)) {
    return;
  }
  if (!end || end == view) {
    size_t length = strlen(view);
    end = view + (length > 5 && strcmp(view + length - 5, "_view") == 0 ? length - 5 : length);
  }
  snprintf(arg->name, sizeof arg->name, "%.*s", (int)(end - view), view);
}

/* `pto.make_tensor_view %x, shape = [%c16, %c5120], ...`. */
static bool read_view(reader *in, const char *name, const char *operation) {
  int arg = argument_at(in, operation + strlen("pto.make_tensor_view "));
  const char *shape = strstr(operation, "shape = [");
  const char *comma = shape ? strchr(shape, ',') : NULL;
  if (arg < 0 || !comma) {
    return true;
  }
  pypto_arg *tensor = &in->out->args[arg];
  long rows = number_at(in, shape + strlen("shape = [")), cols = number_at(in, comma + 2);
  tensor->rows = rows > 0 ? rows : 0;
  tensor->cols = cols > 0 ? cols : 0;
  take_view_name(tensor, name);
  return bind(in, name, -1, arg);
}

static bool read_part(reader *in, const char *name, const char *operation) {
  int arg = argument_at(in, operation + strlen("pto.partition_view "));
  return arg < 0 || bind(in, name, -1, arg);
}

/* `pto.tstore ins(...) outs(%part : !pto.partition_tensor_view<16x512xi32>)`. */
static void read_store(reader *in, const char *operation) {
  const char *outs = strstr(operation, "outs(");
  int arg = outs ? argument_at(in, outs + 5) : -1;
  if (arg < 0) {
    return;
  }
  const char *type = strstr(outs, "partition_tensor_view<");
  const char *cols = type ? strchr(type, 'x') : NULL;
  in->out->args[arg].is_output = true;
  long tile = cols ? strtol(cols + 1, NULL, 10) : 0;
  in->out->n_tile = tile > in->out->n_tile ? tile : in->out->n_tile;
  in->out->n_total = in->out->args[arg].cols;
}

static bool starts_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

static bool read_statement(reader *in, const char *line) {
  char name[PYPTO_NAME];
  line += strspn(line, " ");
  if (starts_with(line, "pto.tstore ")) {
    read_store(in, line);
    return true;
  }
  if (strstr(line, "pto.aic_initialize_pipe") || strstr(line, "pto.tpush_to_aiv")) {
    return complain(in, "its results go to a vector core: such a kernel cannot be called so");
  }
  const char *next = *line == '%' ? read_name(line + 1, name) : NULL;
  if (!next || !starts_with(next, " = ")) {
    return true;
  }
  next += 3;
  if (starts_with(next, "arith.constant ")) {
    return read_constant(in, name, next);
  }
  if (starts_with(next, "pto.make_tensor_view ")) {
    return read_view(in, name, next);
  }
  return !starts_with(next, "pto.partition_view ") || read_part(in, name, next);
}

/* Cuts the text into lines, in a copy. */
static bool read_statements(reader *in, const char *text, size_t length) {
  char *copy = strndup(text, length), *rest = NULL;
  bool ok = copy != NULL || complain(in, "out of memory");
  for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; ok && line;
       line = strtok_r(NULL, "\n", &rest)) {
    ok = read_statement(in, line);
  }
  free(copy);
  return ok;
}

static bool check(const reader *in) {
  bool has_output = false;
  for (int i = 0; i < in->out->arg_count; ++i) {
    has_output = has_output || in->out->args[i].is_output;
    if (i > 0 && in->out->args[i].kind == PYPTO_TENSOR &&
        in->out->args[i - 1].kind != PYPTO_TENSOR) {
      return complain(in, "a tensor stands behind a scalar; pypto passes tensors first");
    }
  }
  return has_output || complain(in, "it stores nothing into an argument");
}

bool pypto_read_signature(const char *path, const char *text, size_t length, pypto_signature *out) {
  *out = (pypto_signature){.arg_count = 0};
  reader in = {.path = path, .out = out};
  bool ok = read_function(&in, text) && read_statements(&in, text, length) && check(&in);
  free(in.bindings);
  return ok;
}
