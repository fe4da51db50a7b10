/* The plan of --plan as people read it. */
#ifndef PTOLOWER_PLAN_TABLE_H
#define PTOLOWER_PLAN_TABLE_H

#include <ptolower/ptolower.h>

/* What is to be written to `path` of a plan: its JSON; or a table, if `path` is "-" and standard
 * output is a terminal. `*table` is to be freed. */
const char *plan_text(const char *path, const char *json, char **table);

/* Whether the plan, which may be NULL, has a place of its own beside the output. Anything but
 * PTOLOWER_OK has been reported. */
PTOLOWER_MUST_USE ptolower_status plan_check_place(const char *plan, const char *output);

#endif
