/* Writes the findings of a check as a baseline: what --baseline reads later. */
#include "check/check.h"

cJSON *baseline_create(void) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddNumberToObject(document, "baseline", 1);
  cJSON_AddArrayToObject(document, "findings");
  return document;
}

static cJSON *find(cJSON *findings, const cJSON *key) {
  static const char *const fields[] = {"code", "function", "ops"};
  cJSON *entry;
  cJSON_ArrayForEach(entry, findings) {
    bool same = true;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
      same = same && cJSON_Compare(cJSON_GetObjectItem(entry, fields[i]),
                                   cJSON_GetObjectItem(key, fields[i]), true);
    }
    if (same) {
      return entry;
    }
  }
  return NULL;
}

/* Functions of one name in several files share an entry, which allows the most that one of them
 * has. */
static void add_key(cJSON *findings, const cJSON *key) {
  cJSON *entry = find(findings, key);
  if (!entry) {
    cJSON_AddItemToArray(findings, cJSON_Duplicate(key, true));
    return;
  }
  cJSON *most = cJSON_GetObjectItem(entry, "count");
  double count = cJSON_GetNumberValue(cJSON_GetObjectItem(key, "count"));
  if (count > cJSON_GetNumberValue(most)) {
    cJSON_SetNumberValue(most, count);
  }
}

void baseline_add_file(cJSON *document, const checked_file *file) {
  const cJSON *function, *key;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
    cJSON_ArrayForEach(key, cJSON_GetObjectItem(function, "keys")) {
      add_key(cJSON_GetObjectItem(document, "findings"), key);
    }
  }
}
