/* SARIF 2.1.0: one run over all files. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "support/codes.h"

static cJSON *add_object(cJSON *array) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(array, object);
  return object;
}

static void add_message(cJSON *object, const char *name, const char *text) {
  cJSON_AddStringToObject(cJSON_AddObjectToObject(object, name), "text", text);
}

static cJSON *the_run(const cJSON *document) {
  return cJSON_GetArrayItem(cJSON_GetObjectItem(document, "runs"), 0);
}

/* ---- rules ---------------------------------------------------------------- */

static const char *level_of(ptolower_severity severity) {
  return severity == PTOLOWER_ERROR ? "error" : severity == PTOLOWER_WARNING ? "warning" : "note";
}

static void print_id(int number, char text[static 16]) { snprintf(text, 16, "PTL%03d", number); }

/* `mixed-sum` as `MixedSum`: what SARIF's readers expect of a name. */
static void print_name(const char *name, char text[static 64]) {
  size_t length = 0;
  bool begins = true;
  for (; *name && length < 63; name++) {
    if (*name != '-') {
      text[length++] = (char)(begins ? toupper((unsigned char)*name) : *name);
    }
    begins = *name == '-';
  }
  text[length] = '\0';
}

static void add_rule(cJSON *rules, const ptl_diag_row *row) {
  char id[16], name[64];
  cJSON *object = add_object(rules);
  print_id((int)row->code, id);
  print_name(row->name, name);
  cJSON_AddStringToObject(object, "id", id);
  cJSON_AddStringToObject(object, "name", name);
  add_message(object, "shortDescription", row->summary);
  add_message(object, "fullDescription", row->meaning);
  add_message(object, "help", row->cure[0] ? row->cure : row->summary);
  cJSON *configuration = cJSON_AddObjectToObject(object, "defaultConfiguration");
  cJSON_AddStringToObject(configuration, "level",
                          level_of((ptolower_severity)ptl_grade_severity(row->grade)));
}

/* The rule's index; a code that is no finding of a check (the text cannot be read) becomes one. */
static int rule_index(const cJSON *document, const ptolower_diagnostic *diagnostic) {
  char id[16];
  int index = 0;
  cJSON *driver = cJSON_GetObjectItem(cJSON_GetObjectItem(the_run(document), "tool"), "driver");
  cJSON *rules = cJSON_GetObjectItem(driver, "rules"), *rule;
  print_id(diagnostic->code, id);
  cJSON_ArrayForEach(rule, rules) {
    if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(rule, "id")), id) == 0) {
      return index;
    }
    index++;
  }
  add_rule(rules, ptl_diag_row_of(diagnostic->code));
  return index;
}

/* ---- places --------------------------------------------------------------- */

/* A path as a reference: what has no place in one is escaped. To be freed. */
static char *uri_of(const char *path) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  char *uri = malloc(3 * strlen(path) + sizeof "file://");
  if (!uri) {
    return NULL;
  }
  char *at = uri + sprintf(uri, "%s", path[0] == '/' ? "file://" : "");
  for (; *path; path++) {
    if (strchr(plain, *path)) {
      *at++ = *path;
    } else {
      at += sprintf(at, "%%%02X", (unsigned)(unsigned char)*path);
    }
  }
  *at = '\0';
  return uri;
}

/* How many characters are marked from the place of a diagnostic on; 0: its line is not known. */
static int marked_length(const ptolower_result *result, size_t index) {
  enum { WIDTH = 1000 };
  const char *marks = ptolower_result_diagnostic_excerpt(result, index, WIDTH).marks;
  const char *place = marks ? strchr(marks, '^') : NULL;
  return place ? 1 + (int)strspn(place + 1, "~") : 0;
}

static void add_region(cJSON *physical, const ptolower_diagnostic *diagnostic, int length) {
  int column = diagnostic->column > 0 ? diagnostic->column : 1;
  cJSON *region = cJSON_AddObjectToObject(physical, "region");
  cJSON_AddNumberToObject(region, "startLine", diagnostic->line);
  cJSON_AddNumberToObject(region, "startColumn", column);
  if (length > 0) {
    cJSON_AddNumberToObject(region, "endColumn", column + length);
  }
}

/* `length`: of what is marked; 0: it is not known. */
static void add_physical(cJSON *location, const ptolower_diagnostic *diagnostic, int length) {
  if (!diagnostic->file) {
    return;
  }
  cJSON *physical = cJSON_AddObjectToObject(location, "physicalLocation");
  cJSON *artifact = cJSON_AddObjectToObject(physical, "artifactLocation");
  char *uri = uri_of(diagnostic->file);
  cJSON_AddStringToObject(artifact, "uri", uri ? uri : "");
  free(uri);
  if (diagnostic->line > 0) {
    add_region(physical, diagnostic, length);
  }
}

static void add_function(cJSON *location, const char *function) {
  cJSON *logical = add_object(cJSON_AddArrayToObject(location, "logicalLocations"));
  cJSON_AddStringToObject(logical, "name", function);
  cJSON_AddStringToObject(logical, "kind", "function");
}

/* ---- results -------------------------------------------------------------- */

static void add_notes(cJSON *result, const checked_file *file, const check_finding *finding) {
  if (finding->note_count == 0) {
    return;
  }
  cJSON *related = cJSON_AddArrayToObject(result, "relatedLocations");
  for (size_t i = 0; i < finding->note_count; i++) {
    ptolower_diagnostic note = ptolower_result_diagnostic(file->result, finding->first_note + i);
    cJSON *location = add_object(related);
    cJSON_AddNumberToObject(location, "id", (double)(i + 1));
    add_physical(location, &note, marked_length(file->result, finding->first_note + i));
    add_message(location, "message", note.text);
  }
}

static void add_result(const cJSON *document, const checked_file *file,
                       const check_finding *finding) {
  char id[16];
  cJSON *result = add_object(cJSON_GetObjectItem(the_run(document), "results"));
  print_id(finding->head.code, id);
  cJSON_AddStringToObject(result, "ruleId", id);
  cJSON_AddNumberToObject(result, "ruleIndex", rule_index(document, &finding->head));
  cJSON_AddStringToObject(result, "level", level_of(check_severity(finding)));
  add_message(result, "message", finding->head.text);
  cJSON *location = add_object(cJSON_AddArrayToObject(result, "locations"));
  add_physical(location, &finding->head, marked_length(file->result, finding->first_note - 1));
  if (finding->function) {
    add_function(location, finding->function);
  }
  add_notes(result, file, finding);
  if (finding->allowed) {
    cJSON *suppression = add_object(cJSON_AddArrayToObject(result, "suppressions"));
    bool is_known = strcmp(finding->allowed, PTOLOWER_IN_BASELINE) == 0;
    cJSON_AddStringToObject(suppression, "kind", is_known ? "external" : "inSource");
    cJSON_AddStringToObject(suppression, "justification", finding->allowed);
  }
}

static void note_failure(const cJSON *document, const checked_file *file) {
  cJSON *invocation = cJSON_GetArrayItem(cJSON_GetObjectItem(the_run(document), "invocations"), 0);
  cJSON_ReplaceItemInObject(invocation, "executionSuccessful", cJSON_CreateFalse());
  cJSON *list = cJSON_GetObjectItem(invocation, "toolExecutionNotifications");
  cJSON *notification =
      add_object(list ? list : cJSON_AddArrayToObject(invocation, "toolExecutionNotifications"));
  cJSON_AddStringToObject(notification, "level", "error");
  add_message(notification, "message", "the file could not be read");
  ptolower_diagnostic place = {.file = file->name};
  add_physical(add_object(cJSON_AddArrayToObject(notification, "locations")), &place, 0);
}

void sarif_add_file(cJSON *document, const checked_file *file) {
  check_finding finding;
  if (!file->result) {
    note_failure(document, file);
  }
  for (size_t next = 0; check_next_finding(file, &next, &finding);) {
    add_result(document, file, &finding);
  }
}

cJSON *sarif_create(void) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  cJSON_AddStringToObject(document, "version", "2.1.0");
  cJSON *run = add_object(cJSON_AddArrayToObject(document, "runs"));
  cJSON *driver = cJSON_AddObjectToObject(cJSON_AddObjectToObject(run, "tool"), "driver");
  cJSON_AddStringToObject(driver, "name", "ptolower");
  cJSON_AddStringToObject(driver, "version", ptolower_version());
  cJSON *rules = cJSON_AddArrayToObject(driver, "rules");
  for (size_t i = 0; ptolower_check_rule(i).code; i++) {
    add_rule(rules, ptl_diag_row_of(ptolower_check_rule(i).code));
  }
  cJSON *invocation = add_object(cJSON_AddArrayToObject(run, "invocations"));
  cJSON_AddTrueToObject(invocation, "executionSuccessful");
  cJSON_AddArrayToObject(run, "results");
  return document;
}
