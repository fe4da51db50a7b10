/* Reads a file of shapes (docs/shapes.md), and says where it is wrong. */
#include "shapes/shapes.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/grow.h"
#include "common/json_read.h"
#include "common/report.h"

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
  const char *unknown = json_unknown_field(entry, known, sizeof(known) / sizeof(known[0]));
  return !unknown || complain(in, "there is no field ", unknown);
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

/* What stands in a table, or goes into the text that is lowered. */
static bool is_plain(const char *text) {
  bool ok = *text != '\0';
  for (; *text; text++) {
    ok = ok && (unsigned char)*text >= ' ' && *text != 0x7f;
  }
  return ok;
}

static bool is_word(const char *text) {
  return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0';
}

/* `ok`, `refused` or `refused PTL032`. */
static bool read_expectation(const cJSON *item, shape_case *out) {
  static const char refused[] = "refused", code[] = "refused PTL";
  const char *text = cJSON_IsString(item) ? item->valuestring : "";
  const char *digits = text + strlen(code);
  out->expects_refusal = strncmp(text, refused, strlen(refused)) == 0;
  if (strcmp(text, "ok") == 0 || strcmp(text, refused) == 0) {
    return true;
  }
  if (strncmp(text, code, strlen(code)) != 0 || strspn(digits, "0123456789") != 3 || digits[3]) {
    return false;
  }
  out->expected_code = atoi(digits);
  return true;
}

/* Another case with the same name is fine, if it is another case. */
static bool is_same(const shape_case *a, const shape_case *b) {
  return a->m == b->m && a->k == b->k && a->n == b->n && a->rhs == b->rhs &&
         a->is_transposed == b->is_transposed && strcmp(a->name, b->name) == 0 &&
         strcmp(a->chip, b->chip) == 0 && strcmp(a->dtype, b->dtype) == 0;
}

static bool add_case(const reader *in, const shape_case *given) {
  shape_list *list = in->list;
  if (list->count == MAX_CASES) {
    return complain(in, "there are more than 10000 cases", "");
  }
  for (size_t i = 0; i < list->count; i++) {
    if (is_same(&list->cases[i], given)) {
      return complain(in, "this case is there twice, for ", given->chip);
    }
  }
  shape_case *cases = grow(list->cases, list->count + 1, &list->capacity, sizeof(*cases));
  if (!cases) {
    return complain(in, "out of memory", "");
  }
  list->cases = cases;
  list->cases[list->count++] = *given;
  return true;
}

/* Whether `chips` lists it. */
static bool lists_chip(const cJSON *chips, const char *name) {
  const cJSON *chip;
  for (int i = 0; (chip = item_at(chips, i)) != NULL; i++) {
    if (cJSON_IsString(chip) && strcmp(chip->valuestring, name) == 0) {
      return true;
    }
  }
  return false;
}

static bool check_expected_chips(const reader *in, const cJSON *chips, const cJSON *expect) {
  const cJSON *item;
  for (item = cJSON_IsObject(expect) ? expect->child : NULL; item; item = item->next) {
    if (!lists_chip(chips, item->string)) {
      return complain(in, "expect names a chip that is not in chips: ", item->string);
    }
  }
  return true;
}

/* The case on each of its chips; what is expected may differ by chip. */
static bool add_chips(const reader *in, const cJSON *entry, shape_case given) {
  const cJSON *chips = cJSON_GetObjectItem(entry, "chips");
  const cJSON *expect = cJSON_GetObjectItem(entry, "expect"), *chip;
  for (int i = 0; (chip = item_at(chips, i)) != NULL; i++) {
    given.expected_code = 0;
    if (!copy_string(chip, given.chip, sizeof(given.chip)) || !is_word(given.chip)) {
      return complain(in, "chips must be a name, or a list of names, as a2a3", "");
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
  for (int a = 0; item_at(m, a); a++) {
    for (int b = 0; item_at(k, b); b++) {
      for (int c = 0; item_at(n, c); c++) {
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
  const cJSON *transposed = cJSON_GetObjectItem(entry, "rhs_transposed");
  size_t before = in->list->count;
  in->name = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "name"));
  if (!cJSON_IsObject(entry) || !check_keys(in, entry)) {
    return cJSON_IsObject(entry) ? false : complain(in, "it must be an object", "");
  }
  if (!copy_string(cJSON_GetObjectItem(entry, "name"), given.name, sizeof(given.name)) ||
      !is_plain(given.name)) {
    in->name = NULL;
    return complain(in, "name must be a line of at most 63 bytes", "");
  }
  if (!copy_string(cJSON_GetObjectItem(entry, "dtype"), given.dtype, sizeof(given.dtype)) ||
      !is_word(given.dtype)) {
    return complain(in, "dtype must be i8, f16, bf16 or f32", "");
  }
  if (rhs && (!as_extent(rhs, &given.rhs) || given.rhs > 64)) {
    return complain(in, "rhs must be a number from 1 to 64", "");
  }
  if (transposed && !cJSON_IsBool(transposed)) {
    return complain(in, "rhs_transposed must be true or false", "");
  }
  given.is_transposed = cJSON_IsTrue(transposed);
  if (!check_expected_chips(in, cJSON_GetObjectItem(entry, "chips"),
                            cJSON_GetObjectItem(entry, "expect"))) {
    return false;
  }
  if (!add_extents(in, entry, given)) {
    return false;
  }
  return in->list->count > before || complain(in, "m, k, n and chips are needed", "");
}

static bool read_document(const char *path, const cJSON *document, shape_list *out) {
  reader in = {.path = path, .list = out};
  const cJSON *entry;
  if (!cJSON_IsArray(document)) {
    report_error("%s: this is not a list, [{\"name\": ...}, ...]", path);
    return false;
  }
  cJSON_ArrayForEach(entry, document) {
    in.index++;
    if (!read_entry(&in, entry)) {
      return false;
    }
  }
  out->results = calloc(out->count + 1, sizeof(*out->results));
  if (out->count == 0) {
    report_error("%s: the list is empty", path);
  }
  return out->results && out->count > 0;
}

bool shapes_read(const char *path, shape_list *out) {
  *out = (shape_list){0};
  cJSON *document = json_read(path);
  bool ok = document && read_document(path, document, out);
  cJSON_Delete(document);
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
