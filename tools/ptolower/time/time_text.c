/* The table as text: numbers are rounded. */
#include <stdlib.h>
#include <string.h>

#include "common/grouped.h"
#include "support/codes.h"
#include "time/time.h"

enum { NAME_WIDTH = 28, BEFORE_WIDTH = 60, AFTER_WIDTH = 27 };

/* What the cycles before are: '!' those of a kernel that cannot run, '~' not those of one run. */
static char mark_of(const ptolower_timed *kernel) {
  return !time_can_run(kernel) ? '!' : time_is_rough(kernel->before) ? '~' : ' ';
}

/* ---- rows ----------------------------------------------------------------- */

static void put_head(FILE *out, const char *name) {
  fprintf(out, "%-*s %11s %6s %5s %5s %5s %5s  %-15s %10s %6s %8s\n", NAME_WIDTH, name, "cycles",
          "MTE2", "MTE1", "M", "FIX", "issue", "needs", "rewritten", "", "of bound");
}

/* Cycles, what each unit works of them, and what the one with the most work needs. */
static void put_before(FILE *out, char mark, const ptolower_cost *cost) {
  char number[GROUPED_SIZE], bound[GROUPED_SIZE + 8];
  fprintf(out, " %c%10s ", mark, grouped_text(cost->cycles, number));
  for (int unit = 0; unit < PTOLOWER_UNITS; unit++) {
    fprintf(out, " %3.0f %%", percent_of(cost->busy[unit], cost->cycles));
  }
  snprintf(bound, sizeof(bound), "%-5s %9s", ptolower_unit_name(cost->bound),
           grouped_text(cost->busy[cost->bound], number));
  fprintf(out, "  %-15s", bound);
}

/* Cycles of the rewritten kernel, what that changes, and how near it is to its own bound. */
static void put_after(FILE *out, const ptolower_timed *kernel, size_t calibration) {
  char number[GROUPED_SIZE];
  const ptolower_cost *after = &kernel->after->costs[calibration];
  fprintf(out, " %10s", grouped_text(after->cycles, number));
  if (kernel->before) {
    double before = kernel->before->costs[calibration].cycles;
    fprintf(out, " %+4.0f %%", percent_of(after->cycles - before, before));
  } else {
    fprintf(out, " %6s", "");
  }
  fprintf(out, " %6.1f %%", percent_of(after->busy[after->bound], after->cycles));
}

static void put_times(FILE *out, const char *name, int indent, const time_row *row,
                      size_t calibration) {
  const ptolower_timed *kernel = row->kernel;
  fprintf(out, "%*s%-*s", indent, "", NAME_WIDTH - indent, name);
  if (kernel->before) {
    put_before(out, mark_of(kernel), &kernel->before->costs[calibration]);
  } else {
    fprintf(out, "%*s", BEFORE_WIDTH, "");
  }
  if (kernel->after) {
    put_after(out, kernel, calibration);
  }
}

static bool has_reason(const ptolower_timed *kernel) {
  return kernel->code && (!kernel->after || kernel->code == PTL_CODE_SETTLED);
}

/* Why a kernel is as it is, or that no more than its tiles are elsewhere. */
static void put_reason(FILE *out, const ptolower_timed *kernel) {
  if (has_reason(kernel)) {
    fprintf(out, "%s%s [PTL%03d]", kernel->after ? "" : "as it is: ", kernel->reason, kernel->code);
  }
}

/* ---- flags ---------------------------------------------------------------- */

enum { SHOWN_STALLS = 6 };

/* "MTE2 stands 2,897 cycles (6.0 %) longer than it has to at MTE1 -> MTE2, EVENT_ID3, ..." */
static void put_stall(FILE *out, const ptolower_stall *stall, double cycles, bool is_output) {
  char number[GROUPED_SIZE];
  fprintf(out,
          "    %s stands %s cycles (%.1f %%) longer than it has to at %s, before line %d%s (%s)",
          ptolower_unit_name(stall->unit), grouped_text(stall->longer, number),
          percent_of(stall->longer, cycles), stall->flag, stall->line,
          is_output ? " of the output" : "", stall->op);
  if (stall->count > 1) {
    fprintf(out, ", %d times", stall->count);
  }
  fputs("\n", out);
}

/* What the flags that ptoas put in make of a kernel; nothing if nobody asked. */
static void put_flags(FILE *out, const char *form, const ptolower_times *times, bool is_output) {
  char number[GROUPED_SIZE], more[GROUPED_SIZE];
  const ptolower_played *played = times ? times->played : NULL;
  if (!played) {
    return;
  }
  if (played->unknown) {
    fprintf(out, "  %s, flags: not known: %s\n", form, played->unknown);
    return;
  }
  fprintf(out, "  %s, with the flags of ptoas: %s cycles, %s more than its data need\n", form,
          grouped_text(played->cycles, number),
          grouped_text(played->cycles - played->data_cycles, more));
  size_t count = time_long_stalls(played);
  for (size_t i = 0; i < count && i < SHOWN_STALLS; i++) {
    put_stall(out, &played->stalls[i], played->cycles, is_output);
  }
  if (count > SHOWN_STALLS) {
    fprintf(out, "    and at %zu more: --format=json has all\n", count - SHOWN_STALLS);
  }
}

static void put_both_flags(FILE *out, const time_table *table, const time_row *row) {
  size_t at = 0;
  if (time_next(table, row, &at)) {
    put_flags(out, "as it is", row->kernel->before, false);
    put_flags(out, "rewritten", row->kernel->after, true);
  }
}

/* All calibrations: a title, and a line for each. */
static void put_kernel(FILE *out, const time_table *table, const time_row *row) {
  fprintf(out, "\n%s (%s:%d)", row->kernel->name, row->file, row->kernel->line);
  fputs(has_reason(row->kernel) ? ": " : "", out);
  put_reason(out, row->kernel);
  fputs("\n", out);
  bool is_timed = row->kernel->before || row->kernel->after;
  for (size_t at = 0; is_timed && time_next(table, row, &at); at++) {
    put_times(out, ptolower_result_calibration(row->result, at), 2, row, at);
    fputs("\n", out);
  }
  put_both_flags(out, table, row);
}

/* One calibration: a line. */
static void put_line(FILE *out, const time_table *table, const time_row *row) {
  size_t at = 0;
  if (time_next(table, row, &at)) {
    put_times(out, row->kernel->name, 0, row, at);
    fprintf(out, "%*s  %s:%d", row->kernel->after ? 0 : AFTER_WIDTH, "", row->file,
            row->kernel->line);
    if (!row->kernel->after && row->kernel->code) {
      fprintf(out, "  [PTL%03d]", row->kernel->code);
    }
    fputs("\n", out);
    put_both_flags(out, table, row);
  }
}

/* ---- sums ----------------------------------------------------------------- */

typedef struct sums {
  double before, after;
} sums;

/* Kernels that stay as they are count in both, those that cannot run in none. */
static sums sum_of(const time_table *table, const char *calibration) {
  const time_table one = {.calibration = calibration};
  sums out = {0, 0};
  for (size_t i = 0; i < table->row_count; i++) {
    const time_row *row = &table->rows[i];
    size_t at = 0;
    if (row->kernel->before && time_can_run(row->kernel) && time_next(&one, row, &at)) {
      double cycles = row->kernel->before->costs[at].cycles;
      out.before += cycles;
      out.after += cycles - time_gained(row->kernel, at);
    }
  }
  return out;
}

static void put_sum(FILE *out, const time_table *table, const char *calibration) {
  char before[GROUPED_SIZE], after[GROUPED_SIZE];
  sums sum = sum_of(table, calibration);
  if (sum.before > 0) {
    fprintf(out, "  %-*s %14s cycles, rewritten %s (%+.1f %%)\n", NAME_WIDTH, calibration,
            grouped_text(sum.before, before), grouped_text(sum.after, after),
            percent_of(sum.after - sum.before, sum.before));
  }
}

/* Whether an earlier row has a calibration of that name, too. */
static bool is_summed(const time_table *table, size_t row, const char *name) {
  const time_table one = {.calibration = name};
  for (size_t i = 0; i < row; i++) {
    size_t at = 0;
    if (time_next(&one, &table->rows[i], &at)) {
      return true;
    }
  }
  return false;
}

static void put_sums(FILE *out, const time_table *table) {
  size_t rewritten = 0;
  for (size_t i = 0; i < table->row_count; i++) {
    rewritten += table->rows[i].kernel->after != NULL;
  }
  fprintf(out, "\n%zu kernel%s, %zu rewritten\n", table->row_count,
          table->row_count == 1 ? "" : "s", rewritten);
  for (size_t i = 0; i < table->row_count; i++) {
    for (size_t at = 0; time_next(table, &table->rows[i], &at); at++) {
      const char *name = ptolower_result_calibration(table->rows[i].result, at);
      if (!is_summed(table, i, name)) {
        put_sum(out, table, name);
      }
    }
  }
}

static void put_notes(FILE *out, const time_table *table) {
  static const struct {
    char mark;
    const char *text;
  } notes[] = {
      {'!', "! no ptoas compiles it as it is: it is in no sum"},
      {'~', "~ loops of unknown bounds count once, or as often as they can run, both ways of an "
            "unknown condition count, and what is not followed may be missing"}};
  for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
    bool is_there = false;
    for (size_t j = 0; j < table->row_count; j++) {
      const ptolower_timed *kernel = table->rows[j].kernel;
      is_there = is_there || (kernel->before && mark_of(kernel) == notes[i].mark);
    }
    if (is_there) {
      fprintf(out, "%s\n", notes[i].text);
    }
  }
}

void time_put_text(FILE *out, const time_table *table) {
  put_head(out, table->calibration ? table->calibration : "");
  for (size_t i = 0; i < table->row_count; i++) {
    (table->calibration ? put_line : put_kernel)(out, table, &table->rows[i]);
  }
  put_sums(out, table);
  put_notes(out, table);
}
