/* ptolower_simulate: one launch of a kernel. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mlir-c/BuiltinTypes.h>

#include "api/simulation.h"
#include "ir/build.h"

static const ptl_loc nowhere = {NULL, 0, 0, NULL};

static ptl_status usage(ptl_session *session, const char *name, const char *problem) {
  ptl_diag_add(&session->diags, PTL_CODE_SIM_ARGUMENT, nowhere, "argument '%s': %s", name, problem);
  return PTL_USAGE;
}

static bool is_named(const ptl_simulated *argument, int index, const char *name) {
  char *end;
  long number = strtol(name, &end, 10);
  name += name[0] == '%';
  return strcmp(argument->name, name) == 0 || (*name && !*end && number == index);
}

static int find_argument(const ptl_simulation *simulation, const char *name) {
  for (int i = 0; i < simulation->count; i++) {
    if (is_named(&simulation->arguments[i], i, name)) {
      return i;
    }
  }
  return -1;
}

/* ---- arguments ---------------------------------------------------------- */

static ptl_sim_tensor *new_tensor(ptl_arena *arena, ptl_elem elem) {
  ptl_sim_tensor *tensor = ptl_arena_alloc(arena, sizeof(*tensor));
  tensor->elem = elem;
  tensor->grows = true;
  tensor->arena = arena;
  return tensor;
}

static void declare_arguments(ptl_session *session, const ptl_kernel *kernel,
                              ptl_simulation *simulation) {
  ptl_arena *arena = &session->arena;
  int count = kernel->body->argument_count;
  simulation->count = count;
  simulation->args = ptl_arena_array(arena, (size_t)count, sizeof(ptl_sim_arg));
  simulation->arguments = ptl_arena_array(arena, (size_t)count, sizeof(ptl_simulated));
  for (int i = 0; i < count; i++) {
    const ptl_value *value = &kernel->values[kernel->body->first_argument + i];
    ptl_simulated *argument = &simulation->arguments[i];
    argument->name = ptl_sim_argument_name(arena, kernel, i);
    argument->type = mlirValueGetType(value->value);
    ptl_elem elem = ptl_ptr_type_parse(ptl_type_text(arena, argument->type));
    if (elem != PTL_ELEM_NONE) {
      argument->tensor = simulation->args[i].tensor = new_tensor(arena, elem);
    }
  }
}

static ptl_status generate(ptl_session *session, const char *text, ptl_simulated *argument) {
  ptl_sim_tensor *tensor = argument->tensor;
  const char *problem =
      ptl_parse_fill(&session->arena, text, tensor->elem, &tensor->fill, argument);
  if (problem) {
    return usage(session, argument->name, problem);
  }
  int64_t size = ptl_elem_bytes(tensor->elem);
  for (int i = 0; i < argument->rank; i++) {
    if (size > INT64_C(0x7fffffff) / argument->shape[i]) {
      return usage(session, argument->name, "a tensor has less than 2 GiB");
    }
    size *= argument->shape[i];
  }
  if (argument->rank > 0) {
    ptl_sim_tensor_allocate(tensor, size);
    tensor->grows = false;
  }
  return PTL_OK;
}

static ptl_status take_bytes(ptl_session *session, const ptolower_sim_argument *given,
                             ptl_simulated *argument) {
  ptl_sim_tensor *tensor = argument->tensor;
  if (given->size % (size_t)ptl_elem_bytes(tensor->elem) != 0) {
    return usage(session, argument->name, "the bytes are no whole number of elements");
  }
  if (given->size > INT32_MAX) {
    return usage(session, argument->name, "a tensor has less than 2 GiB");
  }
  ptl_sim_tensor_borrow(tensor, given->data, (int64_t)given->size);
  tensor->grows = false;
  return PTL_OK;
}

/* The problem, or NULL. `bits`: 0 of an index. */
static const char *read_integer(ptl_arena *arena, const char *text, const char *type, int bits,
                                int64_t *out) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 0);
  int64_t most = bits == 0 || bits >= 64 ? INT64_MAX : (INT64_C(1) << (bits - (bits > 1))) - 1;
  if (end == text || *end) {
    return ptl_arena_printf(arena, "its type is %s, so it is an integer, not '%s'", type, text);
  }
  if (errno == ERANGE || value > most || value < (bits == 1 ? 0 : -most - 1)) {
    return ptl_arena_printf(arena, "%s is no number of %s", text, type);
  }
  *out = value;
  return NULL;
}

static const char *read_real(ptl_arena *arena, const char *text, double *out) {
  char *end;
  errno = 0;
  *out = strtod(text, &end);
  bool ok = end != text && !*end && !(errno == ERANGE && isinf(*out));
  return ok ? NULL : ptl_arena_printf(arena, "a scalar is a number, not '%s'", text);
}

static ptl_status take_number(ptl_session *session, const ptolower_sim_argument *given,
                              const ptl_simulated *argument, ptl_sim_arg *arg) {
  const char *text = given->text ? given->text : "";
  const char *type = ptl_type_text(&session->arena, argument->type).data;
  bool is_index = mlirTypeIsAIndex(argument->type), is_integer = mlirTypeIsAInteger(argument->type);
  int bits = is_integer ? (int)mlirIntegerTypeGetWidth(argument->type) : 0;
  const char *problem = is_index || is_integer
                            ? read_integer(&session->arena, text, type, bits, &arg->integer)
                            : read_real(&session->arena, text, &arg->real);
  return problem ? usage(session, argument->name, problem) : PTL_OK;
}

static ptl_status take_argument(ptl_session *session, const ptolower_sim_argument *given,
                                ptl_simulation *simulation) {
  int index = find_argument(simulation, given->name);
  if (index < 0) {
    return usage(session, given->name, "the kernel has none of that name or index");
  }
  ptl_simulated *argument = &simulation->arguments[index];
  if (argument->is_given) {
    return usage(session, given->name, "it is given twice");
  }
  argument->is_given = true;
  if (!argument->tensor) {
    return take_number(session, given, argument, &simulation->args[index]);
  }
  return given->data ? take_bytes(session, given, argument)
                     : generate(session, given->text ? given->text : "", argument);
}

/* ---- the run ------------------------------------------------------------ */

static ptl_status find_unit(ptl_session *session, const char *name, ptl_sim_unit *out) {
  ptl_sim_units units = ptl_sim_units_of(&session->arena, session->module);
  if (ptl_sim_find_unit(&units, name, out)) {
    return PTL_OK;
  }
  ptl_loc file = {session->file, 0, 0, NULL};
  if (name) {
    ptl_diag_add(&session->diags, PTL_CODE_SIM_ARGUMENT, file, "there is no function '%s' to run",
                 name);
  } else {
    ptl_diag_add(&session->diags, PTL_CODE_SIM_ARGUMENT, file,
                 units.count == 0 ? "there is no function to run"
                                  : "there are several functions: say which one is to run");
  }
  return PTL_REFUSED;
}

static ptl_status simulate(ptolower_result *result) {
  ptl_session *session = &result->session;
  ptl_simulation *simulation = result->simulation;
  const ptolower_sim_options *options = simulation->options;
  ptl_sim_unit unit;
  ptl_sim_launch launch = {.arena = NULL};
  ptl_status status = find_unit(session, options->function, &unit);
  if (status == PTL_OK) {
    status =
        ptl_sim_prepare_unit(&session->arena, &unit, session->target, &session->diags, &launch);
  }
  if (status == PTL_OK) {
    declare_arguments(session, unit.cube, simulation);
  }
  for (size_t i = 0; i < options->argument_count && status == PTL_OK; i++) {
    status = take_argument(session, &options->arguments[i], simulation);
  }
  if (status != PTL_OK) {
    return status;
  }
  launch.args = simulation->args;
  launch.arg_count = simulation->count;
  launch.first_block = options->first_block;
  launch.block_count = options->block_count > 0 ? options->block_count : 1;
  launch.block_num =
      options->block_num > 0 ? options->block_num : launch.first_block + launch.block_count;
  launch.max_steps = options->max_steps;
  return ptl_sim_run(&launch);
}

ptolower_status ptolower_simulate(const ptolower_options *options, const ptolower_sim_options *sim,
                                  const char *text, size_t length, ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  result->simulation = ptl_arena_alloc(&result->session.arena, sizeof(ptl_simulation));
  result->simulation->options = sim;
  ptl_status status = ptl_api_open(result, options, (ptl_str){text, length});
  status = status == PTL_OK ? simulate(result) : status;
  ptl_api_close(result);
  result->simulation->options = NULL; /* the caller's */
  return (ptolower_status)status;
}

/* ---- results ------------------------------------------------------------ */

static const ptl_simulated *tensor_of(const ptolower_result *result, const char *name) {
  int index = result && result->simulation ? find_argument(result->simulation, name) : -1;
  const ptl_simulated *argument = index < 0 ? NULL : &result->simulation->arguments[index];
  return argument && argument->tensor ? argument : NULL;
}

const void *ptolower_result_tensor(const ptolower_result *result, const char *name, size_t *size) {
  const ptl_simulated *argument = tensor_of(result, name);
  if (!argument) {
    *size = 0;
    return NULL;
  }
  ptl_sim_tensor *tensor = argument->tensor;
  ptl_sim_tensor_touch(tensor, 0, tensor->size / ptl_elem_bytes(tensor->elem));
  *size = (size_t)tensor->size;
  return tensor->bytes ? (const void *)tensor->bytes : "";
}

const char *ptolower_result_tensor_type(const ptolower_result *result, const char *name) {
  const ptl_simulated *argument = tensor_of(result, name);
  return argument ? ptl_elem_name(argument->tensor->elem) : NULL;
}

int ptolower_result_tensor_shape(const ptolower_result *result, const char *name,
                                 int64_t shape[8]) {
  const ptl_simulated *argument = tensor_of(result, name);
  for (int i = 0; argument && i < argument->rank; i++) {
    shape[i] = argument->shape[i];
  }
  return argument ? argument->rank : 0;
}

int ptolower_result_tensor_view(const ptolower_result *result, const char *name, int64_t shape[8]) {
  const ptl_simulated *argument = tensor_of(result, name);
  const ptl_sim_tensor *tensor = argument ? argument->tensor : NULL;
  int64_t size = tensor ? ptl_elem_bytes(tensor->elem) : 0;
  for (int i = 0; tensor && i < tensor->rank; i++) {
    shape[i] = tensor->shape[i];
    size *= shape[i];
  }
  return tensor && size == tensor->size ? tensor->rank : 0;
}
