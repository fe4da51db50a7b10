/* Makes rows of what the library decided, and counts them by reason. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/grow.h"
#include "reach/reach.h"
#include "support/codes.h"

const char *reach_outcome_name(reach_outcome outcome) {
  static const char *const names[] = {
      [REACH_FUSED] = "fused",       [REACH_REWRITTEN] = "rewritten",
      [REACH_REPAIRED] = "repaired", [REACH_SETTLED] = "settled",
      [REACH_LEFT] = "left",         [REACH_NOT_FOLLOWED] = "not followed",
      [REACH_WRONG] = "wrong",       [REACH_NOT_READ] = "not read",
      [REACH_REFUSED] = "refused",   [REACH_NO_PRODUCT] = "no product",
  };
  return names[outcome];
}

/* What a code says of a kernel whose products are known or are not. */
static reach_outcome outcome_of(int code, int products) {
  switch (code) {
  case PTL_CODE_NONE:
    return products > 0 ? REACH_LEFT : REACH_NO_PRODUCT;
  case PTL_CODE_FUSED:
  case PTL_CODE_GIVEN_AS_DUAL:
    return REACH_FUSED;
  case PTL_CODE_REPAIRED:
    return REACH_REPAIRED;
  case PTL_CODE_SETTLED:
    return REACH_SETTLED;
  case PTL_CODE_PASSED_THROUGH:
    return REACH_NOT_FOLLOWED;
  case PTL_CODE_KERNEL_WRONG:
  case PTL_CODE_NOT_REPAIRED:
    return REACH_WRONG;
  case PTL_CODE_NOT_READ:
    return REACH_NOT_READ;
  default:
    break;
  }
  const ptl_diag_row *row = ptl_diag_row_of((ptl_code)code);
  return row->grade == PTL_GRADE_ERROR ? REACH_REFUSED
         : products < 0                ? REACH_NOT_FOLLOWED
                                       : REACH_LEFT;
}

/* ---- reasons that differ in names and numbers only ------------------------ */

static bool is_name(char c) { return isalnum((unsigned char)c) || strchr("_$.#-", c); }

/* What follows the parentheses that open here. */
static const char *end_of_parentheses(const char *at) {
  int depth = 0;
  do {
    depth += (*at == '(') - (*at == ')');
    at++;
  } while (depth > 0 && *at);
  return at;
}

/* The reason with `%x` for each value and `N` for each number, and without what stands in
 * parentheses. */
static char *kind_of(const char *reason) {
  char *kind = malloc(strlen(reason) + 1), *out = kind;
  for (const char *at = reason; kind && *at;) {
    if (at[0] == ' ' && at[1] == '(') {
      at = end_of_parentheses(at + 1);
    } else if (*at == '%' && is_name(at[1])) {
      at +=
          1 + strspn(at + 1, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$.#-");
      *out++ = '%';
      *out++ = 'x';
    } else if (isdigit((unsigned char)*at) && (at == reason || !is_name(at[-1]))) {
      at += strspn(at, "0123456789");
      if (out - kind >= 3 && memcmp(out - 3, "N, ", 3) == 0) {
        out -= 3; /* of a list, one */
      }
      *out++ = 'N';
    } else {
      *out++ = *at++;
    }
  }
  if (kind) {
    *out = '\0';
  }
  return kind;
}

static int by_reason(const void *a, const void *b) {
  const reach_kernel *left = *(const reach_kernel *const *)a;
  const reach_kernel *right = *(const reach_kernel *const *)b;
  int order = (int)left->outcome - (int)right->outcome;
  order = order ? order : left->code - right->code;
  order = order ? order : strcmp(left->kind, right->kind);
  return order ? order : (left > right) - (left < right);
}

static bool is_same_reason(const reach_kernel *a, const reach_kernel *b) {
  return a->outcome == b->outcome && a->code == b->code && strcmp(a->kind, b->kind) == 0;
}

static int by_count(const void *a, const void *b) {
  const reach_reason *left = a, *right = b;
  int order = (int)left->example->outcome - (int)right->example->outcome;
  order = order ? order : (left->count < right->count) - (left->count > right->count);
  return order ? order : (left->example > right->example) - (left->example < right->example);
}

reach_reason *reach_reasons(const reach_table *table, size_t *count) {
  size_t kernels = table->kernel_count;
  const reach_kernel **sorted = calloc(kernels + 1, sizeof(*sorted));
  reach_reason *reasons = calloc(kernels + 1, sizeof(*reasons));
  *count = 0;
  for (size_t i = 0; sorted && i < kernels; i++) {
    sorted[i] = &table->kernels[i];
  }
  if (sorted && reasons) {
    qsort(sorted, kernels, sizeof(*sorted), by_reason);
    for (size_t i = 0; i < kernels; i++) {
      if (i == 0 || !is_same_reason(sorted[i - 1], sorted[i])) {
        reasons[(*count)++] = (reach_reason){.example = sorted[i]};
      }
      reasons[*count - 1].count++;
    }
    qsort(reasons, *count, sizeof(*reasons), by_count);
  }
  free(sorted);
  return reasons;
}

/* ---- rows ----------------------------------------------------------------- */

static int number_of(const cJSON *object, const char *name, int none) {
  const cJSON *item = cJSON_GetObjectItem(object, name);
  return item ? item->valueint : none;
}

static const char *string_of(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
  return text ? text : "";
}

/* "2, 1" */
static char *groups_of(const cJSON *function) {
  const cJSON *groups = cJSON_GetObjectItem(function, "groups"), *group;
  enum { DIGITS = 16 };
  char *text = calloc((size_t)cJSON_GetArraySize(groups) + 1, DIGITS);
  size_t length = 0;
  cJSON_ArrayForEach(group, groups) {
    if (text) {
      length += (size_t)sprintf(text + length, "%s%d", length ? ", " : "", group->valueint);
    }
  }
  return text;
}

static bool has_set(const cJSON *function) {
  const cJSON *group;
  cJSON_ArrayForEach(group, cJSON_GetObjectItem(function, "groups")) {
    if (group->valueint > 1) {
      return true;
    }
  }
  return false;
}

static bool add_kernel(reach_table *table, size_t place, const char *file, const cJSON *function) {
  reach_kernel *kernels =
      grow(table->kernels, table->kernel_count + 1, &table->kernel_capacity, sizeof(*kernels));
  if (!kernels) {
    return false;
  }
  table->kernels = kernels;
  reach_kernel *kernel = &kernels[table->kernel_count++];
  *kernel = (reach_kernel){.place = place,
                           .file = strdup(file),
                           .name = strdup(string_of(function, "name")),
                           .line = number_of(function, "line", 0),
                           .cube_ops = number_of(function, "cube_ops", -1),
                           .products = number_of(function, "products", -1),
                           .groups = groups_of(function),
                           .code = number_of(function, "code", 0),
                           .reason = strdup(string_of(function, "reason")),
                           .kind = kind_of(string_of(function, "reason"))};
  kernel->outcome = outcome_of(kernel->code, kernel->products);
  if (kernel->outcome == REACH_FUSED && kernel->products > 0 && !has_set(function)) {
    kernel->outcome = REACH_REWRITTEN;
  }
  return kernel->file && kernel->name && kernel->groups && kernel->reason && kernel->kind;
}

/* The first error of a file that is no module. */
static const char *fault_of(const ptolower_result *result) {
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    if (ptolower_result_diagnostic(result, i).severity == PTOLOWER_ERROR) {
      return ptolower_result_diagnostic_line(result, i);
    }
  }
  return "";
}

static bool add_fault(reach_table *table, size_t place, const char *file,
                      const ptolower_result *result) {
  reach_fault *faults =
      grow(table->faults, table->fault_count + 1, &table->fault_capacity, sizeof(*faults));
  if (!faults) {
    return false;
  }
  table->faults = faults;
  reach_fault *fault = &faults[table->fault_count++];
  *fault = (reach_fault){place, strdup(file), strdup(fault_of(result))};
  if (fault->text) {
    fault->text[strcspn(fault->text, "\n")] = '\0';
  }
  return fault->file && fault->text;
}

bool reach_add_result(reach_table *table, size_t place, const char *file,
                      const ptolower_result *result) {
  const char *text = ptolower_result_report(result);
  cJSON *report = text ? cJSON_Parse(text) : NULL;
  const cJSON *function;
  bool ok = true;
  table->files[place]++;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(report, "functions")) {
    ok = ok && add_kernel(table, place, file, function);
  }
  cJSON_Delete(report);
  return ok && (text || add_fault(table, place, file, result));
}

void reach_table_free(reach_table *table) {
  for (size_t i = 0; i < table->kernel_count; i++) {
    reach_kernel *kernel = &table->kernels[i];
    free(kernel->file);
    free(kernel->name);
    free(kernel->groups);
    free(kernel->reason);
    free(kernel->kind);
  }
  for (size_t i = 0; i < table->fault_count; i++) {
    free(table->faults[i].file);
    free(table->faults[i].text);
  }
  free(table->kernels);
  free(table->faults);
  free(table->files);
}
