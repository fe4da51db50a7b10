/* What a check proved, to be confirmed later: the hash of each file, and what was found out about
 * its functions. */
#include "check/check.h"

#include <string.h>

#include "common/report.h"
#include "common/sha256.h"

cJSON *certificate_create(const cli_options *options) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddNumberToObject(document, "certificate", 1);
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  if (options->ptoas) {
    cJSON_AddStringToObject(document, "ptoas", options->ptoas);
  }
  cJSON_AddArrayToObject(document, "files");
  return document;
}

static void add_function(cJSON *functions, const cJSON *function) {
  static const char *const fields[] = {"name", "verdict", "level", "assumptions"};
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(functions, object);
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    const cJSON *field = cJSON_GetObjectItem(function, fields[i]);
    if (field) {
      cJSON_AddItemToObject(object, fields[i], cJSON_Duplicate(field, true));
    }
  }
}

/* NULL: it could not be read. */
static cJSON *entry_of(const checked_file *file, const file_text *input) {
  char hash[SHA256_TEXT];
  const cJSON *target = cJSON_GetObjectItem(file->report, "target"), *function;
  if (!target) {
    return NULL;
  }
  cJSON *entry = cJSON_CreateObject();
  sha256_text(input->data, input->length, hash);
  cJSON_AddStringToObject(entry, "file", file->name);
  cJSON_AddStringToObject(entry, "sha256", hash);
  cJSON_AddItemToObject(entry, "target", cJSON_Duplicate(target, true));
  cJSON *functions = cJSON_AddArrayToObject(entry, "functions");
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
    add_function(functions, function);
  }
  return entry;
}

void certificate_add_file(cJSON *document, const checked_file *file, const file_text *input) {
  cJSON *entry = entry_of(file, input);
  if (entry) {
    cJSON_AddItemToArray(cJSON_GetObjectItem(document, "files"), entry);
  }
}

/* ---- confirming ----------------------------------------------------------------------- */

static bool is_entry(const cJSON *entry) {
  return cJSON_IsString(cJSON_GetObjectItem(entry, "file")) &&
         cJSON_IsString(cJSON_GetObjectItem(entry, "sha256")) &&
         cJSON_IsString(cJSON_GetObjectItem(entry, "target")) &&
         cJSON_IsArray(cJSON_GetObjectItem(entry, "functions"));
}

cJSON *certificate_parse(const char *path, const char *text) {
  cJSON *document = cJSON_Parse(text);
  const cJSON *files = cJSON_GetObjectItem(document, "files"), *entry;
  bool ok = cJSON_IsNumber(cJSON_GetObjectItem(document, "certificate")) && cJSON_IsArray(files);
  cJSON_ArrayForEach(entry, files) { ok = ok && is_entry(entry); }
  if (!ok) {
    report_error("'%s' is no certificate that --certificate wrote", path);
    cJSON_Delete(document);
    return NULL;
  }
  return document;
}

/* What differs; NULL: nothing. */
static const char *difference(const cJSON *recorded, const cJSON *found) {
  static const struct {
    const char *field, *text;
  } parts[] = {{"sha256", "the file is another one"},
               {"target", "the chip is another one"},
               {"functions", "a check finds something else of its functions"}};
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
    if (!cJSON_Compare(cJSON_GetObjectItem(recorded, parts[i].field),
                       cJSON_GetObjectItem(found, parts[i].field), true)) {
      return parts[i].text;
    }
  }
  return NULL;
}

bool certificate_confirms(FILE *out, const cJSON *recorded, const checked_file *file,
                          const file_text *input) {
  cJSON *found = entry_of(file, input);
  const char *why = found ? difference(recorded, found) : "it cannot be read";
  int count = cJSON_GetArraySize(cJSON_GetObjectItem(recorded, "functions"));
  if (why) {
    fprintf(out, "%s: not confirmed: %s\n", file->name, why);
  } else {
    fprintf(out, "%s: confirmed: %d function%s\n", file->name, count, count == 1 ? "" : "s");
  }
  cJSON_Delete(found);
  return !why;
}
