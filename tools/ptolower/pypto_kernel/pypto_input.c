/* Writes the .pto of a shape: a plain kernel of the products, with strides, offsets and stores,
 * for the lowering to fuse. */
#include "pypto_kernel/pypto_kernel.h"

#include <string.h>

/* Values of the body begin with a dot, so that they are never named as an argument is. */

static const char *accumulator_of(const char *dtype) {
  return strcmp(dtype, "i8") == 0 ? "i32" : "f32";
}

/* ---- constants ---------------------------------------------------------- */

enum { MAX_CONSTANTS = 16 };

typedef struct constants {
  long values[MAX_CONSTANTS];
  int count;
} constants;

static void add_constant(constants *list, long value) {
  for (int i = 0; i < list->count; i++) {
    if (list->values[i] == value) {
      return;
    }
  }
  list->values[list->count++] = value;
}

/* Each once, since they are named by their values. */
static void put_constants(FILE *out, const pypto_shape *shape) {
  const long values[] = {0,          1,          shape->m,   shape->k,     shape->n,
                         shape->lda, shape->ldb, shape->ldc, shape->b_rows};
  constants list = {.count = 0};
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
    add_constant(&list, values[i]);
  }
  for (int i = 0; i < list.count; i++) {
    fprintf(out, "    %%.c%ld = arith.constant %ld : index loc(\"c%ld\")\n", list.values[i],
            list.values[i], list.values[i]);
  }
}

/* ---- offsets ------------------------------------------------------------ */

/* Clamped, as pypto writes them. */
static void put_argument_offset(FILE *out, const char *name, const char *argument) {
  fprintf(out, "    %%.%s = arith.maxsi %%%s, %%.c0 : index loc(\"%s\")\n", name, argument, name);
}

static void put_block_offset(FILE *out, const pypto_shape *shape) {
  fprintf(out,
          "    %%.block = arith.index_cast %%__pypto_spmd_block_idx : i32 to index loc(\"block\")\n"
          "    %%.n0 = arith.muli %%.block, %%.c%ld : index loc(\"n0\")\n",
          shape->n);
  put_argument_offset(out, "n", ".n0");
}

/* Both are rows of weights that are N x K. */
static bool adds_offsets(const pypto_shape *shape) {
  return shape->is_transposed && shape->row_offset != PYPTO_NO_OFFSET &&
         shape->n_offset != PYPTO_NO_OFFSET;
}

static void put_offsets(FILE *out, const pypto_shape *shape) {
  if (shape->row_offset == PYPTO_ARGUMENT) {
    put_argument_offset(out, "row", pypto_row_argument(shape));
  }
  if (shape->n_offset == PYPTO_ARGUMENT) {
    put_argument_offset(out, "n", "n0");
  } else if (shape->n_offset == PYPTO_BLOCK) {
    put_block_offset(out, shape);
  }
  if (adds_offsets(shape)) {
    fputs("    %.row_n = arith.addi %.row, %.n : index loc(\"row_n\")\n", out);
  }
}

/* ---- the signature ------------------------------------------------------ */

static void put_outputs(FILE *out, const pypto_shape *shape) {
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, ", %%%s: !pto.ptr<%s>", shape->weights[i], accumulator_of(shape->dtype));
  }
}

static void put_scalars(FILE *out, const pypto_shape *shape) {
  if (shape->row_offset == PYPTO_ARGUMENT) {
    fprintf(out, ", %%%s: index", pypto_row_argument(shape));
  }
  if (shape->n_offset == PYPTO_ARGUMENT) {
    fputs(", %n0: index", out);
  } else if (shape->n_offset == PYPTO_BLOCK) {
    fputs(", %__pypto_spmd_block_idx: i32, %__pypto_spmd_block_num: i32", out);
  }
}

/* The names are an attribute, too: MLIR forgets those of the text. */
static void put_names(FILE *out, const pypto_shape *shape) {
  fputs("ptolower.arg_names = [\"x\"", out);
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, ", \"w_%s\"", shape->weights[i]);
  }
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, ", \"%s\"", shape->weights[i]);
  }
  if (shape->row_offset == PYPTO_ARGUMENT) {
    fprintf(out, ", \"%s\"", pypto_row_argument(shape));
  }
  if (shape->n_offset == PYPTO_ARGUMENT) {
    fputs(", \"n0\"", out);
  } else if (shape->n_offset == PYPTO_BLOCK) {
    fputs(", \"__pypto_spmd_block_idx\", \"__pypto_spmd_block_num\"", out);
  }
  fputs("]", out);
}

/* Whether each tensor is a whole matrix of the product. */
static bool is_whole(const pypto_shape *shape) {
  long cols = shape->is_transposed ? shape->k : shape->n;
  return shape->n_offset == PYPTO_NO_OFFSET && shape->row_offset == PYPTO_NO_OFFSET &&
         shape->lda == shape->k && shape->ldb == cols && shape->ldc == shape->n;
}

/* What is to be stored, for the proof of the emitted kernel: arguments by number, and extents; one
 * batch, and rows whose number no argument says. */
static void put_stores(FILE *out, const pypto_shape *shape) {
  fputs(", ptolower.stores = array<i64: ", out);
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, "%s%d, 0, %d, 0, %d, %ld, %ld, %ld, 1, 0, 0, -1", i ? ", " : "",
            1 + shape->weight_count + i, 1 + i, shape->is_transposed, shape->m, shape->k, shape->n);
  }
  fputs(">", out);
}

static void put_signature(FILE *out, const pypto_shape *shape) {
  fprintf(out, "  func.func @%s(%%x: !pto.ptr<%s>", shape->name, shape->dtype);
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, ", %%w_%s: !pto.ptr<%s>", shape->weights[i], shape->dtype);
  }
  put_outputs(out, shape);
  put_scalars(out, shape);
  fputs(") attributes {pto.kernel_kind = #pto.kernel_kind<cube>, ptolower.changed, ", out);
  fputs(shape->cuts_columns || pypto_is_high(shape) ? "ptolower.imported, " : "", out);
  put_names(out, shape);
  if (is_whole(shape)) {
    put_stores(out, shape);
  }
  fputs("} {\n", out);
}

/* ---- the body ----------------------------------------------------------- */

/* A part of an argument: offsets and sizes are rows, then columns. */
typedef struct part {
  char argument[2 + PYPTO_NAME];
  const char *dtype;
  long view_rows, view_cols, stride;
  const char *row, *col; /* values, without % */
  long rows, cols;
} part;

static void put_part(FILE *out, const part *p) {
  fprintf(
      out,
      "    %%.%s_view = \"pto.make_tensor_view\"(%%%s, %%.c%ld, %%.c%ld, %%.c%ld, %%.c1) {layout = "
      "#pto.layout<nd>, operandSegmentSizes = array<i32: 1, 2, 2>} : (!pto.ptr<%s>, index, "
      "index, index, index) -> !pto.tensor_view<?x?x%s> loc(\"%s_view\")\n",
      p->argument, p->argument, p->view_rows, p->view_cols, p->stride, p->dtype, p->dtype,
      p->argument);
  fprintf(out,
          "    %%.%s_part = \"pto.partition_view\"(%%.%s_view, %%.%s, %%.%s, %%.c%ld, %%.c%ld) "
          "{operandSegmentSizes = array<i32: 1, 2, 2>} : (!pto.tensor_view<?x?x%s>, index, index, "
          "index, index) -> !pto.partition_tensor_view<%ldx%ldx%s> loc(\"%s\")\n",
          p->argument, p->argument, p->row, p->col, p->rows, p->cols, p->dtype, p->rows, p->cols,
          p->dtype, p->argument);
}

static part rhs_part(const pypto_shape *shape) {
  const char *row = shape->row_offset == PYPTO_NO_OFFSET ? "c0" : "row";
  const char *n = shape->n_offset == PYPTO_NO_OFFSET ? "c0" : "n";
  const char *dtype = shape->dtype;
  if (!shape->is_transposed) {
    return (part){"", dtype, shape->b_rows, shape->ldb, shape->ldb, row, n, shape->k, shape->n};
  }
  if (shape->row_offset != PYPTO_NO_OFFSET) {
    n = adds_offsets(shape) ? "row_n" : row;
  }
  return (part){"", dtype, shape->b_rows, shape->ldb, shape->ldb, n, "c0", shape->n, shape->k};
}

static void put_parts(FILE *out, const pypto_shape *shape) {
  const char *n = shape->n_offset == PYPTO_NO_OFFSET ? "c0" : "n";
  const char *acc = accumulator_of(shape->dtype);
  part lhs = {"x", shape->dtype, shape->m, shape->k, shape->lda, "c0", "c0", shape->m, shape->k};
  put_part(out, &lhs);
  for (int i = 0; i < shape->weight_count; i++) {
    part rhs = rhs_part(shape);
    part result = {"", acc, shape->m, shape->ldc, shape->ldc, "c0", n, shape->m, shape->n};
    snprintf(rhs.argument, sizeof(rhs.argument), "w_%s", shape->weights[i]);
    snprintf(result.argument, sizeof(result.argument), "%s", shape->weights[i]);
    put_part(out, &rhs);
    put_part(out, &result);
  }
}

/* Of more rows than one product takes: fuse-products cuts them. */
static void put_high_product(FILE *out, const pypto_shape *shape, int i) {
  part rhs = rhs_part(shape);
  fprintf(out,
          "    %%.acc%d = \"ptolower.matmul\"(%%.x_part, %%.w_%s_part) {group = 0 : i64%s} : "
          "(!pto.partition_tensor_view<%ldx%ldx%s>, !pto.partition_tensor_view<%ldx%ldx%s>) -> "
          "tensor<%ldx%ldx%s> loc(\"acc\")\n",
          i, shape->weights[i], shape->is_transposed ? ", rhs_transposed" : "", shape->m, shape->k,
          shape->dtype, rhs.rows, rhs.cols, shape->dtype, shape->m, shape->n,
          accumulator_of(shape->dtype));
}

static void put_product(FILE *out, const pypto_shape *shape) {
  fprintf(out, "    %%.acc:%d = \"ptolower.matmul_dual_acc\"(%%.x_part", shape->weight_count);
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, ", %%.w_%s_part", shape->weights[i]);
  }
  fputs(shape->is_transposed ? ") {rhs_transposed} : (" : ") : (", out);
  fprintf(out, "!pto.partition_tensor_view<%ldx%ldx%s>", shape->m, shape->k, shape->dtype);
  for (int i = 0; i < shape->weight_count; i++) {
    part rhs = rhs_part(shape);
    fprintf(out, ", !pto.partition_tensor_view<%ldx%ldx%s>", rhs.rows, rhs.cols, shape->dtype);
  }
  fputs(") -> (", out);
  for (int i = 0; i < shape->weight_count; i++) {
    fprintf(out, "%stensor<%ldx%ldx%s>", i ? ", " : "", shape->m, shape->n,
            accumulator_of(shape->dtype));
  }
  fputs(") loc(\"acc\")\n", out);
}

static void put_products(FILE *out, const pypto_shape *shape) {
  for (int i = 0; i < shape->weight_count && pypto_is_high(shape); i++) {
    put_high_product(out, shape, i);
  }
  if (!pypto_is_high(shape)) {
    put_product(out, shape);
  }
}

static void put_store(FILE *out, const pypto_shape *shape, int i) {
  const char *acc = accumulator_of(shape->dtype);
  fprintf(
      out,
      "    \"pto.tstore\"(%%.acc%s%d, %%.%s_part) {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : "
      "(tensor<%ldx%ldx%s>, !pto.partition_tensor_view<%ldx%ldx%s>) -> () loc(\"store\")\n",
      pypto_is_high(shape) ? "" : "#", i, shape->weights[i], shape->m, shape->n, acc, shape->m,
      shape->n, acc);
}

char *pypto_write_input(const pypto_shape *shape, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  fprintf(out, "module attributes {pto.target_arch = \"%s\", ptolower.ir = \"%s\"} {\n",
          shape->chip, pypto_is_high(shape) ? "merge-kernels" : "fuse-products");
  put_signature(out, shape);
  put_constants(out, shape);
  put_offsets(out, shape);
  put_parts(out, shape);
  put_products(out, shape);
  for (int i = 0; i < shape->weight_count; i++) {
    put_store(out, shape, i);
  }
  fputs("    return loc(\"return\")\n  }\n}\n", out);
  return fclose(out) == 0 ? text : NULL;
}
