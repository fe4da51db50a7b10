/* The shape of a kernel that a model is to call, from the command line. */
#include "pypto_kernel/pypto_kernel.h"

#include <string.h>

#include "common/report.h"
#include "common/words.h"
#include "pypto_kernel/pypto_names.h"

/* The extent that was given, else `missing`. */
static bool read_extent(const char *option, const char *word, long missing, long *out) {
  double number;
  if (!word) {
    *out = missing;
    return true;
  }
  if (!word_number(option, word, &number)) {
    return false;
  }
  *out = (long)number;
  if ((double)*out != number || number > 1e9) {
    report_usage("'--%s' is a whole number of at most 10^9, not '%s'", option, word);
    return false;
  }
  return true;
}

/* ---- names -------------------------------------------------------------- */

static bool check_name(const char *option, const char *name) {
  const char *fault = pypto_name_fault(name);
  if (fault) {
    report_usage("'--%s' cannot be '%s': %s", option, name, fault);
  }
  return !fault;
}

/* Cuts `gate,up` into names. */
static bool read_weights(const char *word, pypto_shape *out) {
  for (const char *at = word; at; out->weight_count++) {
    size_t length = strcspn(at, ",");
    if (out->weight_count == PYPTO_WEIGHTS) {
      report_usage("'--weights' is one to four names, not '%s'", word);
      return false;
    }
    char *name = out->weights[out->weight_count];
    snprintf(name, PYPTO_NAME, "%.*s", (int)length, at);
    if (!check_name("weights", name)) {
      return false;
    }
    at = at[length] ? at + length + 1 : NULL;
  }
  return true;
}

/* An argument's name by number: those of the weights, of the results, and the fixed ones. */
static bool argument_name(const pypto_shape *shape, int index, char out[2 + PYPTO_NAME]) {
  static const char *const fixed[] = {"x", "k0", "row0", "n0"};
  int count = shape->weight_count;
  if (index < 2 * count) {
    snprintf(out, 2 + PYPTO_NAME, "%s%s", index < count ? "w_" : "", shape->weights[index % count]);
    return true;
  }
  bool is_there = index - 2 * count < (int)(sizeof(fixed) / sizeof(fixed[0]));
  snprintf(out, 2 + PYPTO_NAME, "%s", is_there ? fixed[index - 2 * count] : "");
  return is_there;
}

/* Two of one name: arguments, or one of them and the kernel. */
static bool check_distinct(const pypto_shape *shape) {
  char name[2 + PYPTO_NAME], other[2 + PYPTO_NAME];
  for (int i = 0; argument_name(shape, i, name); i++) {
    bool is_twice = strcmp(name, shape->name) == 0;
    for (int j = 0; j < i && !is_twice; j++) {
      is_twice = argument_name(shape, j, other) && strcmp(name, other) == 0;
    }
    if (is_twice) {
      report_usage("two things would be called '%s'; choose other names for '--weights' or "
                   "'--name'",
                   name);
      return false;
    }
  }
  return true;
}

/* ---- extents and offsets ------------------------------------------------ */

bool pypto_is_high(const pypto_shape *shape) {
  enum { MOST_ROWS = 128 };
  return shape->m > MOST_ROWS;
}

bool pypto_any_rows(const pypto_words *words) {
  return words->b_rows && strcmp(words->b_rows, "any") == 0;
}

const char *pypto_row_argument(const pypto_shape *shape) {
  return shape->is_transposed ? "row0" : "k0";
}

static bool read_offset(const char *option, const char *word, bool is_wanted, bool may_be_block,
                        pypto_offset *out) {
  *out = is_wanted ? PYPTO_ARGUMENT : PYPTO_NO_OFFSET;
  if (!word || strcmp(word, "argument") == 0) {
    *out = word ? PYPTO_ARGUMENT : *out;
    return true;
  }
  *out = strcmp(word, "block") == 0 ? PYPTO_BLOCK : PYPTO_NO_OFFSET;
  bool ok = strcmp(word, "none") == 0 || (may_be_block && *out == PYPTO_BLOCK);
  if (!ok) {
    report_usage("'--%s' is argument%s or none, not '%s'", option, may_be_block ? ", block" : "",
                 word);
  }
  return ok;
}

/* The columns of the whole product: what its results have, unless it is said otherwise. */
static long all_columns(const pypto_shape *shape) {
  long rows = shape->b_rows == PYPTO_ANY_ROWS ? shape->n : shape->b_rows;
  return shape->is_transposed ? rows : shape->ldb;
}

static bool read_rows(const pypto_words *words, pypto_shape *out) {
  long rows = out->is_transposed ? out->n : out->k;
  if (pypto_any_rows(words)) {
    out->b_rows = PYPTO_ANY_ROWS;
    return true;
  }
  return read_extent("b-rows", words->b_rows, rows, &out->b_rows);
}

static bool read_extents(const pypto_words *words, pypto_shape *out) {
  if (!read_extent("m", words->m, 0, &out->m) || !read_extent("k", words->k, 0, &out->k) ||
      !read_extent("n", words->n, 0, &out->n)) {
    return false;
  }
  long cols = out->is_transposed ? out->k : out->n;
  return read_extent("lda", words->lda, out->k, &out->lda) &&
         read_extent("ldb", words->ldb, cols, &out->ldb) && read_rows(words, out) &&
         read_extent("ldc", words->ldc, all_columns(out), &out->ldc);
}

static bool check_dimension(const char *option, long given, const char *of, long needed) {
  if (given < needed) {
    report_usage("'--%s' is %ld, less than %s, %ld", option, given, of, needed);
  }
  return given >= needed;
}

static bool check_extents(const pypto_shape *shape) {
  bool transposed = shape->is_transposed;
  return check_dimension("lda", shape->lda, "K", shape->k) &&
         check_dimension("ldb", shape->ldb, transposed ? "K" : "N",
                         transposed ? shape->k : shape->n) &&
         check_dimension("ldc", shape->ldc, "N", shape->n) &&
         check_dimension("b-rows", shape->b_rows, transposed ? "N" : "K",
                         transposed ? shape->n : shape->k);
}

static bool read_offsets(const pypto_words *words, pypto_shape *out) {
  long layer_rows = out->is_transposed ? out->ldc : out->k;
  bool has_more_rows = out->b_rows > layer_rows;
  bool has_more_columns = (out->is_transposed ? out->ldc : out->ldb) > out->n;
  return read_offset("n-offset", words->n_offset, has_more_columns, true, &out->n_offset) &&
         read_offset("row-offset", words->row_offset, has_more_rows, false, &out->row_offset);
}

static bool check_dtype(const char *dtype) {
  static const char *const known[] = {"i8", "f16", "bf16", "f32"};
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (strcmp(known[i], dtype) == 0) {
      return true;
    }
  }
  report_usage("'--dtype' is i8, f16, bf16 or f32, not '%s'", dtype);
  return false;
}

bool pypto_read_shape(const pypto_words *words, const char *chip, pypto_shape *out) {
  *out = (pypto_shape){.name = words->name,
                       .dtype = words->dtype,
                       .chip = chip,
                       .is_transposed = words->transpose_b};
  return check_dtype(words->dtype) && check_name("name", words->name) &&
         read_weights(words->weights, out) && check_distinct(out) && read_extents(words, out) &&
         check_extents(out) && read_offsets(words, out);
}
