/* Writes the Python stub of a kernel: its signature in pypto's types, and how its results are
 * bound. */
#include "pypto_kernel/pypto_kernel.h"

#include <string.h>

const char *pypto_type_name(const char *dtype) {
  static const char *const names[][2] = {{"i1", "BOOL"},     {"i8", "INT8"},     {"i16", "INT16"},
                                         {"i32", "INT32"},   {"i64", "INT64"},   {"ui8", "UINT8"},
                                         {"ui16", "UINT16"}, {"ui32", "UINT32"}, {"ui64", "UINT64"},
                                         {"f16", "FP16"},    {"bf16", "BF16"},   {"f32", "FP32"},
                                         {"index", "INDEX"}};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(names[i][0], dtype) == 0) {
      return names[i][1];
    }
  }
  return NULL;
}

static void put_type(FILE *out, const pypto_arg *arg) {
  if (arg->rank == 0) {
    fputs("pl.Tensor", out);
    return;
  }
  fputs("pl.Tensor[[", out);
  for (int i = 0; i < arg->rank; i++) {
    fprintf(out, "%s%ld", i ? ", " : "", arg->dims[i]);
  }
  fprintf(out, "], pl.%s]", pypto_type_name(arg->dtype));
}

static void put_parameter(FILE *out, const pypto_arg *arg) {
  const char *direction = !arg->is_written ? "" : arg->is_read ? "pl.InOut[" : "pl.Out[";
  if (arg->kind == PYPTO_SCALAR) {
    fprintf(out, "    %s: pl.Scalar[pl.%s],\n", arg->name, pypto_type_name(arg->dtype));
  } else if (arg->kind == PYPTO_TENSOR) {
    fprintf(out, "    %s: %s", arg->name, direction);
    put_type(out, arg);
    fprintf(out, "%s,\n", *direction ? "]" : "");
  }
}

static bool is_result(const pypto_arg *arg) { return arg->is_written && !arg->pipe_bytes; }

static void put_name(FILE *out, const pypto_arg *arg) { fputs(arg->name, out); }

/* What `put` writes of each result, with commas between. */
static void put_results(FILE *out, const pypto_function *function,
                        void (*put)(FILE *, const pypto_arg *)) {
  const char *between = "";
  for (int i = 0; i < function->arg_count; i++) {
    if (is_result(&function->args[i])) {
      fputs(between, out);
      put(out, &function->args[i]);
      between = ", ";
    }
  }
}

static int count_results(const pypto_function *function) {
  int count = 0;
  for (int i = 0; i < function->arg_count; i++) {
    count += is_result(&function->args[i]);
  }
  return count;
}

/* pypto finds the results in the return statement, and runs nothing of it. One that is not returned
 * could not be read after the call. */
static void put_return(FILE *out, const pypto_function *function) {
  bool is_tuple = count_results(function) > 1;
  fputs(is_tuple ? ") -> tuple[" : ") -> ", out);
  put_results(out, function, put_type);
  fputs(is_tuple ? "]:\n    return " : ":\n    return ", out);
  put_results(out, function, put_name);
  fputc('\n', out);
}

static bool is_spmd(const pypto_signature *kernel) {
  return pypto_is_spmd(&kernel->functions[0]) ||
         (kernel->function_count > 1 && pypto_is_spmd(&kernel->functions[1]));
}

static void put_constants(FILE *out, const pypto_signature *kernel) {
  const pypto_function *function = &kernel->functions[0];
  if (kernel->n_tile > 0) {
    fprintf(out, "N_TILE = %ld  # columns of each result that one task computes\n", kernel->n_tile);
  }
  if (kernel->n_tile > 0 && kernel->n_total >= kernel->n_tile &&
      kernel->n_total % kernel->n_tile == 0) {
    fprintf(out, "TASKS = %ld  # that cover all %ld columns%s\n", kernel->n_total / kernel->n_tile,
            kernel->n_total, is_spmd(kernel) ? ": the blocks of pl.spmd" : "");
  }
  for (int i = 0; i < function->arg_count; i++) {
    if (function->args[i].pipe_bytes) {
      fprintf(out, "SLOTS = %ld  # FP32 elements of %s, the scratch memory of one %s\n",
              function->args[i].dims[0], function->args[i].name,
              is_spmd(kernel) ? "block of pl.spmd" : "task: create a tensor for each");
    }
  }
}

static void put_decorator(FILE *out, const pypto_signature *kernel) {
  const pypto_function *functions = kernel->functions;
  if (kernel->function_count == 1) {
    fprintf(out, "@pl.jit.extern(core_type=\"%s\", source=\"%s.cpp\")\n",
            functions[0].is_vector ? "aiv" : "aic", functions[0].name);
    return;
  }
  fprintf(out,
          "@pl.jit.extern(\n    core_type=\"mixed\",\n    aic_source=\"%s.cpp\",\n"
          "    aiv_source=\"%s.cpp\",\n%s)\n",
          functions[0].name, functions[1].name,
          kernel->is_dual ? "    dual_aiv_dispatch=True,\n" : "");
}

char *pypto_write_stub(const pypto_signature *kernel, const char *chip, size_t *length) {
  char *text = NULL;
  const pypto_function *function = &kernel->functions[0];
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  fprintf(out,
          "\"\"\"%s, for %s: made by ptolower %s pypto-kernel. The kernel is the C++ beside this "
          "file.\"\"\"\n\nimport pypto.language as pl\n\n",
          kernel->name, chip, ptolower_version());
  put_constants(out, kernel);
  fputs("\n\n", out);
  put_decorator(out, kernel);
  fprintf(out, "def %s(\n", kernel->name);
  for (int i = 0; i < function->arg_count; i++) {
    put_parameter(out, &function->args[i]);
  }
  put_return(out, function);
  return fclose(out) == 0 ? text : NULL;
}
