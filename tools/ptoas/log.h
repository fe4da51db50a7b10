/* PTOLOWER_LOG: one JSON line per kernel, appended in one write. */
#ifndef DROPIN_LOG_H
#define DROPIN_LOG_H

#include <stdbool.h>

#include "proof.h"

typedef struct log_entry {
  const char *input;
  const char *output;  /* NULL: standard output */
  const char *kernels; /* a JSON object per line, each beginning with "fused"; or NULL */
  const char *why;     /* without kernels: what went wrong */
  bool is_rejected;    /* ptoas took the original only */
  const proof *proof;  /* of the flags in what ptoas wrote; NULL: there is none */
} log_entry;

/* A log that cannot be written is a warning. */
void log_append(const char *path, const log_entry *entry);

#endif
