/* Lowers one shape, has it assembled if there is a ptoas, and takes the figures of its plan. */
#include "shapes/shapes.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/ptoas.h"

/* ---- the input ---------------------------------------------------------- */

static const char *accumulator_of(const char *dtype) {
  return strcmp(dtype, "i8") == 0 ? "i32" : "f32";
}

static void put_weight_type(FILE *out, const shape_case *given) {
  int rows = given->is_transposed ? given->n : given->k;
  int cols = given->is_transposed ? given->k : given->n;
  fprintf(out, "tensor<%dx%dx%s>", rows, cols, given->dtype);
}

static void put_signature(FILE *out, const shape_case *given, const char *result) {
  fprintf(out, "func.func @shape(%%a: tensor<%dx%dx%s>", given->m, given->k, given->dtype);
  for (int i = 0; i < given->rhs; i++) {
    fprintf(out, ", %%w%d: ", i);
    put_weight_type(out, given);
  }
  fputs(") -> (", out);
  for (int i = 0; i < given->rhs; i++) {
    fprintf(out, "%s%s", i ? ", " : "", result);
  }
  fputs(") {\n", out);
}

static void put_product(FILE *out, const shape_case *given, int i, const char *result) {
  fprintf(out, "  %%c%d = linalg.matmul%s ins(%%a, %%w%d : tensor<%dx%dx%s>, ", i,
          given->is_transposed ? "_transpose_b" : "", i, given->m, given->k, given->dtype);
  put_weight_type(out, given);
  fprintf(out, ") outs(%%init : %s) -> %s\n", result, result);
}

/* A function of products on tensors that share their left operand. */
static char *write_input(const shape_case *given, size_t *length) {
  char *text = NULL, result[64];
  const char *acc = accumulator_of(given->dtype);
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  snprintf(result, sizeof(result), "tensor<%dx%dx%s>", given->m, given->n, acc);
  put_signature(out, given, result);
  fprintf(out, "  %%zero = arith.constant %s : %s\n", *acc == 'i' ? "0" : "0.0", acc);
  fprintf(out, "  %%empty = tensor.empty() : %s\n", result);
  fprintf(out, "  %%init = linalg.fill ins(%%zero : %s) outs(%%empty : %s) -> %s\n", acc, result,
          result);
  for (int i = 0; i < given->rhs; i++) {
    put_product(out, given, i, result);
  }
  fputs("  return", out);
  for (int i = 0; i < given->rhs; i++) {
    fprintf(out, "%s %%c%d", i ? "," : "", i);
  }
  fputs(" :", out);
  for (int i = 0; i < given->rhs; i++) {
    fprintf(out, "%s %s", i ? "," : "", result);
  }
  fputs("\n}\n", out);
  return fclose(out) == 0 ? text : NULL;
}

/* ---- lowering and checking ---------------------------------------------- */

static void fail(shape_result *out, shape_outcome outcome, int number, const char *text) {
  out->outcome = outcome;
  out->code = number;
  snprintf(out->text, sizeof(out->text), "%s", text);
}

/* The first error of a result. */
static void fail_with(shape_result *out, shape_outcome outcome, const ptolower_result *result) {
  size_t count = result ? ptolower_result_diagnostic_count(result) : 0;
  for (size_t i = 0; i < count; i++) {
    ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, i);
    if (diagnostic.severity == PTOLOWER_ERROR) {
      fail(out, outcome, diagnostic.code, diagnostic.text);
      return;
    }
  }
  fail(out, outcome, 0, "there is no result");
}

static double number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void take_figures(shape_result *out, const char *plan_text) {
  cJSON *document = plan_text ? cJSON_Parse(plan_text) : NULL;
  const cJSON *plan = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "kernels"), 0);
  const cJSON *spaces = cJSON_GetObjectItem(plan, "spaces");
  const cJSON *mat = cJSON_GetObjectItem(spaces, "mat"), *acc = cJSON_GetObjectItem(spaces, "acc");
  out->cycles = number(cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "modelled_cycles"), 0), "plan");
  out->mat_used = number(mat, "used_bytes");
  out->mat_capacity = number(mat, "capacity_bytes");
  out->acc_used = number(acc, "used_bytes");
  out->acc_capacity = number(acc, "capacity_bytes");
  cJSON_Delete(document);
}

static ptolower_options *make_options(const shape_case *given, const char *version) {
  ptolower_options *options = ptolower_options_create();
  if (options && (ptolower_options_set(options, "target", given->chip) != PTOLOWER_OK ||
                  ptolower_options_set(options, "file", given->name) != PTOLOWER_OK ||
                  (version && ptolower_options_set(options, "ptoas", version) != PTOLOWER_OK))) {
    ptolower_options_destroy(options);
    return NULL;
  }
  return options;
}

/* Lowers; NULL with the reason in `out`. */
static ptolower_result *lower(const ptolower_options *options, const shape_case *given,
                              shape_result *out) {
  size_t length;
  ptolower_result *result = NULL;
  char *text = write_input(given, &length);
  if (!text) {
    fail(out, SHAPE_FAILED, 0, "out of memory");
    return NULL;
  }
  ptolower_status status = ptolower_run(options, text, length, &result);
  free(text);
  if (status == PTOLOWER_OK) {
    take_figures(out, ptolower_result_plan(result));
    return result;
  }
  fail_with(out, status == PTOLOWER_INTERNAL ? SHAPE_FAILED : SHAPE_REFUSED, result);
  if (result) {
    ptolower_result_destroy(result);
  }
  return NULL;
}

/* With `written` in the options, the flags as well. */
static void check(const ptolower_options *options, const ptolower_result *lowered,
                  shape_result *out) {
  size_t length;
  ptolower_result *checked = NULL;
  const char *text = ptolower_result_output(lowered, &length);
  if (ptolower_check(options, text, length, &checked) != PTOLOWER_OK) {
    fail_with(out, SHAPE_WRONG, checked);
  }
  flags_known flags = flags_worst(ptolower_result_report(checked));
  out->flags = flags.verdict;
  if (out->outcome == SHAPE_OK && flags.verdict == FLAGS_UNPROVED) {
    fail(out, SHAPE_WRONG, 0, flags.text);
  } else if (flags.verdict == FLAGS_NOT_FOLLOWED) {
    snprintf(out->text, sizeof(out->text), "%s", flags.text);
  }
  if (checked) {
    ptolower_result_destroy(checked);
  }
}

/* ---- assembling --------------------------------------------------------- */

static bool write_file(const char *path, const char *text, size_t length) {
  FILE *file = fopen(path, "w");
  bool ok = file && fwrite(text, 1, length, file) == length;
  return file && fclose(file) == 0 && ok;
}

/* Proves the flags in what ptoas wrote. */
static void prove(const shape_options *options, ptolower_options *library, const char *output,
                  const ptolower_result *lowered, shape_result *out) {
  file_text cpp = {0};
  if (access(output, R_OK) == 0 && file_read(output, &cpp) &&
      ptolower_options_set(library, "written", cpp.data) == PTOLOWER_OK) {
    check(library, lowered, out);
  }
  if (options->proves && out->outcome == SHAPE_OK && out->flags != FLAGS_PROVED) {
    out->outcome = SHAPE_UNPROVED;
  }
  file_text_free(&cpp);
}

static void assemble(const shape_options *options, ptolower_options *library,
                     const shape_case *given, size_t index, const ptolower_result *lowered,
                     shape_result *out) {
  char input[4096], output[4096];
  size_t length;
  const char *text = ptolower_result_output(lowered, &length);
  ptoas_run run = {.program = options->ptoas,
                   .input = input,
                   .output = output,
                   .arch = ptolower_chip_of(given->chip).arch,
                   .messages = -1};
  snprintf(input, sizeof(input), "%s/%zu.pto", options->scratch, index);
  snprintf(output, sizeof(output), "%s/%zu.cpp", options->scratch, index);
  if (!write_file(input, text, length)) {
    fail(out, SHAPE_FAILED, 0, "the file for ptoas cannot be written");
  } else if (!ptoas_compile(&run)) {
    fail(out, SHAPE_REJECTED, 0, "");
    snprintf(out->text, sizeof(out->text), "ptoas rejects the lowered kernel: %s", run.fault);
  } else {
    out->is_assembled = true;
    prove(options, library, output, lowered, out);
  }
  unlink(input);
  unlink(output);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void shape_run(const shape_case *given, size_t index, const shape_options *options,
               shape_result *out) {
  double begin = now();
  *out = (shape_result){.outcome = SHAPE_OK};
  ptolower_options *library = make_options(given, options->version);
  if (!library) {
    fail(out, SHAPE_FAILED, 0, "out of memory");
    return;
  }
  ptolower_result *lowered = lower(library, given, out);
  if (lowered) {
    check(library, lowered, out);
  }
  if (lowered && options->ptoas && out->outcome == SHAPE_OK) {
    assemble(options, library, given, index, lowered, out);
  }
  if (lowered) {
    ptolower_result_destroy(lowered);
  }
  ptolower_options_destroy(library);
  out->seconds = now() - begin;
}
