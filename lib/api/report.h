/* What a check knows of a function, as JSON: the format is described in docs/check.md. */
#ifndef PTL_API_REPORT_H
#define PTL_API_REPORT_H

#include <cjson/cJSON.h>

#include "api/reserved.h"
#include "check/check.h"
#include "check/usage.h"

typedef enum ptl_verdict {
  PTL_VERDICT_PROVED,
  PTL_VERDICT_FINDINGS,
  PTL_VERDICT_NOT_FOLLOWED,
  PTL_VERDICT_NO_TILES,
  PTL_VERDICT_ALLOWED, /* all findings of the function are allowed */
} ptl_verdict;

/* "proved", "findings", "not followed", "no tiles", "allowed" */
const char *ptl_verdict_name(ptl_verdict verdict);

/* Adds how the function fills its buffers: `level`, `spaces`. */
void ptl_report_spaces(cJSON *function, const ptl_usage *usage, const ptl_target *target);

/* Adds what the proof takes for granted: `assumptions`. */
void ptl_report_assumptions(cJSON *function, const ptl_assumptions *assumptions);

/* Adds what is known of its flags: `flags`; nothing if nobody asked. */
void ptl_report_flags(ptl_arena *arena, cJSON *function, const ptl_flags_known *flags);

/* Adds what a memory map shows: `tiles`, `lives`, `steps`, `loops`, `reserved`. */
void ptl_report_map(ptl_arena *arena, cJSON *function, const ptl_usage *usage,
                    const ptl_reservations *reservations);

#endif
