/* A small decoder of the A8W8 kind, for one question: does a model say the same with other kernels?
 *
 * A stack of MLP layers as in Qwen3-14B, narrower in the middle: RMS norm, activations quantised
 * to i8 row by row, gate and up projections in i32, dequantised, SiLU(gate) * up, quantised, down
 * projection, added to the residual. There is no attention; a state that decays carries what came
 * before. A head chooses the next token of each row, the largest logit.
 *
 * Weights are random, the same in every run; all arithmetic but gate and up is the host's, in a
 * fixed order, so that two runs differ only if gate or up do. */
#ifndef DECODE_MODEL_H
#define DECODE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
  ROWS = 16,              /* sequences, decoded side by side */
  HIDDEN = 5120,          /* K of gate and up */
  INTERMEDIATE = 512,     /* columns of gate and up that are used */
  WEIGHT_COLUMNS = 17408, /* leading dimension of gate and up, as in the model */
  LAYERS = 2,
  VOCABULARY = 128,
  STEPS = 48,
};

/* i8 weights of a layer. */
typedef struct layer {
  int8_t *gate, *up; /* HIDDEN x WEIGHT_COLUMNS; zeros behind column INTERMEDIATE */
  int8_t *down;      /* INTERMEDIATE x HIDDEN */
} layer;

typedef struct model {
  layer layers[LAYERS];
  float *embedding; /* VOCABULARY x HIDDEN */
  float *position;  /* STEPS x HIDDEN */
  float *head;      /* VOCABULARY x HIDDEN */
} model;

/* What a run leaves behind of each step. */
typedef struct trace {
  int token[STEPS][ROWS];
  float *activation; /* STEPS x LAYERS x ROWS x HIDDEN: the residual behind each layer */
} trace;

/* gate and up = x (ROWS x HIDDEN) times the layer's weights, each ROWS x WEIGHT_COLUMNS of which
 * the first INTERMEDIATE columns count. False: it cannot be computed; it has said why. */
typedef bool projection(void *user, const layer *layer, const int8_t *x, int32_t *gate,
                        int32_t *up);

/* NULL-free, or the program ends. */
model *model_create(void);
void model_destroy(model *m);

/* Decodes STEPS tokens of each row. `out->activation` is the caller's to free. */
bool model_decode(const model *m, projection *project, void *user, trace *out);

/* The activations of one step, LAYERS x ROWS x HIDDEN. */
const float *trace_step(const trace *t, int step);

#endif
