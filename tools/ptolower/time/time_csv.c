/* The table as CSV (RFC 4180): a line for each kernel and calibration. */
#include <string.h>

#include "time/time.h"

static void put_word(FILE *out, const char *word) {
  if (!strpbrk(word, ",\"\r\n")) {
    fputs(word, out);
    return;
  }
  fputc('"', out);
  for (; *word; word++) {
    fputs(*word == '"' ? "\"\"" : (char[]){*word, '\0'}, out);
  }
  fputc('"', out);
}

/* cycles, busy of each unit, bound */
static void put_cost(FILE *out, const ptolower_cost *cost) {
  if (!cost) {
    fputs(",,,,,,,", out);
    return;
  }
  fprintf(out, ",%.1f", cost->cycles);
  for (int unit = 0; unit < PTOLOWER_UNITS; unit++) {
    fprintf(out, ",%.1f", cost->busy[unit]);
  }
  fprintf(out, ",%s", ptolower_unit_name(cost->bound));
}

static void put_line(FILE *out, const time_row *row, size_t calibration) {
  const ptolower_timed *kernel = row->kernel;
  put_word(out, row->file);
  fprintf(out, ",%d,", kernel->line);
  put_word(out, kernel->name);
  fputc(',', out);
  if (kernel->code) {
    fprintf(out, "PTL%03d", kernel->code);
  }
  fputc(',', out);
  put_word(out, ptolower_result_calibration(row->result, calibration));
  put_cost(out, kernel->before ? &kernel->before->costs[calibration] : NULL);
  put_cost(out, kernel->after ? &kernel->after->costs[calibration] : NULL);
  fputc('\n', out);
}

void time_put_csv(FILE *out, const time_table *table) {
  fputs("file,line,kernel,code,calibration,cycles,mte2,mte1,m,fix,issue,bound,rewritten_cycles,"
        "rewritten_mte2,rewritten_mte1,rewritten_m,rewritten_fix,rewritten_issue,rewritten_bound\n",
        out);
  for (size_t i = 0; i < table->row_count; i++) {
    const time_row *row = &table->rows[i];
    for (size_t at = 0; time_next(table, row, &at); at++) {
      put_line(out, row, at);
    }
  }
}
