/* `ptolower tpot`: what a change of kernels means for the time per output token, estimated from
 * measured figures (docs/tpot.md). */
#ifndef PTOLOWER_TPOT_H
#define PTOLOWER_TPOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>

/* What was measured. */
typedef struct tpot_model {
  const char *name; /* belongs to the document */
  double layers, groups, records, task_us, dispatch_us, device_ms, clock_ghz;
} tpot_model;

/* Tasks of a layer that give way to others; cycles are those of one task. */
typedef struct tpot_change {
  const char *name;
  const char *calibration; /* of the cycles; NULL: not known */
  double groups_before;    /* how many groups of tasks the changed ones are */
  double tasks_before, cycles_before;
  double tasks_after, cycles_after;
} tpot_change;

typedef struct tpot_estimate {
  double groups, records, device_ms;
} tpot_estimate;

/* False: a field is missing or wrong, which has been reported. */
bool tpot_read_model(const char *path, const cJSON *document, tpot_model *out);
bool tpot_read_change(const char *path, const cJSON *document, const cJSON *item, tpot_change *out);

/* How many records a task group makes, and how many tasks run at a time, on average. */
double tpot_records_per_group(const tpot_model *model);
double tpot_parallelism(const tpot_model *model);

tpot_estimate tpot_before(const tpot_model *model);
tpot_estimate tpot_after(const tpot_model *model, const tpot_change *change);

void tpot_print_text(FILE *out, const tpot_model *model, const tpot_change *changes, size_t count);
void tpot_print_json(FILE *out, const tpot_model *model, const tpot_change *changes, size_t count);

/* The command; argv[0] is its name. */
ptolower_status tpot_main(int argc, char **argv);

#endif
