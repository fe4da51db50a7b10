/* The plan of --plan as a table: what is multiplied, how it is cut, where it lies, how long it
 * takes.
 */
#include "common/plan_table.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/grouped.h"
#include "common/report.h"

enum { LABEL_WIDTH = 12, CALIBRATION_WIDTH = 26, KIB = 1024 };

/* ---- fields --------------------------------------------------------------- */

static const cJSON *field(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

static double number(const cJSON *object, const char *name) {
  return cJSON_GetNumberValue(field(object, name));
}

static const char *string(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(field(object, name));
  return text ? text : "";
}

static bool is_set(const cJSON *object, const char *name) {
  return cJSON_IsTrue(field(object, name));
}

static double item_number(const cJSON *array, int index) {
  return cJSON_GetNumberValue(cJSON_GetArrayItem(array, index));
}

static void put_label(FILE *out, const char *label) { fprintf(out, "  %-*s", LABEL_WIDTH, label); }

/* ---- what is multiplied, and how it is cut -------------------------------- */

static void put_product(FILE *out, const cJSON *kernel) {
  const cJSON *problem = field(kernel, "problem"), *names = field(kernel, "rhs_names");
  put_label(out, "product");
  fprintf(out, "%s, %.0f x %.0f %s; by", string(kernel, "lhs_name"), number(problem, "m"),
          number(problem, "k"), string(problem, "lhs"));
  for (int i = 0; i < cJSON_GetArraySize(names); i++) {
    bool transposed = cJSON_IsTrue(cJSON_GetArrayItem(field(problem, "rhs_transposed"), i));
    double rows = number(problem, "k"), columns = item_number(field(problem, "n"), i);
    fprintf(out, "%s %s, %.0f x %.0f%s", i > 0 ? ";" : "",
            cJSON_GetStringValue(cJSON_GetArrayItem(names, i)), transposed ? columns : rows,
            transposed ? rows : columns, transposed ? " transposed" : "");
  }
  fprintf(out, "; sums in %s\n", string(problem, "acc"));
}

static void put_list(FILE *out, const cJSON *numbers, const char *between) {
  for (int i = 0; i < cJSON_GetArraySize(numbers); i++) {
    fprintf(out, "%s%.0f", i > 0 ? between : "", item_number(numbers, i));
  }
}

static void put_chunks(FILE *out, const cJSON *tiling) {
  const cJSON *tail = field(tiling, "tail_k");
  double full = number(tiling, "full_chunks");
  put_label(out, "K");
  if (full > 0) {
    fprintf(out, "%.0f chunk%s of %.0f%s", full, full > 1 ? "s" : "", number(tiling, "chunk_k"),
            cJSON_GetArraySize(tail) > 0 ? ", then " : "");
  }
  put_list(out, tail, ", ");
  fprintf(out, "; multiplied %.0f at a time\n", number(tiling, "step_k"));
}

static void put_columns(FILE *out, const cJSON *tiling) {
  double together = number(tiling, "columns_at_once");
  put_label(out, "columns");
  fputs("tiles of ", out);
  put_list(out, field(tiling, "n_tile"), ", ");
  fprintf(out, "; %.0f side by side\n", together);
}

static void put_streams(FILE *out, const cJSON *kernel, const cJSON *tiling) {
  double slots = number(tiling, "mat_slots");
  put_label(out, "loads");
  fprintf(out, "%s %s; weights through %.0f slot%s of Mat\n", string(kernel, "lhs_name"),
          is_set(tiling, "lhs_resident") ? "once, whole" : "chunk by chunk", slots,
          slots > 1 ? "s" : "");
}

/* ---- where it lies -------------------------------------------------------- */

static void put_buffers(FILE *out, const cJSON *kernel) {
  char address[GROUPED_SIZE], size[GROUPED_SIZE];
  const cJSON *buffer;
  fprintf(out, "\n  %-*s%-22s %4s %12s %12s\n", LABEL_WIDTH, "buffer", "holds", "slot", "address",
          "bytes");
  cJSON_ArrayForEach(buffer, field(kernel, "buffers")) {
    bool is_placed = field(buffer, "address_bytes");
    put_label(out, string(buffer, "space"));
    fprintf(out, "%-22s %4.0f %12s %12s\n", string(buffer, "holds"), number(buffer, "slot"),
            is_placed ? grouped_text(number(buffer, "address_bytes"), address) : "-",
            grouped_text(number(buffer, "size_bytes"), size));
  }
  const cJSON *space, *spaces = field(kernel, "spaces");
  put_label(out, "in use");
  cJSON_ArrayForEach(space, spaces) {
    fprintf(out, "%s%s %.0f of %.0f KiB", space == spaces->child ? "" : ", ", space->string,
            number(space, "used_bytes") / KIB, number(space, "capacity_bytes") / KIB);
  }
  fputs("\n", out);
}

/* ---- how long it takes ---------------------------------------------------- */

/* The cycles of the kernel that is rewritten, if there was one. */
static void put_before(FILE *out, const cJSON *cycles) {
  char text[GROUPED_SIZE];
  if (field(cycles, "input_function")) {
    double before = number(cycles, "input_function");
    fprintf(out, " %11s %+5.0f %%", grouped_text(before, text),
            percent_of(number(cycles, "plan") - before, before));
  }
}

static void put_cycles(FILE *out, const cJSON *kernel) {
  char plan[GROUPED_SIZE];
  const cJSON *cycles, *all = field(kernel, "modelled_cycles");
  bool has_before = field(cJSON_GetArrayItem(all, 0), "input_function");
  fprintf(out, "\n  %-*s%11s  %s%s\n", CALIBRATION_WIDTH, "modelled cycles", "plan", "longest pipe",
          has_before ? "           input  change" : "");
  cJSON_ArrayForEach(cycles, all) {
    fprintf(out, "  %-*s%11s  %-5s busy %3.0f %%", CALIBRATION_WIDTH, string(cycles, "calibration"),
            grouped_text(number(cycles, "plan"), plan), string(cycles, "bound"),
            100 * number(cycles, "efficiency"));
    put_before(out, cycles);
    fputs("\n", out);
  }
}

/* ---- all ------------------------------------------------------------------ */

static void put_kernel(FILE *out, const cJSON *kernel, const char *target) {
  const cJSON *tiling = field(kernel, "tiling");
  fprintf(out, "%s, %s, %s\n\n", string(kernel, "function"), target, string(kernel, "level"));
  put_product(out, kernel);
  put_chunks(out, tiling);
  put_columns(out, tiling);
  put_streams(out, kernel, tiling);
  put_buffers(out, kernel);
  put_cycles(out, kernel);
}

static void put_document(FILE *out, const cJSON *document) {
  const cJSON *kernel, *kernels = field(document, "kernels");
  if (cJSON_GetArraySize(kernels) == 0) {
    fputs("no plan: every kernel stays as it is (--remarks says why)\n", out);
  }
  cJSON_ArrayForEach(kernel, kernels) {
    fputs(kernel == kernels->child ? "" : "\n", out);
    put_kernel(out, kernel, string(document, "target"));
  }
}

/* To be freed; NULL if memory is out. */
static char *table_of(const char *json) {
  char *text = NULL;
  size_t length;
  cJSON *document = cJSON_Parse(json);
  FILE *out = document ? open_memstream(&text, &length) : NULL;
  if (out) {
    put_document(out, document);
    fclose(out);
  }
  cJSON_Delete(document);
  return text;
}

static bool is_standard_output(const char *path) { return strcmp(path, "-") == 0; }

const char *plan_text(const char *path, const char *json, char **table) {
  *table = json && is_standard_output(path) && isatty(STDOUT_FILENO) ? table_of(json) : NULL;
  return *table ? *table : json;
}

ptolower_status plan_check_place(const char *plan, const char *output) {
  if (!plan || strcmp(plan, output) != 0 || strncmp(plan, "/dev/", 5) == 0) {
    return PTOLOWER_OK;
  }
  return is_standard_output(plan)
             ? report_usage("the output and the plan would both go to standard output; "
                            "'-o FILE' names a file for the output")
             : report_usage("the output and the plan would both go to '%s'", plan);
}
