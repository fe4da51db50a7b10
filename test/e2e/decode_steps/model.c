#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!memory) {
    fputs("decode_steps: out of memory\n", stderr);
    exit(2);
  }
  return memory;
}

/* ---- weights ------------------------------------------------------------ */

/* splitmix64 */
static uint64_t next(uint64_t *state) {
  uint64_t x = *state += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static int8_t *random_weights(uint64_t seed, int rows, int columns, int leading) {
  int8_t *weights = allocate((size_t)rows * (size_t)leading, 1);
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c++) {
      weights[(size_t)r * (size_t)leading + (size_t)c] = (int8_t)(next(&seed) >> 56);
    }
  }
  return weights;
}

static float *random_floats(uint64_t seed, size_t count) {
  float *values = allocate(count, sizeof(*values));
  for (size_t i = 0; i < count; i++) {
    values[i] = (float)(int32_t)(next(&seed) >> 32) * 0x1p-31f;
  }
  return values;
}

model *model_create(void) {
  model *m = allocate(1, sizeof(*m));
  for (int l = 0; l < LAYERS; l++) {
    uint64_t seed = 100 * ((uint64_t)l + 1);
    m->layers[l] = (layer){random_weights(seed + 1, HIDDEN, INTERMEDIATE, WEIGHT_COLUMNS),
                           random_weights(seed + 2, HIDDEN, INTERMEDIATE, WEIGHT_COLUMNS),
                           random_weights(seed + 3, INTERMEDIATE, HIDDEN, HIDDEN)};
  }
  m->embedding = random_floats(1, (size_t)VOCABULARY * HIDDEN);
  m->position = random_floats(3, (size_t)STEPS * HIDDEN);
  m->head = random_floats(2, (size_t)VOCABULARY * HIDDEN);
  return m;
}

void model_destroy(model *m) {
  for (int l = 0; l < LAYERS; l++) {
    free(m->layers[l].gate);
    free(m->layers[l].up);
    free(m->layers[l].down);
  }
  free(m->embedding);
  free(m->position);
  free(m->head);
  free(m);
}

/* ---- one layer ---------------------------------------------------------- */

/* Each row divided by its root mean square. */
static void rms_norm(const float *x, float *out) {
  for (int r = 0; r < ROWS; r++, x += HIDDEN, out += HIDDEN) {
    float sum = 0;
    for (int i = 0; i < HIDDEN; i++) {
      sum += x[i] * x[i];
    }
    float scale = 1 / sqrtf(sum / HIDDEN + 1e-6f);
    for (int i = 0; i < HIDDEN; i++) {
      out[i] = x[i] * scale;
    }
  }
}

/* i8 with one scale for each row: x is about out * scale. */
static void quantise(const float *x, int columns, int8_t *out, float scale[ROWS]) {
  for (int r = 0; r < ROWS; r++, x += columns, out += columns) {
    float most = 1e-6f;
    for (int i = 0; i < columns; i++) {
      most = fmaxf(most, fabsf(x[i]));
    }
    scale[r] = most / 127;
    for (int i = 0; i < columns; i++) {
      out[i] = (int8_t)lrintf(x[i] / scale[r]);
    }
  }
}

/* residual += x (ROWS x INTERMEDIATE) times the down projection. */
static void add_down(const int8_t *x, const float scale[ROWS], const int8_t *weights,
                     float *residual) {
  static int32_t sums[HIDDEN];
  for (int r = 0; r < ROWS; r++, x += INTERMEDIATE, residual += HIDDEN) {
    memset(sums, 0, sizeof(sums));
    for (int k = 0; k < INTERMEDIATE; k++) {
      const int8_t *row = weights + (size_t)k * HIDDEN;
      for (int i = 0; i < HIDDEN; i++) {
        sums[i] += (int16_t)(x[k] * row[i]);
      }
    }
    for (int i = 0; i < HIDDEN; i++) {
      residual[i] += (float)sums[i] * scale[r] * 0x1p-10f;
    }
  }
}

/* SiLU(gate) * up, dequantised. Weights count as w / 128 / sqrt(HIDDEN). */
static void activate(const int32_t *gate, const int32_t *up, const float scale[ROWS], float *out) {
  for (int r = 0; r < ROWS; r++) {
    for (int i = 0; i < INTERMEDIATE; i++) {
      float factor = scale[r] * 0x1p-7f / 71.5f;
      float g = (float)gate[r * WEIGHT_COLUMNS + i] * factor;
      float u = (float)up[r * WEIGHT_COLUMNS + i] * factor;
      out[r * INTERMEDIATE + i] = g / (1 + expf(-g)) * u;
    }
  }
}

static bool run_layer(const layer *layer, projection *project, void *user, float *residual) {
  static float normed[ROWS * HIDDEN], middle[ROWS * INTERMEDIATE];
  static int8_t x[ROWS * HIDDEN], y[ROWS * INTERMEDIATE];
  static int32_t gate[ROWS * WEIGHT_COLUMNS], up[ROWS * WEIGHT_COLUMNS];
  float scale[ROWS];
  rms_norm(residual, normed);
  quantise(normed, HIDDEN, x, scale);
  if (!project(user, layer, x, gate, up)) {
    return false;
  }
  activate(gate, up, scale, middle);
  quantise(middle, INTERMEDIATE, y, scale);
  add_down(y, scale, layer->down, residual);
  return true;
}

/* ---- decoding ----------------------------------------------------------- */

static void choose_tokens(const model *m, const float *x, int token[ROWS]) {
  for (int r = 0; r < ROWS; r++) {
    float best = -INFINITY;
    for (int t = 0; t < VOCABULARY; t++) {
      float logit = 0;
      for (int i = 0; i < HIDDEN; i++) {
        logit += x[r * HIDDEN + i] * m->head[t * HIDDEN + i];
      }
      if (logit > best) {
        best = logit;
        token[r] = t;
      }
    }
  }
}

static void embed(const model *m, int step, const int token[ROWS], float *state) {
  for (int r = 0; r < ROWS; r++) {
    for (int i = 0; i < HIDDEN; i++) {
      float *s = &state[r * HIDDEN + i];
      *s = *s * 0.5f + m->embedding[token[r] * HIDDEN + i] + m->position[step * HIDDEN + i];
    }
  }
}

bool model_decode(const model *m, projection *project, void *user, trace *out) {
  const size_t layer_floats = (size_t)ROWS * HIDDEN;
  float *state = allocate(layer_floats, sizeof(*state));
  float *kept = allocate(STEPS * LAYERS * layer_floats, sizeof(*kept));
  out->activation = kept;
  int token[ROWS];
  for (int r = 0; r < ROWS; r++) {
    token[r] = r;
  }
  bool ok = true;
  for (int step = 0; step < STEPS && ok; step++) {
    embed(m, step, token, state);
    for (int l = 0; l < LAYERS && ok; l++, kept += layer_floats) {
      ok = run_layer(&m->layers[l], project, user, state);
      memcpy(kept, state, layer_floats * sizeof(*state));
    }
    choose_tokens(m, state, token);
    memcpy(out->token[step], token, sizeof(token));
  }
  free(state);
  return ok;
}

const float *trace_step(const trace *t, int step) {
  return t->activation + (size_t)step * LAYERS * ROWS * HIDDEN;
}
