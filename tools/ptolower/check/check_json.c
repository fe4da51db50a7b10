/* A check's report as JSON (docs/check.md, Formats). */
#include "check/check.h"

static const char *severity_name(ptolower_severity severity) {
  static const char *const names[] = {[PTOLOWER_ERROR] = "error",
                                      [PTOLOWER_WARNING] = "warning",
                                      [PTOLOWER_REMARK] = "remark",
                                      [PTOLOWER_NOTE] = "note"};
  return names[severity];
}

/* File, line, column and text. */
static void add_place(cJSON *object, const ptolower_diagnostic *diagnostic) {
  cJSON_AddStringToObject(object, "message", diagnostic->text);
  if (diagnostic->file) {
    cJSON_AddStringToObject(object, "file", diagnostic->file);
  }
  if (diagnostic->line > 0) {
    cJSON_AddNumberToObject(object, "line", diagnostic->line);
    cJSON_AddNumberToObject(object, "column", diagnostic->column);
  }
}

void json_add_finding(cJSON *findings, const checked_file *file, const check_finding *finding) {
  char code[16];
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(findings, object);
  snprintf(code, sizeof(code), "PTL%03d", finding->head.code);
  cJSON_AddStringToObject(object, "code", code);
  cJSON_AddStringToObject(object, "severity", severity_name(check_severity(finding)));
  add_place(object, &finding->head);
  if (finding->function) {
    cJSON_AddStringToObject(object, "function", finding->function);
  }
  if (finding->allowed) {
    cJSON_AddStringToObject(object, "reason", finding->allowed);
  }
  cJSON *notes = cJSON_AddArrayToObject(object, "notes");
  for (size_t i = 0; i < finding->note_count; i++) {
    ptolower_diagnostic note = ptolower_result_diagnostic(file->result, finding->first_note + i);
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(notes, item);
    add_place(item, &note);
  }
}

static void add_function(cJSON *functions, const cJSON *function) {
  static const char *const fields[] = {"name",  "line",   "column",      "verdict",
                                       "level", "spaces", "assumptions", "flags"};
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(functions, object);
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    const cJSON *field = cJSON_GetObjectItem(function, fields[i]);
    if (field) {
      cJSON_AddItemToObject(object, fields[i], cJSON_Duplicate(field, true));
    }
  }
}

cJSON *json_create(void) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON_AddArrayToObject(document, "files");
  return document;
}

void json_add_file(cJSON *document, const checked_file *file) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(cJSON_GetObjectItem(document, "files"), object);
  cJSON_AddStringToObject(object, "file", file->name);
  cJSON_AddBoolToObject(object, "read", file->report != NULL);
  const cJSON *target = cJSON_GetObjectItem(file->report, "target"), *function;
  if (target) {
    cJSON_AddItemToObject(object, "target", cJSON_Duplicate(target, true));
  }
  cJSON *functions = cJSON_AddArrayToObject(object, "functions");
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
    add_function(functions, function);
  }
  cJSON *findings = cJSON_AddArrayToObject(object, "findings");
  cJSON *allowed = cJSON_AddArrayToObject(object, "allowed");
  check_finding finding;
  for (size_t next = 0; check_next_finding(file, &next, &finding);) {
    json_add_finding(finding.allowed ? allowed : findings, file, &finding);
  }
}

void json_add_totals(cJSON *document, const check_totals *totals) {
  cJSON *object = cJSON_AddObjectToObject(document, "totals");
  cJSON_AddNumberToObject(object, "functions", totals->functions);
  cJSON_AddNumberToObject(object, "proved", totals->proved);
  cJSON_AddNumberToObject(object, "with_findings", totals->with_findings);
  cJSON_AddNumberToObject(object, "not_followed", totals->not_followed);
  cJSON_AddNumberToObject(object, "without_tiles", totals->without_tiles);
  cJSON_AddNumberToObject(object, "unread_files", totals->unread_files);
  cJSON_AddNumberToObject(object, "empty_files", totals->empty_files);
  cJSON_AddNumberToObject(object, "with_allowed_findings_only", totals->allowed);
  cJSON_AddNumberToObject(object, "allowed_findings", totals->allowed_findings);
}
