/* Options of a run as key and value, so that a new option changes no structure of a program that
 * uses the library. Every value is copied. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"

ptolower_options *ptolower_options_create(void) { return calloc(1, sizeof(ptolower_options)); }

/* Where the value of each key lies. */
static const struct {
  const char *key;
  size_t offset;
} fields[] = {
    {"file", offsetof(ptolower_options, file)},
    {"target", offsetof(ptolower_options, target)},
    {"target-json", offsetof(ptolower_options, target_json)},
    {"target-file", offsetof(ptolower_options, target_file)},
    {"ptoas", offsetof(ptolower_options, ptoas)},
    {"fuse", offsetof(ptolower_options, fuse)},
    {"rewrite", offsetof(ptolower_options, rewrite)},
    {"repair", offsetof(ptolower_options, repair)},
    {"functions", offsetof(ptolower_options, functions)},
    {"pass-pipeline", offsetof(ptolower_options, pass_pipeline)},
    {"stop-after", offsetof(ptolower_options, stop_after)},
    {"print-ir", offsetof(ptolower_options, print_ir)},
    {"print-ir-change", offsetof(ptolower_options, print_ir_change)},
    {"print-ir-locations", offsetof(ptolower_options, print_ir_locations)},
    {"print-ir-before", offsetof(ptolower_options, print_ir_before)},
    {"print-ir-after", offsetof(ptolower_options, print_ir_after)},
    {"timing", offsetof(ptolower_options, timing)},
    {"plan", offsetof(ptolower_options, plan)},
    {"report", offsetof(ptolower_options, report)},
    {"validate", offsetof(ptolower_options, validate)},
    {"werror", offsetof(ptolower_options, werror)},
    {"baseline", offsetof(ptolower_options, baseline)},
    {"map", offsetof(ptolower_options, map)},
    {"written", offsetof(ptolower_options, written)},
    {"written-lowered", offsetof(ptolower_options, written_lowered)},
    {"keep", offsetof(ptolower_options, keep)},
    {"same", offsetof(ptolower_options, same)},
    {"name", offsetof(ptolower_options, name)},
    {"timeline", offsetof(ptolower_options, timeline)},
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static char **field_at(ptolower_options *options, size_t index) {
  return (char **)((char *)options + fields[index].offset);
}

static char **field_of(ptolower_options *options, const char *key) {
  for (size_t i = 0; i < FIELDS; i++) {
    if (strcmp(key, fields[i].key) == 0) {
      return field_at(options, i);
    }
  }
  return NULL;
}

bool ptl_api_is_set(const char *flag) { return flag && strcmp(flag, "0") != 0; }

void ptolower_options_destroy(ptolower_options *options) {
  for (size_t i = 0; options && i < FIELDS; i++) {
    free(*field_at(options, i));
  }
  free(options);
}

ptolower_options *ptolower_options_copy(const ptolower_options *options) {
  ptolower_options *copy = ptolower_options_create();
  bool ok = copy;
  for (size_t i = 0; ok && i < FIELDS; i++) {
    const char *value = *field_at((ptolower_options *)options, i);
    ok = !value || ptolower_options_set(copy, fields[i].key, value) == PTOLOWER_OK;
  }
  if (!ok) {
    ptolower_options_destroy(copy);
  }
  return ok ? copy : NULL;
}

ptolower_chip ptolower_chip_of(const char *name) {
  const ptl_target *target = name ? ptl_target_find(name) : ptl_target_default();
  return target ? (ptolower_chip){target->name, target->family->arch,
                                  target->family->runtime_knows_lane}
                : (ptolower_chip){NULL, NULL, 0};
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
