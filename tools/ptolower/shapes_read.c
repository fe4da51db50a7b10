#include "shapes.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "report.h"

enum { MAX_CASES = 10000, MAX_EXTENT = 1 << 24 };

/* The entry that is being read, for messages. */
typedef struct reader {
  const char *path;
  const char *name;
  int index;
  shape_list *list;
} reader;

static bool complain(const reader *in, const char *text, const char *what) {
  report_error("%s: shape %d%s%s%s: %s%s", in->path, in->index, in->name ? " (" : "",
               in->name ? in->name : "", in->name ? ")" : "", text, what);
  return false;
}

static bool check_keys(const reader *in, const cJSON *entry) {
  static const char *const known[] = {"name", "m",     "k",      "n",      "dtype",
                                      "rhs",  "chips", "expect", "source", "rhs_transposed"};
  const cJSON *item;
  cJSON_ArrayForEach(item, entry) {
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
      found = found || strcmp(item->string, known[i]) == 0;
    }
    if (!found) {
      return complain(in, "there is no field ", item->string);
    }
  }
  return true;
}

static bool as_extent(const cJSON *item, int *out) {
  bool ok = cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= MAX_EXTENT &&
            item->valuedouble == floor(item->valuedouble);
  *out = ok ? (int)item->valuedouble : 0;
  return ok;
}

/* A list's item, or the value itself if it is none. */
static const cJSON *item_at(const cJSON *value, int index) {
  return cJSON_IsArray(value) ? cJSON_GetArrayItem(value, index) : index == 0 ? value : NULL;
}

static bool copy_string(const cJSON *item, char *out, size_t size) {
  bool ok = cJSON_IsString(item) && *item->valuestring && strlen(item->valuestring) < size;
  if (ok) {
    memcpy(out, item->valuestring, strlen(item->valuestring) + 1);
  }
  return ok;
}

/* `ok`, `refused` or `refused PTL032`. */
static bool read_expectation(const cJSON *item, shape_case *out) {
  int length = 0;
  const char *text = cJSON_IsString(item) ? item->valuestring : "";
  out->expects_refusal = strncmp(text, "refused", 7) == 0;
  if (!out->expects_refusal || !text[7]) {
    return out->expects_refusal || strcmp(text, "ok") == 0;
  }
  return sscanf(text, "refused PTL%3d%n", &out->expected_code, &length) == 1 && !text[length];
}

static bool add_case(const reader *in, const shape_case *given) {
  shape_list *list = in->list;
  if (list->count == MAX_CASES) {
    return complain(in, "there are too many cases", "");
  }
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    shape_case *cases = realloc(list->cases, capacity * sizeof *cases);
    if (!cases) {
      return complain(in, "out of memory", "");
    }
    list->cases = cases;
    list->capacity = capacity;
  }
  list->cases[list->count++] = *given;
  return true;
}

/* The case on each of its chips; what is expected may differ by chip. */
static bool add_chips(const reader *in, const cJSON *entry, shape_case given) {
  const cJSON *chips = cJSON_GetObjectItem(entry, "chips");
  const cJSON *expect = cJSON_GetObjectItem(entry, "expect"), *chip;
  for (int i = 0; (chip = item_at(chips, i)) != NULL; ++i) {
    given.expected_code = 0;
    if (!copy_string(chip, given.chip, sizeof given.chip)) {
      return complain(in, "chips must be names", "");
    }
    const cJSON *own = cJSON_IsObject(expect) ? cJSON_GetObjectItem(expect, given.chip) : expect;
    if (!read_expectation(own, &given)) {
      return complain(in, "expect must be \"ok\", \"refused\" or \"refused PTLnnn\", for ",
                      given.chip);
    }
    if (!add_case(in, &given)) {
      return false;
    }
  }
  return true;
}

static bool add_extents(const reader *in, const cJSON *entry, shape_case given) {
  const cJSON *m = cJSON_GetObjectItem(entry, "m"), *k = cJSON_GetObjectItem(entry, "k");
  const cJSON *n = cJSON_GetObjectItem(entry, "n");
  for (int a = 0; item_at(m, a); ++a) {
    for (int b = 0; item_at(k, b); ++b) {
      for (int c = 0; item_at(n, c); ++c) {
        if (!as_extent(item_at(m, a), &given.m) || !as_extent(item_at(k, b), &given.k) ||
            !as_extent(item_at(n, c), &given.n)) {
          return complain(in, "m, k and n must be whole numbers above zero, or lists of them", "");
        }
        if (!add_chips(in, entry, given)) {
          return false;
        }
      }
    }
  }
  return true;
}

static bool read_entry(reader *in, const cJSON *entry) {
  shape_case given = {.rhs = 2};
  const cJSON *rhs = cJSON_GetObjectItem(entry, "rhs");
  size_t before = in->list->count;
  in->name = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "name"));
  if (!cJSON_IsObject(entry) || !check_keys(in, entry)) {
    return cJSON_IsObject(entry) ? false : complain(in, "it must be an object", "");
  }
  if (!copy_string(cJSON_GetObjectItem(entry, "name"), given.name, sizeof given.name)) {
    return complain(in, "name must be a word of at most 63 characters", "");
  }
  if (!copy_string(cJSON_GetObjectItem(entry, "dtype"), given.dtype, sizeof given.dtype)) {
    return complain(in, "dtype must be i8, f16, bf16 or f32", "");
  }
  if (rhs && (!as_extent(rhs, &given.rhs) || given.rhs > 64)) {
    return complain(in, "rhs must be a number from 1 to 64", "");
  }
  given.is_transposed = cJSON_IsTrue(cJSON_GetObjectItem(entry, "rhs_transposed"));
  if (!add_extents(in, entry, given)) {
    return false;
  }
  return in->list->count > before || complain(in, "m, k, n and chips are needed", "");
}

static bool read_document(const char *path, const cJSON *document, shape_list *out) {
  reader in = {.path = path, .list = out};
  const cJSON *entry;
  if (!cJSON_IsArray(document)) {
    report_error("%s: this is no list in JSON", path);
    return false;
  }
  cJSON_ArrayForEach(entry, document) {
    ++in.index;
    if (!read_entry(&in, entry)) {
      return false;
    }
  }
  out->results = calloc(out->count + 1, sizeof *out->results);
  return out->results && (out->count > 0 || complain(&in, "the list is empty", ""));
}

bool shapes_read(const char *path, shape_list *out) {
  file_text text;
  *out = (shape_list){0};
  if (!file_read(path, &text)) {
    return false;
  }
  cJSON *document = cJSON_Parse(text.data);
  bool ok = read_document(path, document, out);
  cJSON_Delete(document);
  file_text_free(&text);
  if (!ok) {
    shapes_free(out);
  }
  return ok;
}

void shapes_free(shape_list *list) {
  free(list->cases);
  free(list->results);
  *list = (shape_list){0};
}
