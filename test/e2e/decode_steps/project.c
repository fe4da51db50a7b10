#include "project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ptolower/sim.h>

/* ---- names -------------------------------------------------------------- */

static bool read_file(projector *p) {
  FILE *file = fopen(p->file, "rb");
  long size = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (size >= 0) {
    rewind(file);
    p->text = malloc((size_t)size + 1);
    p->length = p->text ? fread(p->text, 1, (size_t)size, file) : 0;
  }
  if (file) {
    (void)fclose(file);
  }
  if (size <= 0 || p->length != (size_t)size) {
    fprintf(stderr, "decode_steps: cannot read '%s'\n", p->file);
    return false;
  }
  return true;
}

bool projector_open(const char *name, projector *out) {
  static const char *const kinds[] = {"separate:", "dual:"};
  *out = (projector){.name = name};
  if (strcmp(name, "plain") == 0) {
    return true;
  }
  for (int i = 0; i < 2; i++) {
    size_t length = strlen(kinds[i]);
    if (strncmp(name, kinds[i], length) == 0) {
      char *end;
      out->inputs = i + 1;
      out->columns = (int)strtol(name + length, &end, 10);
      out->file = end + (*end == ':');
    }
  }
  if (out->columns <= 0 || INTERMEDIATE % out->columns != 0 || out->file[0] == '\0') {
    fprintf(stderr, "decode_steps: '%s' is not plain, separate:N:FILE or dual:N:FILE\n", name);
    return false;
  }
  return read_file(out);
}

void projector_close(projector *p) { free(p->text); }

/* ---- a kernel ----------------------------------------------------------- */

/* Columns [first, first + N) of what the kernel left in argument `index`. */
static bool take_columns(const ptolower_result *result, int index, const projector *p, int first,
                         int32_t *out) {
  char name[16];
  size_t size;
  (void)snprintf(name, sizeof(name), "%d", index);
  const int32_t *data = ptolower_result_tensor(result, name, &size);
  size_t needed = (size_t)(ROWS - 1) * WEIGHT_COLUMNS + (size_t)(first + p->columns);
  if (!data || size < needed * sizeof(*out)) {
    fprintf(stderr, "decode_steps: %s: argument %d holds no columns from %d on\n", p->name, index,
            first);
    return false;
  }
  for (size_t row = 0; row < ROWS; row++) {
    size_t at = row * WEIGHT_COLUMNS + (size_t)first;
    memcpy(out + at, data + at, (size_t)p->columns * sizeof(*out));
  }
  return true;
}

/* Runs the kernel for the columns from `first` on. */
static bool run_kernel(const projector *p, const int8_t *x, const int8_t *const weights[],
                       int32_t *const results[], int first) {
  const size_t weight_bytes = (size_t)HIDDEN * WEIGHT_COLUMNS;
  static const char *const names[] = {"0", "1", "2", "3", "4", "5", "6"};
  char column[16];
  (void)snprintf(column, sizeof(column), "%d", first);
  ptolower_sim_argument arguments[4] = {{.name = "0", .data = x, .size = (size_t)ROWS * HIDDEN}};
  size_t count = 1;
  for (int i = 0; i < p->inputs; i++) {
    arguments[count++] =
        (ptolower_sim_argument){.name = names[1 + i], .data = weights[i], .size = weight_bytes};
  }
  /* Behind the results comes the first row, which is 0. */
  arguments[count++] = (ptolower_sim_argument){.name = names[2 + 2 * p->inputs], .text = column};
  ptolower_sim_options sim = {.arguments = arguments, .argument_count = count};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  bool ok = ptolower_options_set(options, "file", p->file) == PTOLOWER_OK &&
            ptolower_simulate(options, &sim, p->text, p->length, &result) == PTOLOWER_OK;
  for (size_t i = 0; !ok && i < ptolower_result_diagnostic_count(result); i++) {
    fputs(ptolower_result_diagnostic_line(result, i), stderr);
  }
  for (int i = 0; i < p->inputs && ok; i++) {
    ok = take_columns(result, 1 + p->inputs + i, p, first, results[i]);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return ok;
}

/* ---- without kernels ---------------------------------------------------- */

static void plain(const int8_t *x, const int8_t *weights, int32_t *out) {
  for (size_t row = 0; row < ROWS; row++) {
    int32_t *sums = out + row * WEIGHT_COLUMNS;
    memset(sums, 0, INTERMEDIATE * sizeof(*sums));
    for (size_t k = 0; k < HIDDEN; k++) {
      for (size_t i = 0; i < INTERMEDIATE; i++) {
        sums[i] += (int16_t)(x[row * HIDDEN + k] * weights[k * WEIGHT_COLUMNS + i]);
      }
    }
  }
}

bool projector_run(void *user, const layer *layer, const int8_t *x, int32_t *gate, int32_t *up) {
  const projector *p = user;
  const int8_t *const weights[] = {layer->gate, layer->up};
  int32_t *const results[] = {gate, up};
  if (p->inputs == 0) {
    plain(x, layer->gate, gate);
    plain(x, layer->up, up);
    return true;
  }
  bool ok = true;
  for (int first = 0; first < INTERMEDIATE && ok; first += p->columns) {
    for (int i = 0; i < 2 && ok; i += p->inputs) {
      ok = run_kernel(p, x, weights + i, results + i, first);
    }
  }
  return ok;
}
