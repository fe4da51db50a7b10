/* The table as text and as Markdown: kernels by place and outcome, and by reason. */
#include <stdlib.h>
#include <string.h>

#include "reach/reach.h"

/* Kernels of one place, or of all. */
typedef struct counts {
  size_t files, faults, kernels, with_products, followed;
  size_t outcomes[REACH_OUTCOMES];
} counts;

static void add_to(counts *total, const reach_kernel *kernel) {
  total->kernels++;
  total->outcomes[kernel->outcome]++;
  total->with_products += kernel->outcome != REACH_NO_PRODUCT;
  total->followed += kernel->products > 0;
}

static counts count_place(const reach_table *table, size_t place) {
  counts total = {.files = table->files[place]};
  for (size_t i = 0; i < table->kernel_count; i++) {
    if (table->kernels[i].place == place) {
      add_to(&total, &table->kernels[i]);
    }
  }
  for (size_t i = 0; i < table->fault_count; i++) {
    total.faults += table->faults[i].place == place;
  }
  return total;
}

static counts count_all(const reach_table *table) {
  counts total = {.faults = table->fault_count};
  for (size_t i = 0; i < table->place_count; i++) {
    total.files += table->files[i];
  }
  for (size_t i = 0; i < table->kernel_count; i++) {
    add_to(&total, &table->kernels[i]);
  }
  return total;
}

/* ---- text ----------------------------------------------------------------- */

static void put_code(FILE *out, int code) {
  if (code) {
    fprintf(out, "PTL%03d", code);
  }
}

static void put_kernels(FILE *out, const reach_table *table) {
  for (size_t i = 0; i < table->kernel_count; i++) {
    const reach_kernel *kernel = &table->kernels[i];
    fprintf(out, "%s:%d: %s: %s", kernel->file, kernel->line, kernel->name,
            reach_outcome_name(kernel->outcome));
    if (kernel->products >= 0) {
      fprintf(out, "; %d product%s", kernel->products, kernel->products == 1 ? "" : "s");
    }
    if (kernel->products > 1) {
      fprintf(out, " in groups of %s", kernel->groups);
    }
    if (kernel->code) {
      fprintf(out, "; %s [PTL%03d]", kernel->reason, kernel->code);
    }
    fputs("\n", out);
  }
  for (size_t i = 0; i < table->fault_count; i++) {
    fprintf(out, "%s\n", table->faults[i].text);
  }
}

static void put_totals(FILE *out, const counts *total) {
  fprintf(out, "%zu file%s, %zu of them no module; %zu kernel%s, %zu with products, followed %zu\n",
          total->files, total->files == 1 ? "" : "s", total->faults, total->kernels,
          total->kernels == 1 ? "" : "s", total->with_products, total->followed);
  for (int i = 0; i < REACH_OUTCOMES; i++) {
    if (total->outcomes[i]) {
      fprintf(out, "  %6zu  %s\n", total->outcomes[i], reach_outcome_name((reach_outcome)i));
    }
  }
}

static void put_reasons(FILE *out, const reach_table *table) {
  size_t count;
  reach_reason *reasons = reach_reasons(table, &count);
  for (size_t i = 0; i < count; i++) {
    const reach_kernel *kernel = reasons[i].example;
    if (kernel->code) {
      fprintf(out, "  %6zu  %-12s  PTL%03d  %s\n", reasons[i].count,
              reach_outcome_name(kernel->outcome), kernel->code, kernel->kind);
    }
  }
  free(reasons);
}

void reach_put_text(FILE *out, const reach_table *table, bool summary) {
  counts total = count_all(table);
  if (!summary) {
    put_kernels(out, table);
    fputs("\n", out);
  }
  put_totals(out, &total);
  fputs("\nBy reason:\n", out);
  put_reasons(out, table);
}

/* ---- Markdown ------------------------------------------------------------- */

/* The last part of a path, without slashes. */
static void put_last_part(FILE *out, const char *path) {
  size_t end = strlen(path);
  while (end > 1 && path[end - 1] == '/') {
    end--;
  }
  size_t begin = end;
  while (begin > 0 && path[begin - 1] != '/') {
    begin--;
  }
  fprintf(out, "%.*s", (int)(end - begin), path + begin);
}

static void put_row(FILE *out, const char *name, const counts *total) {
  fputs("| ", out);
  put_last_part(out, name);
  fprintf(out, " | %zu | %zu | %zu | %zu |", total->files, total->kernels, total->with_products,
          total->followed);
  for (int i = 0; i < REACH_NO_PRODUCT; i++) {
    fprintf(out, " %zu |", total->outcomes[i]);
  }
  fputs("\n", out);
}

static void put_head(FILE *out) {
  fputs("| in | files | kernels | with products | followed |", out);
  for (int i = 0; i < REACH_NO_PRODUCT; i++) {
    fprintf(out, " %s |", reach_outcome_name((reach_outcome)i));
  }
  fputs("\n|---|---:|---:|---:|---:|", out);
  for (int i = 0; i < REACH_NO_PRODUCT; i++) {
    fputs("---:|", out);
  }
  fputs("\n", out);
}

/* A cell may hold no bar. */
static void put_cell(FILE *out, const char *text) {
  for (; *text; text++) {
    fputs(*text == '|' ? "\\|" : (char[]){*text, '\0'}, out);
  }
}

static void put_reason_row(FILE *out, const reach_reason *reason) {
  const reach_kernel *kernel = reason->example;
  fprintf(out, "| %zu | %s | ", reason->count, reach_outcome_name(kernel->outcome));
  put_code(out, kernel->code);
  fputs(" | ", out);
  put_cell(out, kernel->kind);
  fputs(" | `", out);
  put_last_part(out, kernel->file);
  fputs("` |\n", out);
}

void reach_put_markdown(FILE *out, const reach_table *table) {
  put_head(out);
  for (size_t i = 0; i < table->place_count; i++) {
    counts total = count_place(table, i);
    put_row(out, table->places[i], &total);
  }
  counts total = count_all(table);
  put_row(out, "all", &total);
  fputs("\n| kernels | outcome | code | reason | for example |\n|---:|---|---|---|---|\n", out);
  size_t count;
  reach_reason *reasons = reach_reasons(table, &count);
  for (size_t i = 0; i < count; i++) {
    put_reason_row(out, &reasons[i]);
  }
  free(reasons);
}
