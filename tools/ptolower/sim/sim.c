/* `ptolower sim`: one launch of a kernel, with arrays from files and into files. */
#include "sim/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "sim/sim_element.h"
#include "sim/sim_npy.h"
#include "sim/sim_options.h"

/* One call: what the library is told, and the files after it. */
typedef struct sim_call {
  sim_cli cli;
  ptolower_sim_argument *arguments;
  npy_array *arrays; /* of each argument; without a file, if none is read */
  size_t count;
} sim_call;

static bool ends_in(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length > end_length && strcmp(text + length - end_length, end) == 0;
}

/* `16x5120xi8` in place of a header. */
static bool parse_raw_shape(const char *text, npy_array *out) {
  while (*text >= '0' && *text <= '9' && out->rank < NPY_MAX_RANK) {
    char *end;
    out->shape[out->rank++] = strtoll(text, &end, 10);
    if (*end != 'x') {
      return false;
    }
    text = end + 1;
  }
  snprintf(out->type, sizeof(out->type), "%s", text);
  return out->rank > 0 && *text;
}

/* Whether the file has the elements of its shape, times the bytes of one. */
static bool has_expected_size(const npy_array *array) {
  size_t size = element_bytes(array->type);
  bool fits = true;
  for (int i = 0; i < array->rank && fits; i++) {
    fits = !__builtin_mul_overflow(size, (size_t)array->shape[i], &size);
  }
  return fits && size == array->size;
}

static bool read_raw(const char *value, const char *colon, npy_array *out) {
  char *path = strndup(value, (size_t)(colon - value));
  file_text text = {.data = NULL};
  bool ok = path && file_read(path, &text);
  free(path);
  *out = (npy_array){.file = text.data, .data = text.data, .size = text.length};
  if (ok && (!parse_raw_shape(colon + 1, out) || !has_expected_size(out))) {
    report_error("'%s': the file's %zu bytes are not of this shape", value, out->size);
    ok = false;
  }
  return ok;
}

/* One --arg: a file's bytes, or a text for the library. */
static bool read_argument(const word_pair *pair, ptolower_sim_argument *argument,
                          npy_array *array) {
  const char *raw = strstr(pair->value, ".raw:");
  argument->name = pair->name;
  if (raw ? !read_raw(pair->value, raw + 4, array)
          : ends_in(pair->value, ".npy") && !npy_read(pair->value, array)) {
    return false;
  }
  if (array->file) {
    argument->data = array->data;
    argument->size = array->size;
  } else {
    argument->text = pair->value;
  }
  return true;
}

static ptolower_status read_arguments(sim_call *call) {
  const sim_cli *cli = &call->cli;
  size_t count = cli->args.count + cli->scalars.count;
  call->arguments = calloc(count + 1, sizeof(*call->arguments));
  call->arrays = calloc(count + 1, sizeof(*call->arrays));
  if (!call->arguments || !call->arrays) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < cli->args.count; i++) {
    call->count++;
    if (!read_argument(&cli->args.items[i], &call->arguments[i], &call->arrays[i])) {
      return PTOLOWER_REFUSED;
    }
  }
  for (size_t i = 0; i < cli->scalars.count; i++) {
    const word_pair *pair = &cli->scalars.items[i];
    call->arguments[call->count++] =
        (ptolower_sim_argument){.name = pair->name, .text = pair->value};
  }
  return PTOLOWER_OK;
}

/* ---- after the run ------------------------------------------------------ */

/* Whether the arrays of files are of the types that the kernel has. */
static bool check_types(const sim_call *call, const ptolower_result *result) {
  for (size_t i = 0; i < call->count; i++) {
    const char *type = ptolower_result_tensor_type(result, call->arguments[i].name);
    if (call->arrays[i].file && type && !npy_fits(call->arrays[i].type, type)) {
      report_error("argument '%s' is of %s, its file of %s", call->arguments[i].name, type,
                   call->arrays[i].type);
      return false;
    }
  }
  return true;
}

/* A tensor's shape as it was asked for, or as its file had it; gives the rank, 0 if it has none. */
static int known_shape(const sim_call *call, const ptolower_result *result, const char *name,
                       int64_t shape[NPY_MAX_RANK]) {
  int rank = ptolower_result_tensor_shape(result, name, shape);
  for (size_t i = 0; i < call->count && rank == 0; i++) {
    if (call->arrays[i].file && strcmp(call->arguments[i].name, name) == 0) {
      rank = call->arrays[i].rank;
      memcpy(shape, call->arrays[i].shape, sizeof(call->arrays[i].shape));
    }
  }
  return rank;
}

/* The file of one --out; its text is to be freed. */
static bool format_tensor(const sim_call *call, const ptolower_result *result,
                          const word_pair *pair, output_file *out) {
  size_t size;
  int64_t shape[NPY_MAX_RANK] = {0};
  const void *data = ptolower_result_tensor(result, pair->name, &size);
  const char *type = ptolower_result_tensor_type(result, pair->name);
  if (!type) {
    report_error("the kernel has no tensor '%s'", pair->name);
    return false;
  }
  int rank = known_shape(call, result, pair->name, shape);
  rank = rank > 0 ? rank : ptolower_result_tensor_view(result, pair->name, shape);
  if (rank == 0) { /* all in a row */
    shape[0] = (int64_t)(size / element_bytes(type));
    rank = 1;
  }
  out->path = pair->value;
  out->text = npy_format(type, shape, rank, data, size, &out->length);
  if (!out->text) {
    report_error("out of memory");
  }
  return out->text;
}

/* All that is to be written, or nothing. */
static ptolower_status write_tensors(const sim_call *call, const ptolower_result *result) {
  size_t count = call->cli.outs.count;
  output_file *files = calloc(count + 1, sizeof(*files));
  bool ok = files;
  for (size_t i = 0; i < count && ok; i++) {
    ok = format_tensor(call, result, &call->cli.outs.items[i], &files[i]);
  }
  ptolower_status status = ok ? output_write(files, count) : PTOLOWER_REFUSED;
  for (size_t i = 0; i < count && files; i++) {
    free((char *)files[i].text);
  }
  free(files);
  return status;
}

/* The index of an element in an array, as "[2, 17]". */
static void print_index(char *out, size_t room, const npy_array *array, size_t element) {
  int64_t index[NPY_MAX_RANK] = {0};
  for (int i = array->rank - 1; i >= 0; i--) {
    index[i] = (int64_t)(element % (size_t)array->shape[i]);
    element /= (size_t)array->shape[i];
  }
  size_t used = 0;
  for (int i = 0; i < array->rank && used < room; i++) {
    used += (size_t)snprintf(out + used, room - used, "%s%lld", i ? ", " : "", (long long)index[i]);
  }
}

/* A tensor after the run. */
typedef struct ran_tensor {
  const char *type, *data;
  size_t size;
  bool has_size; /* else it is as large as what the kernel reached, or larger */
} ran_tensor;

/* Whether what is expected can be all of the tensor: the rest of one without a size is untouched,
 * which is zero. */
static bool is_all(const npy_array *expected, const ran_tensor *tensor) {
  bool all = expected->size == tensor->size || (!tensor->has_size && expected->size < tensor->size);
  for (size_t i = expected->size; i < tensor->size && all; i++) {
    all = tensor->data[i] == 0;
  }
  return all && expected->size > 0;
}

/* Where a tensor is not what is expected. */
typedef struct differences {
  size_t count, first; /* elements */
  double largest;
} differences;

static differences differences_of(const npy_array *expected, const ran_tensor *tensor) {
  size_t bytes = element_bytes(tensor->type);
  differences out = {.count = 0};
  for (size_t i = 0; i < expected->size; i += bytes) {
    if (memcmp(tensor->data + i, expected->data + i, bytes) != 0) {
      double difference = fabs(element_number(tensor->type, tensor->data + i) -
                               element_number(tensor->type, expected->data + i));
      out.first = out.count == 0 ? i / bytes : out.first;
      out.largest = difference > out.largest ? difference : out.largest;
      out.count++;
    }
  }
  return out;
}

static void report_differences(const differences *found, const npy_array *expected,
                               const char *name, const ran_tensor *tensor) {
  size_t bytes = element_bytes(tensor->type), at = found->first * bytes;
  char index[128] = "", is[32], wanted[32];
  print_index(index, sizeof(index), expected, found->first);
  element_print(is, sizeof(is), tensor->type, tensor->data + at);
  element_print(wanted, sizeof(wanted), tensor->type, expected->data + at);
  report_error("tensor '%s' [%s] is %s, expected %s; %zu of %zu elements differ, by %.6g at most",
               name, index, is, wanted, found->count, expected->size / bytes, found->largest);
}

static bool compare(const npy_array *expected, const word_pair *pair, const ran_tensor *tensor) {
  const char *type = tensor->type;
  if (!npy_fits(expected->type, type) || !is_all(expected, tensor)) {
    report_error("tensor '%s' is of %s and has %zu bytes; '%s' is of %s and has %zu", pair->name,
                 type, tensor->size, pair->value, expected->type, expected->size);
    return false;
  }
  differences found = differences_of(expected, tensor);
  if (found.count > 0) {
    report_differences(&found, expected, pair->name, tensor);
  }
  return found.count == 0;
}

static bool check_tensor(const sim_call *call, const ptolower_result *result, const word_pair *pair,
                         const npy_array *expected) {
  int64_t shape[NPY_MAX_RANK];
  ran_tensor tensor;
  tensor.data = ptolower_result_tensor(result, pair->name, &tensor.size);
  tensor.type = ptolower_result_tensor_type(result, pair->name);
  tensor.has_size = known_shape(call, result, pair->name, shape) > 0;
  if (!tensor.type) {
    report_error("the kernel has no tensor '%s'", pair->name);
    return false;
  }
  return compare(expected, pair, &tensor);
}

/* What is expected is read before anything is written: it is an input. */
static bool read_expected(const word_pairs *expects, npy_array *out) {
  bool ok = true;
  for (size_t i = 0; i < expects->count && ok; i++) {
    ok = npy_read(expects->items[i].value, &out[i]);
  }
  return ok;
}

static ptolower_status finish(const sim_call *call, const ptolower_result *result) {
  const word_pairs *expects = &call->cli.expects;
  npy_array *expected = calloc(expects->count + 1, sizeof(*expected));
  bool ok = expected && check_types(call, result) && read_expected(expects, expected);
  ptolower_status status = ok ? write_tensors(call, result) : PTOLOWER_REFUSED;
  for (size_t i = 0; i < expects->count && status == PTOLOWER_OK; i++) {
    if (!check_tensor(call, result, &expects->items[i], &expected[i])) {
      status = PTOLOWER_REFUSED;
    }
  }
  for (size_t i = 0; i < expects->count && expected; i++) {
    npy_free(&expected[i]);
  }
  free(expected);
  return status;
}

/* ---- the call ----------------------------------------------------------- */

static ptolower_status close_with_line(const sim_cli *cli) {
  size_t written = cli->outs.count, expected = cli->expects.count;
  char line[PATH_MAX + 128];
  snprintf(line, sizeof(line), "%s: run; %zu tensor%s written, %zu as expected\n",
           file_shown(cli->inputs[0]), written, written == 1 ? "" : "s", expected);
  return output_print(line);
}

static ptolower_status run(sim_call *call) {
  sim_cli *cli = &call->cli;
  file_text input;
  ptolower_result *result = NULL;
  if (cli->input_count != 1) {
    return report_usage("no kernel");
  }
  ptolower_status status = read_arguments(call);
  if (status != PTOLOWER_OK) {
    return status;
  }
  if (strcmp(cli->inputs[0], "-") != 0 &&
      ptolower_options_set(cli->library, "file", file_shown(cli->inputs[0])) != PTOLOWER_OK) {
    return PTOLOWER_INTERNAL;
  }
  if (!file_read(cli->inputs[0], &input)) {
    return PTOLOWER_REFUSED;
  }
  cli->sim.arguments = call->arguments;
  cli->sim.argument_count = call->count;
  status = ptolower_simulate(cli->library, &cli->sim, input.data, input.length, &result);
  if (result) {
    report_diagnostics(stderr, result, false);
    status = status == PTOLOWER_OK ? finish(call, result) : status;
    status = status == PTOLOWER_OK ? close_with_line(cli) : status;
    ptolower_result_destroy(result);
  } else {
    report_error("out of memory");
  }
  file_text_free(&input);
  return status;
}

ptolower_status sim_main(int argc, char **argv) {
  sim_call call = {.count = 0};
  ptolower_status status = sim_options_parse(argc, argv, &call.cli);
  if (status == PTOLOWER_OK && !call.cli.is_helped) {
    status = run(&call);
  }
  for (size_t i = 0; call.arrays && i < call.count; i++) {
    npy_free(&call.arrays[i]);
  }
  free(call.arrays);
  free(call.arguments);
  sim_options_free(&call.cli);
  return status;
}
