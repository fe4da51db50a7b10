/* Recognises findings by code, function and ops, and compares them with those of a baseline. */
#include "api/baseline.h"

#include <stdio.h>
#include <string.h>

#include <ptolower/ptolower.h>

/* ---- reading -------------------------------------------------------------------- */

static bool is_entry(const cJSON *entry) {
  return cJSON_IsString(cJSON_GetObjectItem(entry, "code")) &&
         cJSON_IsString(cJSON_GetObjectItem(entry, "function")) &&
         cJSON_IsArray(cJSON_GetObjectItem(entry, "ops")) &&
         cJSON_IsNumber(cJSON_GetObjectItem(entry, "count"));
}

static bool is_baseline(const cJSON *document) {
  const cJSON *findings = cJSON_GetObjectItem(document, "findings"), *entry;
  const cJSON *version = cJSON_GetObjectItem(document, "baseline");
  bool ok = cJSON_IsNumber(version) && version->valueint == 1 && cJSON_IsArray(findings);
  cJSON_ArrayForEach(entry, findings) { ok = ok && is_entry(entry); }
  return ok;
}

ptl_status ptl_baseline_read(ptl_baseline *out, const char *text, ptl_diags *diags) {
  if (!text) {
    return PTL_OK;
  }
  out->document = cJSON_Parse(text);
  if (is_baseline(out->document)) {
    return PTL_OK;
  }
  ptl_diag_add(diags, PTL_CODE_OPTION_VALUE, (ptl_loc){NULL, 0, 0, NULL},
               "the baseline is none that --write-baseline wrote");
  return PTL_USAGE;
}

void ptl_baseline_free(ptl_baseline *baseline) { cJSON_Delete(baseline->document); }

/* ---- keys ------------------------------------------------------------------------- */

static bool is_op_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_';
}

/* The name of the op at a place; "" if there is none. */
static const char *op_at(ptl_arena *arena, ptl_str source, ptl_loc place) {
  const char *at = source.data, *end = source.data + source.length;
  for (int line = 1; at && line < place.line; line++) {
    at = memchr(at, '\n', (size_t)(end - at));
    at = at ? at + 1 : NULL;
  }
  if (!at || place.column < 1 || place.column > end - at) {
    return "";
  }
  at += place.column - 1;
  at += *at == '"'; /* in MLIR's generic form */
  size_t length = 0;
  while (at + length < end && is_op_char(at[length])) {
    length++;
  }
  return ptl_arena_copy(arena, at, length);
}

static bool is_same_place(ptl_loc a, ptl_loc b) { return a.line == b.line && a.column == b.column; }

/* The ops of the finding at `index`: its own, and those of its notes at other places. */
static cJSON *ops_of(const ptl_baseline *baseline, const ptl_diags *diags, size_t index) {
  const ptl_diag *head = &diags->items[index];
  cJSON *ops = cJSON_CreateArray();
  for (size_t i = index; i < diags->count; i++) {
    const ptl_diag *diag = &diags->items[i];
    if (i > index && diag->code != PTL_CODE_NONE) {
      break;
    }
    if (i == index || (diag->loc.line > 0 && !is_same_place(diag->loc, head->loc))) {
      cJSON_AddItemToArray(ops,
                           cJSON_CreateString(op_at(diags->arena, baseline->source, diag->loc)));
    }
  }
  return ops;
}

static cJSON *key_of(const ptl_baseline *baseline, const ptl_diags *diags, size_t index,
                     const char *function) {
  char code[16];
  cJSON *key = cJSON_CreateObject();
  snprintf(code, sizeof(code), "PTL%03d", (int)diags->items[index].code);
  cJSON_AddStringToObject(key, "code", code);
  cJSON_AddStringToObject(key, "function", function);
  cJSON_AddItemToObject(key, "ops", ops_of(baseline, diags, index));
  return key;
}

/* But for their counts. */
static bool is_same_key(const cJSON *a, const cJSON *b) {
  static const char *const fields[] = {"code", "function", "ops"};
  bool same = true;
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    same = same && cJSON_Compare(cJSON_GetObjectItem(a, fields[i]),
                                 cJSON_GetObjectItem(b, fields[i]), true);
  }
  return same;
}

static const cJSON *find(const cJSON *entries, const cJSON *key) {
  const cJSON *entry;
  cJSON_ArrayForEach(entry, entries) {
    if (is_same_key(entry, key)) {
      return entry;
    }
  }
  return NULL;
}

static int count_in(const cJSON *entries, const cJSON *key) {
  const cJSON *entry = find(entries, key);
  return entry ? (int)cJSON_GetNumberValue(cJSON_GetObjectItem(entry, "count")) : 0;
}

/* Counts the finding among the keys, which take it over: the how many-th of this key it is. */
static int count_finding(cJSON *keys, cJSON *key) {
  const cJSON *known = find(keys, key);
  int count = count_in(keys, key) + 1;
  if (known) {
    cJSON_SetNumberValue(cJSON_GetObjectItem(known, "count"), count);
    cJSON_Delete(key);
  } else {
    cJSON_AddNumberToObject(key, "count", count);
    cJSON_AddItemToArray(keys, key);
  }
  return count;
}

void ptl_baseline_apply(const ptl_baseline *baseline, ptl_allowances *allowances, ptl_diags *diags,
                        size_t first, const char *function) {
  const cJSON *listed = cJSON_GetObjectItem(baseline->document, "findings");
  for (size_t i = first; i < diags->count; i++) {
    const ptl_diag *diag = &diags->items[i];
    if (diag->severity == PTL_REMARK || !ptl_can_be_allowed(diag->code)) {
      continue;
    }
    cJSON *key = key_of(baseline, diags, i, function);
    int allowed_count = count_in(listed, key);
    if (count_finding(baseline->keys, key) <= allowed_count) {
      ptl_allow(allowances, diags, i, PTOLOWER_IN_BASELINE);
    }
  }
}
