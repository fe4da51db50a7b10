#include <stdlib.h>
#include <string.h>

#include "api/api.h"

ptolower_options *ptolower_options_create(void) { return calloc(1, sizeof(ptolower_options)); }

static char **field_of(ptolower_options *options, const char *key) {
  const struct {
    const char *key;
    char **field;
  } fields[] = {
      {"file", &options->file},
      {"target", &options->target},
      {"target-json", &options->target_json},
      {"target-file", &options->target_file},
      {"fuse", &options->fuse},
      {"pass-pipeline", &options->pass_pipeline},
      {"stop-after", &options->stop_after},
      {"print-ir", &options->print_ir},
      {"timing", &options->timing},
      {"validate", &options->validate},
      {"werror", &options->werror},
      {"map", &options->map},
  };
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    if (strcmp(key, fields[i].key) == 0) {
      return fields[i].field;
    }
  }
  return NULL;
}

void ptolower_options_destroy(ptolower_options *options) {
  if (!options) {
    return;
  }
  static const char *const keys[] = {"file",   "target",        "target-json", "target-file",
                                     "fuse",   "pass-pipeline", "stop-after",  "print-ir",
                                     "timing", "werror",        "map",         "validate"};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    free(*field_of(options, keys[i]));
  }
  free(options);
}

ptolower_status ptolower_options_set(ptolower_options *options, const char *key,
                                     const char *value) {
  char **field = field_of(options, key);
  if (!field) {
    return PTOLOWER_USAGE;
  }
  char *copy = strdup(value);
  if (!copy) {
    return PTOLOWER_INTERNAL;
  }
  free(*field);
  *field = copy;
  return PTOLOWER_OK;
}
