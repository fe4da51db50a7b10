/* The timelines as a page of HTML that needs nothing else: page.html with the data as JSON. */
#include <math.h>
#include <string.h>

#include "common/json_write.h"
#include "time/page_text.h"
#include "time/time.h"

static void put_number(FILE *out, double number, double parts) {
  fprintf(out, "%.12g", floor(number * parts + 0.5) / parts);
}

static void put_text(FILE *out, const char *name, const char *text) {
  fprintf(out, ",\"%s\":", name);
  json_put_string(out, text ? text : "");
}

/* An op: name, what, shape, line, source. */
static void put_op(FILE *out, const ptolower_timed_op *op) {
  fprintf(out, "{\"line\":%d", op->line);
  put_text(out, "name", op->name);
  put_text(out, "what", op->what);
  put_text(out, "shape", op->shape);
  put_text(out, "source", op->source);
  fputs("}", out);
}

/* Eight numbers, which page.html takes apart again. */
static void put_instruction(FILE *out, const ptolower_instruction *item) {
  enum { TENTHS = 10 };
  fprintf(out, "%d,", (int)item->unit);
  put_number(out, item->free, TENTHS);
  fputc(',', out);
  put_number(out, item->begin, TENTHS);
  fputc(',', out);
  put_number(out, item->end, TENTHS);
  fprintf(out, ",%d,%d,%d,%lld", (int)item->wait, item->waits_for, item->op, item->bytes);
}

static void put_form(FILE *out, const char *name, const ptolower_times *times, size_t calibration) {
  fprintf(out, ",\"%s\":", name);
  if (!times || !times->timeline) {
    fputs("null", out);
    return;
  }
  const ptolower_timeline *timeline = times->timeline;
  fputs("{\"cycles\":", out);
  put_number(out, time_cycles(times, calibration), 1000);
  fputs(",\"ops\":[", out);
  for (int i = 0; i < timeline->op_count; i++) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_op(out, &timeline->ops[i]);
  }
  fputs("],\"items\":[", out);
  for (int i = 0; i < timeline->instruction_count; i++) {
    fputs(i > 0 ? ",\n" : "\n", out);
    put_instruction(out, &timeline->instructions[i]);
  }
  fputs("]}", out);
}

/* What a reader has to know before they believe the cycles. */
static const char *note_of(const ptolower_timed *kernel) {
  const ptolower_times *times = kernel->before ? kernel->before : kernel->after;
  return !time_can_run(kernel)
             ? "No ptoas compiles it as it is: these cycles are of no kernel that "
               "runs."
         : time_is_rough(times) ? "Loops of unknown bounds are drawn once, both ways of an unknown "
                                  "condition are drawn, and what is not followed may be missing."
         : times->timeline->is_cut ? "It has more instructions than are shown."
                                   : "";
}

static void put_kernel(FILE *out, const time_row *row, size_t calibration) {
  const ptolower_timed *kernel = row->kernel;
  char code[16] = "";
  if (kernel->code) {
    snprintf(code, sizeof(code), "PTL%03d", kernel->code);
  }
  fprintf(out, "{\"line\":%d", kernel->line);
  put_text(out, "name", kernel->name);
  put_text(out, "file", row->file);
  put_text(out, "calibration", ptolower_result_calibration(row->result, calibration));
  put_text(out, "code", code);
  put_text(out, "reason", kernel->reason);
  put_text(out, "note", note_of(kernel));
  put_form(out, "before", kernel->before, calibration);
  put_form(out, "after", kernel->after, calibration);
  fputs("}", out);
}

/* Whether a row has a timeline, and under which calibration. */
static bool is_drawn(const time_table *table, const time_row *row, size_t *calibration) {
  *calibration = 0;
  return (row->kernel->before || row->kernel->after) && time_next(table, row, calibration);
}

void time_put_data(FILE *out, const time_table *table) {
  const char *gap = "\n";
  fputs("{\"kernels\":[", out);
  for (size_t i = 0; i < table->row_count; i++) {
    const time_row *row = &table->rows[i];
    size_t calibration;
    if (is_drawn(table, row, &calibration)) {
      fputs(gap, out);
      put_kernel(out, row, calibration);
      gap = ",\n";
    }
  }
  fputs("]}\n", out);
}

int time_index(const time_table *table, const char *file, const char *name) {
  int place = 0;
  for (size_t i = 0; i < table->row_count; i++) {
    const time_row *row = &table->rows[i];
    size_t calibration;
    if (is_drawn(table, row, &calibration)) {
      if (strcmp(row->file, file) == 0 && strcmp(row->kernel->name, name) == 0) {
        return place;
      }
      place++;
    }
  }
  return -1;
}

/* What stands between two words of the page. */
static void put_part(FILE *out, const char *begin, const char *end) {
  const char *at = strstr(time_page_text, begin) + strlen(begin);
  fwrite(at, 1, (size_t)(strstr(at, end) - at), out);
}

void time_put_style(FILE *out) { put_part(out, "<style>\n", "</style>"); }

void time_put_script(FILE *out) { put_part(out, "<script>\n", "</script>"); }

void time_put_page(FILE *out, const time_table *table) {
  static const char mark[] = "@DATA@";
  const char *at = strstr(time_page_text, mark);
  fwrite(time_page_text, 1, (size_t)(at - time_page_text), out);
  time_put_data(out, table);
  fputs(at + strlen(mark), out);
}
