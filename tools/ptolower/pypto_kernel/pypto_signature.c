/* Reads what a stub needs from the text of a lowered kernel. The text is our own or pypto's: one
 * statement a line, constants named where they are made. */
#include "pypto_kernel/pypto_signature.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"

/* A value and what it stands for: a constant, or the argument whose view or part it is. */
typedef struct binding {
  char name[PYPTO_NAME];
  long number;
  int arg;
} binding;

struct pypto_reader {
  const char *path;
  pypto_signature *out;
  pypto_function *function; /* that is being read */
  int functions;            /* how many there were, also those that `out` has no room for */
  int depth;                /* of braces */
  uint64_t loops;           /* a bit for each brace that is a loop's */
  long pipe_bytes;          /* of the pipe whose buffers are named next */
  bool has_pipe, stores_in_loop;
  binding *bindings;
  size_t count, capacity;
};

bool pypto_complain(const pypto_reader *in, ptl_code code, const char *text) {
  report_refusal(code, "%s: %s", in->path, text);
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

static const binding *find_binding(const pypto_reader *in, const char *name) {
  for (size_t i = in->count; i > 0; i--) {
    if (strcmp(in->bindings[i - 1].name, name) == 0) {
      return &in->bindings[i - 1];
    }
  }
  return NULL;
}

static bool bind(pypto_reader *in, const char *name, long number, int arg) {
  if (in->count == in->capacity) {
    size_t capacity = in->capacity ? 2 * in->capacity : 64;
    binding *bindings = realloc(in->bindings, capacity * sizeof(*bindings));
    if (!bindings) {
      report_error("out of memory");
      return false;
    }
    in->bindings = bindings;
    in->capacity = capacity;
  }
  in->bindings[in->count] = (binding){.number = number, .arg = arg};
  snprintf(in->bindings[in->count++].name, PYPTO_NAME, "%s", name);
  return true;
}

/* The number of `%name` at `at`; -1 if it is not known. */
static long number_at(const pypto_reader *in, const char *at) {
  char name[PYPTO_NAME];
  const binding *found = *at == '%' && read_name(at + 1, name) ? find_binding(in, name) : NULL;
  return found ? found->number : -1;
}

/* The argument that it stands for; NULL if it is none. */
static pypto_arg *argument_at(const pypto_reader *in, const char *at) {
  char name[PYPTO_NAME];
  const binding *found = *at == '%' && read_name(at + 1, name) ? find_binding(in, name) : NULL;
  return found && found->arg >= 0 ? &in->function->args[found->arg] : NULL;
}

/* ---- arguments ---------------------------------------------------------- */

/* Those that only the runtime knows have names of their own. */
static bool read_runtime_type(const pypto_reader *in, pypto_arg *out) {
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
  return pypto_complain(in, PTL_CODE_PYPTO_ARGUMENTS,
                        "an argument is one that pypto's runtime gives to its own "
                        "kernels only: the kernel cannot be called from a model");
}

static bool read_type(const pypto_reader *in, const char *type, pypto_arg *out) {
  static const char *const scalars[] = {"index", "i1", "i8", "i16", "i32", "i64", "f32"};
  size_t length = strcspn(type, ",): ");
  if (strncmp(out->ssa, "__pypto_", 8) == 0) {
    return read_runtime_type(in, out);
  }
  if (strncmp(type, "!pto.ptr<", 9) == 0) {
    type += 9;
    length = strcspn(type, ">,");
    out->kind = PYPTO_TENSOR;
    snprintf(out->dtype, sizeof(out->dtype), "%.*s", (int)length, type);
    return pypto_type_name(out->dtype) != NULL ||
           pypto_complain(in, PTL_CODE_PYPTO_ARGUMENTS,
                          "an argument points to elements of a type that pypto's tensors "
                          "do not have here: the kernel cannot be called from a model");
  }
  for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
    if (strlen(scalars[i]) == length && strncmp(type, scalars[i], length) == 0) {
      out->kind = PYPTO_SCALAR;
      snprintf(out->dtype, sizeof(out->dtype), "%s", scalars[i]);
      return true;
    }
  }
  return pypto_complain(in, PTL_CODE_PYPTO_ARGUMENTS,
                        "an argument is neither a pointer, nor a scalar, nor the number "
                        "of a block: the kernel cannot be called from a model");
}

/* Reads `%name: type`, from `%` on; gives what follows, or NULL. */
static const char *read_argument(pypto_reader *in, const char *at) {
  pypto_function *out = in->function;
  if (out->arg_count == PYPTO_ARGS) {
    pypto_complain(in, PTL_CODE_PYPTO_ARGUMENTS,
                   "it has more than 32 arguments; pass fewer tensors");
    return NULL;
  }
  pypto_arg *arg = &out->args[out->arg_count];
  const char *next = read_name(at + 1, arg->ssa);
  if (!next || strncmp(next, ": ", 2) != 0) {
    pypto_complain(in, PTL_CODE_PYPTO_FUNCTION,
                   "the arguments of a function are not text as pypto writes it");
    return NULL;
  }
  memcpy(arg->name, arg->ssa, sizeof(arg->name));
  if (!read_type(in, next + 2, arg) || !bind(in, arg->ssa, -1, out->arg_count)) {
    return NULL;
  }
  ++out->arg_count;
  next += 2 + strcspn(next + 2, ",)");
  return *next == ',' ? next + 1 + strspn(next + 1, " ") : next;
}

/* `func.func @name(%x: !pto.ptr<i8>, ...) attributes {...} {`. */
static bool read_function(pypto_reader *in, const char *line) {
  in->count = 0;
  if (in->functions++ == PYPTO_FUNCTIONS) {
    return pypto_complain(in, PTL_CODE_PYPTO_FUNCTION,
                          "it has more than the two functions of a mixed kernel, X_aic "
                          "and X_aiv: give each kernel a file of its own");
  }
  in->function = &in->out->functions[in->out->function_count++];
  in->function->is_vector = strstr(line, "kernel_kind<vector>") != NULL;
  line += strlen("func.func");
  line += strspn(line, " ");
  const char *at = *line == '@' ? read_name(line + 1, in->function->name) : NULL;
  if (!at || *at != '(') {
    return pypto_complain(in, PTL_CODE_PYPTO_FUNCTION,
                          "the name of a function is not text as pypto writes it");
  }
  for (at += 1 + strspn(at + 1, " "); *at == '%';) {
    at = read_argument(in, at);
    if (!at) {
      return false;
    }
  }
  return *at == ')' ||
         pypto_complain(in, PTL_CODE_PYPTO_FUNCTION,
                        "the arguments of a function are not text as pypto writes it");
}

/* ---- views -------------------------------------------------------------- */

/* `x_inline7__ssa_v0_view` is a view of x. */
static void take_view_name(pypto_arg *arg, const char *view) {
  bool is_own = strncmp(arg->ssa, "arg", 3) != 0 || !isdigit((unsigned char)arg->ssa[3]);
  const char *end = strstr(view, "__"), *inlined = strstr(view, "_inline");
  if (is_own || isdigit((unsigned char)*view)) {
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

/* The extents of `shape = [%c16, %c5120], ...`; none if one is not known. */
static int read_dims(const pypto_reader *in, const char *at, long dims[PYPTO_RANK]) {
  int rank = 0;
  for (; *at == '%' && rank < PYPTO_RANK; rank++) {
    dims[rank] = number_at(in, at);
    if (dims[rank] <= 0) {
      return 0;
    }
    at += strcspn(at, ",]");
    at += strspn(at, ", ");
  }
  return *at == ']' ? rank : 0;
}

/* A tensor that is seen with two shapes has none for the stub. */
static void take_shape(pypto_arg *arg, const long *dims, int rank, bool is_first) {
  bool same = rank == arg->rank;
  for (int i = 0; same && i < rank; i++) {
    same = dims[i] == arg->dims[i];
  }
  if (is_first) {
    memcpy(arg->dims, dims, sizeof(arg->dims));
  }
  arg->rank = is_first || same ? rank : 0;
}

/* `pto.make_tensor_view %x, shape = [%c16, %c5120], ...`. */
static bool read_view(pypto_reader *in, const char *name, const char *operation) {
  static const char mark[] = "shape = [";
  long dims[PYPTO_RANK] = {0};
  pypto_arg *arg = argument_at(in, operation + strlen("pto.make_tensor_view "));
  const char *shape = strstr(operation, mark);
  if (!arg || !shape) {
    return true;
  }
  take_shape(arg, dims, read_dims(in, shape + strlen(mark), dims), !arg->is_viewed);
  arg->is_viewed = true;
  take_view_name(arg, name);
  return bind(in, name, -1, (int)(arg - in->function->args));
}

/* A part of a view, or a pointer into an argument. */
static bool read_derived(pypto_reader *in, const char *name, const char *operand) {
  const pypto_arg *arg = argument_at(in, operand);
  return !arg || bind(in, name, -1, (int)(arg - in->function->args));
}

/* ---- what is done with them --------------------------------------------- */

/* `pto.tstore ins(...) outs(%part : !pto.partition_tensor_view<16x512xi32>)`. */
static void read_store(pypto_reader *in, const char *operation) {
  const char *outs = strstr(operation, "outs(");
  pypto_arg *arg = outs ? argument_at(in, outs + 5) : NULL;
  if (!arg) {
    return;
  }
  const char *type = strstr(outs, "partition_tensor_view<");
  const char *cols = type ? strchr(type, 'x') : NULL;
  long tile = cols ? strtol(cols + 1, NULL, 10) : 0;
  in->stores_in_loop = in->stores_in_loop || in->loops;
  arg->is_written = true;
  arg->is_read = arg->is_read || strstr(outs, "atomicType") != NULL;
  in->out->n_tile = tile > in->out->n_tile ? tile : in->out->n_tile;
  in->out->n_total = arg->rank == 2 ? arg->dims[1] : 0;
}

static void read_load(pypto_reader *in, const char *operation) {
  const char *ins = strstr(operation, "ins(");
  pypto_arg *arg = ins ? argument_at(in, ins + 4) : NULL;
  if (arg) {
    arg->is_read = true;
  }
}

/* `pto.store_scalar %value, %arg1[%c0] : ...`. */
static void read_scalar_store(pypto_reader *in, const char *operation) {
  const char *comma = strchr(operation, ',');
  pypto_arg *arg = comma ? argument_at(in, comma + 2) : NULL;
  if (arg) {
    arg->is_written = true;
  }
}

static long pipe_field(const char *line, const char *name, long missing) {
  const char *at = strstr(line, name);
  return at ? strtol(at + strlen(name), NULL, 10) : missing;
}

/* `pto.aic_initialize_pipe {dir_mask = 1, slot_size = 16384, slot_num = 2}`: rings of slots, one
 * for each direction. Without a number of them, ptoas takes eight, in a pipe of two directions
 * four. */
static void read_pipe(pypto_reader *in, const char *line) {
  bool both_ways = pipe_field(line, "dir_mask = ", 1) == 3;
  long slots = pipe_field(line, "slot_num = ", both_ways ? 4 : 8);
  in->pipe_bytes = (both_ways ? 2 : 1) * slots * pipe_field(line, "slot_size = ", 0);
  in->has_pipe = true;
}

/* The slots that lie in an argument; each function names them. */
static bool read_pipe_buffer(pypto_reader *in, const char *buffer) {
  pypto_arg *arg = argument_at(in, buffer);
  if (!arg || in->pipe_bytes <= 0) {
    return pypto_complain(in, PTL_CODE_PYPTO_SLOTS,
                          "the slots of a pipe between its cores do not lie in an "
                          "argument: the kernel cannot be called from a model");
  }
  arg->pipe_bytes += in->pipe_bytes;
  arg->is_written = true;
  in->pipe_bytes = 0;
  return true;
}

static bool starts_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* An operation that makes a value. */
static bool read_value(pypto_reader *in, const char *name, const char *operation) {
  if (starts_with(operation, "arith.constant ")) {
    return bind(in, name, strtol(operation + strlen("arith.constant "), NULL, 10), -1);
  }
  if (starts_with(operation, "pto.make_tensor_view ")) {
    return read_view(in, name, operation);
  }
  if (starts_with(operation, "pto.partition_view ")) {
    return read_derived(in, name, operation + strlen("pto.partition_view "));
  }
  if (starts_with(operation, "pto.addptr ")) {
    return read_derived(in, name, operation + strlen("pto.addptr "));
  }
  /* ptoas 0.64 says pto.load */
  if (starts_with(operation, "pto.load_scalar ") || starts_with(operation, "pto.load ")) {
    pypto_arg *arg = argument_at(in, strchr(operation, ' ') + 1);
    if (arg) {
      arg->is_read = true;
    }
  }
  return true;
}

static bool read_effect(pypto_reader *in, const char *line) {
  static const char buffer[] = "gm_slot_buffer = ";
  const char *slots = strstr(line, buffer);
  if (starts_with(line, "pto.tstore ")) {
    read_store(in, line);
  } else if (starts_with(line, "pto.tload ")) {
    read_load(in, line);
  } else if (starts_with(line, "pto.store_scalar ") || starts_with(line, "pto.store ")) {
    read_scalar_store(in, line);
  } else if (strstr(line, "_initialize_pipe")) {
    read_pipe(in, line);
  }
  in->out->is_dual = in->out->is_dual || strstr(line, "{split = 1") || strstr(line, "{split = 2");
  return !slots || read_pipe_buffer(in, slots + strlen(buffer));
}

/* `scf.for ... {`, `} else {`, `}`. */
static void follow_braces(pypto_reader *in, const char *line) {
  size_t length = strcspn(line, "\r");
  if (*line == '}' && in->depth > 0) {
    in->loops &= ~((uint64_t)1 << --in->depth);
  }
  if (length > 0 && line[length - 1] == '{' && in->depth < 63) {
    in->loops |= (uint64_t)(strstr(line, "scf.for ") != NULL) << in->depth++;
  }
}

static bool read_line(pypto_reader *in, const char *line) {
  char name[PYPTO_NAME];
  line += strspn(line, " \t");
  follow_braces(in, line);
  if (starts_with(line, "func.func ")) {
    return read_function(in, line);
  }
  if (!in->function) {
    return true;
  }
  const char *next = *line == '%' ? read_name(line + 1, name) : NULL;
  if (next && starts_with(next, " = ") && !read_value(in, name, next + 3)) {
    return false;
  }
  return read_effect(in, line);
}

/* Cuts the text into lines, in a copy. */
static bool read_lines(pypto_reader *in, const char *text, size_t length) {
  char *copy = strndup(text, length), *rest = NULL;
  bool ok = copy != NULL;
  if (!copy) {
    report_error("out of memory");
  }
  for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; ok && line;
       line = strtok_r(NULL, "\n", &rest)) {
    ok = read_line(in, line);
  }
  free(copy);
  return ok;
}

bool pypto_read_signature(const char *path, const char *text, size_t length, pypto_signature *out) {
  *out = (pypto_signature){.function_count = 0};
  pypto_reader in = {.path = path, .out = out};
  bool ok = read_lines(&in, text, length) && pypto_judge(&in, out, in.has_pipe);
  if (in.stores_in_loop) {
    out->n_tile = 0; /* the loop may be one over columns */
  }
  free(in.bindings);
  return ok;
}
