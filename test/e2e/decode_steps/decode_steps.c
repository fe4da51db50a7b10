/* decode_steps REFERENCE CANDIDATE ...: does a model decode the same with other kernels?
 *
 * Each is a way to compute gate and up (project.h). 48 steps are decoded with each, and what
 * a candidate says is compared with the reference: all tokens, and the activations behind every
 * layer bit for bit, those of steps 16 and 48 by name. The reference must say something:
 * at least eight distinct tokens in each row.
 *
 * Exit status 0: all the same; 1: not; 2: wrong usage, or a kernel cannot be run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "project.h"

enum { LEAST_TOKENS = 8 };

static const size_t step_bytes = (size_t)LAYERS * ROWS * HIDDEN * sizeof(float);

static int distinct_tokens(const trace *t, int row) {
  bool seen[VOCABULARY] = {false};
  int count = 0;
  for (int step = 0; step < STEPS; step++) {
    int token = t->token[step][row];
    count += !seen[token];
    seen[token] = true;
  }
  return count;
}

/* Of the row with the fewest. */
static int fewest_tokens(const trace *t) {
  int fewest = STEPS;
  for (int row = 0; row < ROWS; row++) {
    int count = distinct_tokens(t, row);
    fewest = count < fewest ? count : fewest;
  }
  return fewest;
}

static bool same_activations(const trace *a, const trace *b, int step) {
  return memcmp(trace_step(a, step), trace_step(b, step), step_bytes) == 0;
}

/* Counted from 1; 0: none. */
static int first_other_step(const trace *a, const trace *b) {
  for (int step = 0; step < STEPS; step++) {
    if (!same_activations(a, b, step)) {
      return step + 1;
    }
  }
  return 0;
}

static int other_tokens(const trace *a, const trace *b) {
  int count = 0;
  for (int step = 0; step < STEPS; step++) {
    for (int row = 0; row < ROWS; row++) {
      count += a->token[step][row] != b->token[step][row];
    }
  }
  return count;
}

static const char *word(bool same) { return same ? "the same" : "different"; }

static bool compare(const projector *p, const trace *reference, const trace *t) {
  int tokens = other_tokens(reference, t), step = first_other_step(reference, t);
  printf("%s\n  tokens: %d of %d differ\n", p->name, tokens, STEPS * ROWS);
  printf("  activations at step 16: %s, at step 48: %s\n", word(same_activations(reference, t, 15)),
         word(same_activations(reference, t, 47)));
  if (step > 0) {
    printf("  first difference: step %d\n", step);
  }
  return tokens == 0 && step == 0;
}

static bool tell_reference(const projector *p, const trace *t) {
  int fewest = fewest_tokens(t);
  printf("%s\n  %d steps of %d rows; at least %d distinct tokens in a row\n", p->name, STEPS, ROWS,
         fewest);
  printf("  row 0:");
  for (int step = 0; step < STEPS; step++) {
    printf(" %d", t->token[step][0]);
  }
  printf("\n");
  return fewest >= LEAST_TOKENS;
}

static bool decode(const model *m, const char *name, projector *p, trace *out) {
  return projector_open(name, p) && model_decode(m, projector_run, p, out);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: decode_steps REFERENCE CANDIDATE ...\n", stderr);
    return 2;
  }
  model *m = model_create();
  trace reference = {.activation = NULL};
  int status = 0;
  for (int i = 1; i < argc && status < 2; i++) {
    projector p;
    trace t = {.activation = NULL};
    bool ran = decode(m, argv[i], &p, &t);
    bool same = ran && (i == 1 ? tell_reference(&p, &t) : compare(&p, &reference, &t));
    status = !ran ? 2 : same ? status : 1;
    if (i == 1) {
      reference = t;
    } else {
      free(t.activation);
    }
    projector_close(&p);
  }
  free(reference.activation);
  model_destroy(m);
  return status;
}
