/* `ptolower time`: how long kernels take by the model, and what rewriting makes of it. */
#ifndef PTOLOWER_TIME_TIME_H
#define PTOLOWER_TIME_TIME_H

#include <stdbool.h>
#include <stdio.h>

#include <ptolower/time.h>

ptolower_status time_main(int argc, char **argv);

/* A file that was read; both are owned. */
typedef struct time_file {
  char *name;
  ptolower_result *result;
} time_file;

/* A kernel. */
typedef struct time_row {
  size_t number; /* in the order of the command line */
  const char *file;
  const ptolower_result *result;
  const ptolower_timed *kernel;
  double gained; /* cycles; what the rows are sorted by */
} time_row;

/* All that was timed. */
typedef struct time_table {
  const char *calibration; /* the only one to be shown; NULL: all */
  time_file *files;
  size_t file_count, file_capacity;
  time_row *rows;
  size_t row_count, row_capacity;
} time_table;

/* Takes the result of a file, with its kernels. False: memory is out, and it is not taken. */
bool time_add(time_table *table, const char *file, ptolower_result *result);
/* Most gained first, under the calibration that is shown, or the first one; then as they came.
 * Kernels that cannot run as they are, and those without a time, are last. */
void time_sort(time_table *table);
void time_table_free(time_table *table);

/* Whether a ptoas compiles the kernel as it is, as far as rewriting found out. */
bool time_can_run(const ptolower_timed *kernel);

/* Whether cycles are not those of one run of a kernel. */
bool time_is_rough(const ptolower_times *times);

/* Calibrations of a row that are shown: the next one from `index` on; false past the last. */
bool time_next(const time_table *table, const time_row *row, size_t *index);

/* Cycles under a calibration; with the flags that ptoas put in, if its timeline has them. */
double time_cycles(const ptolower_times *times, size_t calibration);

/* Flags and barriers at which a unit stands longer than it has to, by a per cent of the kernel or
 * more. */
size_t time_long_stalls(const ptolower_played *played);

/* What rewriting gains under a calibration: 0 where a kernel stays as it is. */
double time_gained(const ptolower_timed *kernel, size_t calibration);

/* Each writes a whole document. */
void time_put_text(FILE *out, const time_table *table);
void time_put_json(FILE *out, const time_table *table);
void time_put_csv(FILE *out, const time_table *table);
/* When each instruction runs, of kernels that have that. */
void time_put_trace(FILE *out, const time_table *table);
void time_put_page(FILE *out, const time_table *table);

/* The parts of that page for another one: its style; its script, which draws where it finds
 * `<div class="timeline" data-kernel="N">`, and needs `<div id="tip">`; its data, which belong into
 * the element `data`; and N of a kernel in these, or -1. */
void time_put_style(FILE *out);
void time_put_script(FILE *out);
void time_put_data(FILE *out, const time_table *table);
int time_index(const time_table *table, const char *file, const char *name);

#endif
