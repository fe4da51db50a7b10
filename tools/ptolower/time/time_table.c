/* The kernels that were timed, as rows. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/grow.h"
#include "support/codes.h"
#include "time/time.h"

static bool add_row(time_table *table, const time_file *file, const ptolower_timed *kernel) {
  time_row *rows = grow(table->rows, table->row_count + 1, &table->row_capacity, sizeof(*rows));
  if (!rows) {
    return false;
  }
  table->rows = rows;
  rows[table->row_count] = (time_row){
      .number = table->row_count, .file = file->name, .result = file->result, .kernel = kernel};
  table->row_count++;
  return true;
}

bool time_add(time_table *table, const char *name, ptolower_result *result) {
  time_file *files =
      grow(table->files, table->file_count + 1, &table->file_capacity, sizeof(*files));
  char *copy = strdup(name);
  table->files = files ? files : table->files;
  if (!files || !copy) {
    free(copy);
    return false;
  }
  files[table->file_count] = (time_file){copy, result};
  const time_file *file = &files[table->file_count++];
  const ptolower_timed *kernel;
  bool ok = true;
  for (size_t i = 0; ok && (kernel = ptolower_result_timed(result, i)) != NULL; i++) {
    ok = add_row(table, file, kernel);
  }
  return ok;
}

bool time_next(const time_table *table, const time_row *row, size_t *index) {
  const char *name;
  while ((name = ptolower_result_calibration(row->result, *index)) != NULL) {
    if (!table->calibration || strcasecmp(name, table->calibration) == 0) {
      return true;
    }
    ++*index;
  }
  return false;
}

double time_cycles(const ptolower_times *times, size_t calibration) {
  bool is_played = times->timeline && times->played && !times->played->unknown;
  return is_played ? times->played->cycles : times->costs[calibration].cycles;
}

size_t time_long_stalls(const ptolower_played *played) {
  size_t count = 0;
  while (count < (size_t)played->stall_count && played->stalls[count].longer > 0 &&
         played->stalls[count].longer * 100 >= played->cycles) {
    count++;
  }
  return count;
}

double time_gained(const ptolower_timed *kernel, size_t calibration) {
  return kernel->before && kernel->after
             ? kernel->before->costs[calibration].cycles - kernel->after->costs[calibration].cycles
             : 0;
}

bool time_can_run(const ptolower_timed *kernel) {
  return kernel->code != PTL_CODE_REPAIRED && kernel->code != PTL_CODE_NOT_REPAIRED;
}

bool time_is_rough(const ptolower_times *times) {
  return !times->is_complete || times->has_open_loops || times->has_branches || times->has_gaps;
}

/* How far down a kernel stands, whatever it gains. */
static int rank_of(const ptolower_timed *kernel) {
  return !kernel->before ? 2 : !time_can_run(kernel) ? 1 : 0;
}

static int by_gain(const void *a, const void *b) {
  const time_row *left = a, *right = b;
  int rank = rank_of(left->kernel) - rank_of(right->kernel);
  if (rank != 0) {
    return rank;
  }
  if (left->gained != right->gained) {
    return left->gained > right->gained ? -1 : 1;
  }
  return left->number < right->number ? -1 : 1;
}

void time_sort(time_table *table) {
  for (size_t i = 0; i < table->row_count; i++) {
    time_row *row = &table->rows[i];
    size_t calibration = 0;
    row->gained = time_next(table, row, &calibration) ? time_gained(row->kernel, calibration) : 0;
  }
  if (table->row_count > 0) {
    qsort(table->rows, table->row_count, sizeof(*table->rows), by_gain);
  }
}

void time_table_free(time_table *table) {
  for (size_t i = 0; i < table->file_count; i++) {
    free(table->files[i].name);
    ptolower_result_destroy(table->files[i].result);
  }
  free(table->files);
  free(table->rows);
}
