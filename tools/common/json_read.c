/* Reads a JSON document with cJSON, and finds the line and column of an error. */
#include "common/json_read.h"

#include <string.h>

#include "common/files.h"
#include "common/report.h"

static void report_place(const char *path, const char *text, const char *at, const char *what) {
  int line = 1, column = 1;
  for (; text < at; text++) {
    column = *text == '\n' ? 1 : column + 1;
    line += *text == '\n';
  }
  report_error("%s:%d:%d: %s", file_shown(path), line, column, what);
}

/* The first field that an object names twice, at any depth; NULL: there is none. Names count
 * whatever their case, as cJSON finds them. */
static const char *repeated_field(const cJSON *value) {
  const cJSON *item;
  cJSON_ArrayForEach(item, value) {
    if (cJSON_IsObject(value) && cJSON_GetObjectItem(value, item->string) != item) {
      return item->string;
    }
    const char *inner = repeated_field(item);
    if (inner) {
      return inner;
    }
  }
  return NULL;
}

static cJSON *parse(const char *path, const file_text *text) {
  const char *end = NULL;
  cJSON *document = cJSON_ParseWithLengthOpts(text->data, text->length, &end, false);
  if (!document) {
    report_place(path, text->data, end ? end : text->data, "this is not JSON");
    return NULL;
  }
  end += strspn(end, " \t\r\n");
  if (end != text->data + text->length) {
    report_place(path, text->data, end, "there is text behind the JSON");
    cJSON_Delete(document);
    return NULL;
  }
  return document;
}

cJSON *json_read(const char *path) {
  file_text text;
  if (!file_read(path, &text)) {
    return NULL;
  }
  cJSON *document = parse(path, &text);
  const char *repeated = document ? repeated_field(document) : NULL;
  if (repeated) {
    report_error("%s: the field '%s' is there twice", file_shown(path), repeated);
    cJSON_Delete(document);
    document = NULL;
  }
  file_text_free(&text);
  return document;
}

const char *json_unknown_field(const cJSON *object, const char *const *known, size_t count) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    bool found = false;
    for (size_t i = 0; i < count; i++) {
      found = found || strcmp(item->string, known[i]) == 0;
    }
    if (!found) {
      return item->string;
    }
  }
  return NULL;
}
