/* The outcome of all shapes as a table, JSON or JUnit. */
#include "shapes/shapes.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/markup.h"

static void put_code(char *out, size_t size, const char *word, int number) {
  if (number) {
    snprintf(out, size, "%s PTL%03d", word, number);
  } else {
    snprintf(out, size, "%s", word);
  }
}

void shape_outcome_text(const shape_result *result, char *out, size_t size) {
  static const char *const words[] = {[SHAPE_OK] = "ok",
                                      [SHAPE_REFUSED] = "refused",
                                      [SHAPE_WRONG] = "wrong",
                                      [SHAPE_UNPROVED] = "unproved",
                                      [SHAPE_REJECTED] = "rejected by ptoas",
                                      [SHAPE_FAILED] = "failed"};
  put_code(out, size, words[result->outcome], result->code);
}

void shape_expected_text(const shape_case *given, char *out, size_t size) {
  put_code(out, size, given->expects_refusal ? "refused" : "ok", given->expected_code);
}

/* `16x5120x256 i8 x2`. */
static void put_shape(char *out, size_t size, const shape_case *given) {
  snprintf(out, size, "%dx%dx%d %s%s x%d", given->m, given->k, given->n, given->dtype,
           given->is_transposed ? "^T" : "", given->rhs);
}

static size_t count_surprises(const shape_list *list) {
  size_t count = 0;
  for (size_t i = 0; i < list->count; i++) {
    count += shape_is_surprise(&list->cases[i], &list->results[i]);
  }
  return count;
}

/* ---- table -------------------------------------------------------------- */

static double percent(double used, double capacity) {
  return capacity > 0 ? 100 * used / capacity : 0;
}

/* How many characters of a terminal a name takes: bytes that begin one. */
static int width_of(const char *name) {
  int width = 0;
  for (; *name; name++) {
    width += ((unsigned char)*name & 0xc0) != 0x80;
  }
  return width;
}

static void print_row(FILE *out, const shape_case *given, const shape_result *result, int width) {
  char shape[64], outcome[64], expected[64];
  put_shape(shape, sizeof(shape), given);
  shape_outcome_text(result, outcome, sizeof(outcome));
  shape_expected_text(given, expected, sizeof(expected));
  fprintf(out, "%s%*s  %-24s %-5s ", given->name, width - width_of(given->name), "", shape,
          given->chip);
  if (result->outcome == SHAPE_OK) {
    fprintf(out, "%9.0f %5.0f%% %5.0f%%  ", result->cycles,
            percent(result->mat_used, result->mat_capacity),
            percent(result->acc_used, result->acc_capacity));
  } else {
    fprintf(out, "%9s %6s %6s  ", "-", "-", "-");
  }
  if (shape_is_surprise(given, result)) {
    fprintf(out, "%s, EXPECTED %s: %s\n", outcome, expected, result->text);
  } else {
    fprintf(out, "%s\n", outcome);
  }
}

void shapes_print_table(FILE *out, const shape_list *list, bool was_assembled) {
  int width = 4;
  size_t surprises = count_surprises(list);
  for (size_t i = 0; i < list->count; i++) {
    int length = width_of(list->cases[i].name);
    width = length > width ? length : width;
  }
  fprintf(out, "%-*s  %-24s %-5s %9s %6s %6s  %s\n", width, "name", "M x K x N", "chip", "cycles",
          "Mat", "Acc", "result");
  for (size_t i = 0; i < list->count; i++) {
    print_row(out, &list->cases[i], &list->results[i], width);
  }
  fprintf(out, "%zu case%s, %zu as expected, %zu surprise%s%s\n", list->count,
          list->count == 1 ? "" : "s", list->count - surprises, surprises,
          surprises == 1 ? "" : "s", was_assembled ? "" : "; not assembled: there is no ptoas");
}

/* ---- JSON --------------------------------------------------------------- */

static cJSON *case_object(const shape_case *given, const shape_result *result) {
  char outcome[64], expected[64];
  cJSON *object = cJSON_CreateObject();
  shape_outcome_text(result, outcome, sizeof(outcome));
  shape_expected_text(given, expected, sizeof(expected));
  cJSON_AddStringToObject(object, "name", given->name);
  cJSON_AddNumberToObject(object, "m", given->m);
  cJSON_AddNumberToObject(object, "k", given->k);
  cJSON_AddNumberToObject(object, "n", given->n);
  cJSON_AddStringToObject(object, "dtype", given->dtype);
  cJSON_AddNumberToObject(object, "rhs", given->rhs);
  cJSON_AddBoolToObject(object, "rhs_transposed", given->is_transposed);
  cJSON_AddStringToObject(object, "chip", given->chip);
  cJSON_AddStringToObject(object, "result", outcome);
  cJSON_AddStringToObject(object, "expect", expected);
  cJSON_AddBoolToObject(object, "surprise", shape_is_surprise(given, result));
  cJSON_AddStringToObject(object, "text", result->text);
  cJSON_AddBoolToObject(object, "assembled", result->is_assembled);
  const char *flags = flags_verdict_name(result->flags);
  cJSON_AddItemToObject(object, "flags", flags ? cJSON_CreateString(flags) : cJSON_CreateNull());
  cJSON_AddNumberToObject(object, "cycles", result->cycles);
  cJSON_AddNumberToObject(object, "mat_bytes", result->mat_used);
  cJSON_AddNumberToObject(object, "acc_bytes", result->acc_used);
  cJSON_AddNumberToObject(object, "seconds", result->seconds);
  return object;
}

void shapes_print_json(FILE *out, const shape_list *list) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON *cases = cJSON_AddArrayToObject(document, "cases");
  for (size_t i = 0; i < list->count; i++) {
    cJSON_AddItemToArray(cases, case_object(&list->cases[i], &list->results[i]));
  }
  cJSON_AddNumberToObject(document, "surprises", (double)count_surprises(list));
  char *text = cJSON_Print(document);
  fprintf(out, "%s\n", text ? text : "");
  free(text);
  cJSON_Delete(document);
}

/* ---- JUnit -------------------------------------------------------------- */

static void print_testcase(FILE *out, const shape_case *given, const shape_result *result) {
  char shape[64], outcome[64], expected[64];
  put_shape(shape, sizeof(shape), given);
  shape_outcome_text(result, outcome, sizeof(outcome));
  shape_expected_text(given, expected, sizeof(expected));
  fputs("  <testcase classname=\"shapes\" name=\"", out);
  markup_print(out, given->name);
  fprintf(out, " %s ", shape);
  markup_print(out, given->chip);
  fprintf(out, "\" time=\"%.3f\"", result->seconds);
  if (!shape_is_surprise(given, result)) {
    fputs("/>\n", out);
    return;
  }
  fprintf(out, ">\n    <failure message=\"%s, expected %s\">", outcome, expected);
  markup_print(out, result->text);
  fputs("</failure>\n  </testcase>\n", out);
}

void shapes_print_junit(FILE *out, const shape_list *list) {
  double seconds = 0;
  for (size_t i = 0; i < list->count; i++) {
    seconds += list->results[i].seconds;
  }
  fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  fprintf(out,
          "<testsuite name=\"ptolower shapes\" tests=\"%zu\" failures=\"%zu\" time=\"%.3f\">\n",
          list->count, count_surprises(list), seconds);
  for (size_t i = 0; i < list->count; i++) {
    print_testcase(out, &list->cases[i], &list->results[i]);
  }
  fputs("</testsuite>\n", out);
}
