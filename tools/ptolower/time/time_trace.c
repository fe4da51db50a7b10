/* The timelines in the format of Chrome's traces, which Perfetto opens: a process for each form of
 * a kernel, a thread for each pipe. A cycle is a nanosecond there. */
#include <math.h>

#include "common/json_write.h"
#include "time/time.h"

typedef struct trace {
  FILE *out;
  int process;
  int flow; /* the last arrow */
  bool has_events;
  const ptolower_timeline *timeline;
} trace;

/* Opens an event; what is written after it belongs to it, and so does the brace that closes it. */
static void begin_event(trace *t, const char *phase, int thread) {
  fprintf(t->out, "%s{\"ph\":\"%s\",\"pid\":%d,\"tid\":%d", t->has_events ? ",\n" : "\n", phase,
          t->process, thread);
  t->has_events = true;
}

static void put_label(trace *t, const char *what, int thread, const char *name) {
  begin_event(t, "M", thread);
  fprintf(t->out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
  json_put_string(t->out, name);
  fputs("}}", t->out);
}

static void put_order(trace *t, const char *what, int thread, int order) {
  begin_event(t, "M", thread);
  fprintf(t->out, ",\"name\":\"%s\",\"args\":{\"sort_index\":%d}}", what, order);
}

/* In microseconds, of whole cycles: what follows one another does not overlap then. */
static void put_span(trace *t, double begin, double end) {
  double from = floor(begin + 0.5), to = floor(end + 0.5);
  fprintf(t->out, ",\"ts\":%.3f,\"dur\":%.3f", from / 1000, (to - from) / 1000);
}

/* "tload %w_part -> %w_mat" */
static void put_name(trace *t, const char *key, const char *before, const ptolower_timed_op *op) {
  char name[512];
  snprintf(name, sizeof(name), "%s%s %s", before, op->name, op->what);
  fprintf(t->out, "\"%s\":", key);
  json_put_string(t->out, name);
}

static void put_work(trace *t, const ptolower_instruction *item) {
  const ptolower_timed_op *op = &t->timeline->ops[item->op];
  begin_event(t, "X", item->unit + 1);
  put_span(t, item->begin, item->end);
  fputs(",\"cat\":\"work\",", t->out);
  put_name(t, "name", "", op);
  fprintf(t->out, ",\"args\":{\"line\":%d,\"bytes\":%lld,\"shape\":", op->line, item->bytes);
  json_put_string(t->out, op->shape);
  if (op->source) {
    fputs(",\"source\":", t->out);
    json_put_string(t->out, op->source);
  }
  fputs("}}", t->out);
}

static void put_wait(trace *t, const ptolower_instruction *item) {
  static const char *const whys[] = {[PTOLOWER_WAIT_ISSUE] = "waits until it is issued",
                                     [PTOLOWER_WAIT_DATA] = "waits for data: ",
                                     [PTOLOWER_WAIT_ROOM] = "waits for room: ",
                                     [PTOLOWER_WAIT_FLAG] = "waits for a flag: ",
                                     [PTOLOWER_WAIT_BARRIER] = "waits at a barrier: "};
  begin_event(t, "X", item->unit + 1);
  put_span(t, item->free, item->begin);
  fputs(",\"cat\":\"wait\",", t->out);
  if (item->waits_for < 0) {
    fprintf(t->out, "\"name\":\"%s\"}", whys[item->wait]);
    return;
  }
  const ptolower_instruction *cause = &t->timeline->instructions[item->waits_for];
  const ptolower_timed_op *op = &t->timeline->ops[cause->op];
  put_name(t, "name", whys[item->wait], op);
  fprintf(t->out, ",\"args\":{\"pipe\":\"%s\",\"line\":%d}}", ptolower_unit_name(cause->unit),
          op->line);
}

/* From the middle of the instruction that is waited for: its end is the begin of the next one. */
static void put_arrow(trace *t, const ptolower_instruction *item) {
  if (item->waits_for < 0) {
    return;
  }
  const ptolower_instruction *cause = &t->timeline->instructions[item->waits_for];
  t->flow++;
  begin_event(t, "s", cause->unit + 1);
  fprintf(t->out, ",\"id\":%d,\"cat\":\"wait\",\"name\":\"waits for\",\"ts\":%.4f}", t->flow,
          (cause->begin + cause->end) / 2000);
  begin_event(t, "f", item->unit + 1);
  fprintf(t->out, ",\"bp\":\"e\",\"id\":%d,\"cat\":\"wait\",\"name\":\"waits for\",\"ts\":%.3f}",
          t->flow, floor(item->begin + 0.5) / 1000);
}

static void put_form(trace *t, const time_row *row, const ptolower_times *times, const char *form) {
  if (!times || !times->timeline) {
    return;
  }
  char name[512];
  snprintf(name, sizeof(name), "%s, %s (%s:%d)", row->kernel->name, form, row->file,
           row->kernel->line);
  t->process++;
  t->timeline = times->timeline;
  put_label(t, "process_name", 0, name);
  put_order(t, "process_sort_index", 0, t->process);
  for (int unit = 0; unit < PTOLOWER_SCALAR; unit++) {
    put_label(t, "thread_name", unit + 1, ptolower_unit_name((ptolower_unit)unit));
    put_order(t, "thread_sort_index", unit + 1, unit);
  }
  for (int i = 0; i < t->timeline->instruction_count; i++) {
    const ptolower_instruction *item = &t->timeline->instructions[i];
    if (item->wait != PTOLOWER_NO_WAIT) {
      put_wait(t, item);
    }
    put_work(t, item);
    put_arrow(t, item);
  }
}

void time_put_trace(FILE *out, const time_table *table) {
  trace t = {.out = out};
  fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"time\":\"a nanosecond is a cycle of the "
        "model\"},"
        "\n\"traceEvents\":[",
        out);
  for (size_t i = 0; i < table->row_count; i++) {
    const time_row *row = &table->rows[i];
    put_form(&t, row, row->kernel->before, "as it is");
    put_form(&t, row, row->kernel->after, "rewritten");
  }
  fputs("\n]}\n", out);
}
