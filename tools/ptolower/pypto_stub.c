#include "pypto_kernel.h"

#include <string.h>

/* pypto's name of an element type. */
static const char *type_name(const char *dtype) {
  static const char *const names[][2] = {{"i8", "INT8"},  {"i16", "INT16"}, {"i32", "INT32"},
                                         {"f16", "FP16"}, {"bf16", "BF16"}, {"f32", "FP32"},
                                         {"u8", "UINT8"}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    if (strcmp(names[i][0], dtype) == 0) {
      return names[i][1];
    }
  }
  return "FP32";
}

static void put_type(FILE *out, const pypto_arg *arg) {
  if (arg->rows > 0 && arg->cols > 0) {
    fprintf(out, "pl.Tensor[[%ld, %ld], pl.%s]", arg->rows, arg->cols, type_name(arg->dtype));
  } else {
    fputs("pl.Tensor", out);
  }
}

static void put_parameter(FILE *out, const pypto_arg *arg) {
  if (arg->kind == PYPTO_INDEX) {
    fprintf(out, "    %s: pl.Scalar[pl.INDEX],\n", arg->name);
  } else if (arg->kind == PYPTO_TENSOR) {
    fprintf(out, "    %s: %s", arg->name, arg->is_output ? "pl.Out[" : "");
    put_type(out, arg);
    fprintf(out, "%s,\n", arg->is_output ? "]" : "");
  }
}

/* pypto binds the call to the first output only; the others are written in place. */
static void put_result(FILE *out, const pypto_signature *kernel) {
  for (int i = 0; i < kernel->arg_count; ++i) {
    if (kernel->args[i].is_output) {
      fputs(") -> ", out);
      put_type(out, &kernel->args[i]);
      fprintf(out, ": ...  # %s; the other results are written in place\n", kernel->args[i].name);
      return;
    }
  }
}

static bool is_spmd(const pypto_signature *kernel) {
  for (int i = 0; i < kernel->arg_count; ++i) {
    if (kernel->args[i].kind == PYPTO_BLOCK_IDX) {
      return true;
    }
  }
  return false;
}

static void put_constants(FILE *out, const pypto_signature *kernel) {
  if (kernel->n_tile <= 0) {
    return;
  }
  fprintf(out, "N_TILE = %ld  # columns of each result that one task computes\n", kernel->n_tile);
  if (kernel->n_total >= kernel->n_tile && kernel->n_total % kernel->n_tile == 0) {
    fprintf(out, "TASKS = %ld  # that cover all %ld columns%s\n", kernel->n_total / kernel->n_tile,
            kernel->n_total, is_spmd(kernel) ? ": the blocks of pl.spmd" : "");
  }
}

char *pypto_write_stub(const pypto_signature *kernel, const char *chip, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  fprintf(out,
          "\"\"\"%s, for %s: made by ptolower %s pypto-kernel. The kernel is %s.cpp beside this "
          "file.\"\"\"\n\nimport pypto.language as pl\n\n",
          kernel->name, chip, ptolower_version(), kernel->name);
  put_constants(out, kernel);
  fprintf(out, "\n\n@pl.jit.extern(core_type=\"aic\", source=\"%s.cpp\")\ndef %s(\n", kernel->name,
          kernel->name);
  for (int i = 0; i < kernel->arg_count; ++i) {
    put_parameter(out, &kernel->args[i]);
  }
  put_result(out, kernel);
  return fclose(out) == 0 ? text : NULL;
}
