/* Gate and up projections by kernels that are simulated, one tile of columns at a time.
 *
 * A way to compute them is named on the command line, as
 *
 *   plain                two sums on the host
 *   separate:N:K.pto     K.pto(x, weights, result, first row, first column), for gate, then for up
 *   dual:N:K.pto         K.pto(x, gate weights, up weights, gate, up, first row, first column)
 *
 * where the kernel computes N columns of all HIDDEN rows. */
#ifndef DECODE_PROJECT_H
#define DECODE_PROJECT_H

#include <stddef.h>

#include "model.h"

typedef struct projector {
  const char *name; /* as on the command line */
  int inputs;       /* weights that one kernel takes; 0: plain */
  int columns;      /* N */
  const char *file;
  char *text;
  size_t length;
} projector;

/* Reads a name as above. False: it is none, or the file cannot be read; it has said why. */
bool projector_open(const char *name, projector *out);
void projector_close(projector *p);

/* A `projection`; `user` is a projector. */
bool projector_run(void *user, const layer *layer, const int8_t *x, int32_t *gate, int32_t *up);

#endif
