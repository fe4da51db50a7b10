/* A check's report as text: a line for each finding, a closing line, and what was assumed. */
#include "check/check.h"

#include <string.h>

#include "common/report.h"

static double number(const cJSON *object, const char *name) {
  return cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static const char *string(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
  return text ? text : "";
}

/* A line for the function, and one for each of its spaces. */
static void add_summary(FILE *out, const checked_file *file, const cJSON *function) {
  const cJSON *spaces = cJSON_GetObjectItem(function, "spaces"), *space, *assumption;
  bool is_planned = number(function, "level") == 3;
  fprintf(out, "%s:%.0f: @%s: %s\n", file->name, number(function, "line"), string(function, "name"),
          string(function, "verdict"));
  cJSON_ArrayForEach(space, spaces) {
    fprintf(out, "  %-8s %8.0f of %8.0f bytes %6.1f%%%s\n", string(space, "space"),
            number(space, "peak_bytes"), number(space, "capacity_bytes"), number(space, "percent"),
            is_planned ? "" : " (live; ptoas plans)");
  }
  cJSON_ArrayForEach(assumption, cJSON_GetObjectItem(function, "assumptions")) {
    fprintf(out, "  assumes: %s\n", string(assumption, "text"));
  }
}

void text_add_file(FILE *out, const checked_file *file, bool summary) {
  const cJSON *function;
  if (file->result) {
    report_diagnostics(out, file->result, file->remarks);
  }
  if (summary) {
    cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
      add_summary(out, file, function);
    }
  }
}

/* What the proofs take for granted. */
static void add_assumptions(FILE *out, const check_totals *totals) {
  static const char *const texts[] = {
      [CHECK_SIGN] = "index arguments, block indices and loop variables are not negative",
      [CHECK_ALIASING] = "the memory of different pointer arguments does not overlap",
      [CHECK_BOUND] = "what only arguments decide stays in its bounds"};
  const char *separator = "assumed: ";
  for (int i = 0; i < CHECK_ASSUMPTIONS; i++) {
    if (totals->assuming[i] > 0) {
      fprintf(out, "%s%s (%d function%s)", separator, texts[i], totals->assuming[i],
              totals->assuming[i] == 1 ? "" : "s");
      separator = "; ";
    }
  }
  fputs(*separator == 'a' ? "" : "\n", out);
}

void text_add_totals(FILE *out, const check_totals *totals) {
  fprintf(out, "%d function%s: %d proved, %d with findings, %d not followed", totals->functions,
          totals->functions == 1 ? "" : "s", totals->proved, totals->with_findings,
          totals->not_followed);
  if (totals->without_tiles > 0) {
    fprintf(out, ", %d without tiles", totals->without_tiles);
  }
  if (totals->allowed > 0) {
    fprintf(out, ", %d with allowed findings only", totals->allowed);
  }
  if (totals->allowed_findings > 0) {
    fprintf(out, "; %d finding%s allowed", totals->allowed_findings,
            totals->allowed_findings == 1 ? "" : "s");
  }
  if (totals->unread_files > 0) {
    fprintf(out, "; %d file%s not read", totals->unread_files,
            totals->unread_files == 1 ? "" : "s");
  }
  if (totals->empty_files > 0) {
    fprintf(out, "; %d file%s without functions", totals->empty_files,
            totals->empty_files == 1 ? "" : "s");
  }
  fputc('\n', out);
  add_assumptions(out, totals);
}
