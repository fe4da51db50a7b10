/* A user's own table, from JSON (docs/targets.md).
 *
 * Every field of ptl_target is required, and nothing else is allowed: a budget
 * that is forgotten or misspelt must not turn into a default that does not fit
 * the chip. All errors of a text are reported, not only the first.
 */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <string.h>

#include "target/target.h"

/* No figure of a chip comes near it, and sums and products of a few figures below
 * it do not overflow. */
static const double MAX_VALUE = 1099511627776.0; /* 2^40 */

typedef struct reader {
  ptl_arena *arena;
  ptl_diags *diags;
  ptl_loc loc;
} reader;

/* A field of a struct: its name and place. `at_least` is its least value. */
typedef struct field {
  const char *name;
  size_t offset;
  double at_least;
} field;

static const field WHOLE_FIELDS[] = {
    {"acc_row_multiple", offsetof(ptl_target, acc_row_multiple), 1},
    {"acc_row_multiple_i32", offsetof(ptl_target, acc_row_multiple_i32), 1},
    {"max_matmul_extent", offsetof(ptl_target, max_matmul_extent), 1},
    {"max_store_columns", offsetof(ptl_target, max_store_columns), 1},
    {"fp32_passes", offsetof(ptl_target, fp32_passes), 1},
    {"event_ids_per_pipe_pair", offsetof(ptl_target, event_ids_per_pipe_pair), 1},
};
enum { WHOLE_COUNT = sizeof(WHOLE_FIELDS) / sizeof(WHOLE_FIELDS[0]) };

/* Overheads may be zero, speeds may not. */
static const field RATE_FIELDS[] = {
    {"gm_to_mat_bytes_per_cycle", offsetof(ptl_rates, gm_to_mat_bytes_per_cycle), 1e-6},
    {"load_fixed_cycles", offsetof(ptl_rates, load_fixed_cycles), 0},
    {"mat_to_left_bytes_per_cycle", offsetof(ptl_rates, mat_to_left_bytes_per_cycle), 1e-6},
    {"mat_to_right_bytes_per_cycle", offsetof(ptl_rates, mat_to_right_bytes_per_cycle), 1e-6},
    {"acc_drain_bytes_per_cycle", offsetof(ptl_rates, acc_drain_bytes_per_cycle), 1e-6},
    {"drain_fixed_cycles", offsetof(ptl_rates, drain_fixed_cycles), 0},
    {"drain_row_cycles", offsetof(ptl_rates, drain_row_cycles), 0},
    {"matmul_head_cycles", offsetof(ptl_rates, matmul_head_cycles), 0},
    {"issue_cycles", offsetof(ptl_rates, issue_cycles), 0},
};
enum { RATE_COUNT = sizeof(RATE_FIELDS) / sizeof(RATE_FIELDS[0]) };

static const char *const OTHER_FIELDS[] = {"name",
                                           "ptoas_arch",
                                           "left_is_col_major",
                                           "event_ids_per_carried_pair",
                                           "capacity_bytes",
                                           "alignment_bytes",
                                           "rates"};
enum { OTHER_COUNT = sizeof(OTHER_FIELDS) / sizeof(OTHER_FIELDS[0]) };
enum { MAX_NAMES = WHOLE_COUNT + OTHER_COUNT };

static void fail(reader *in, ptl_code code, const char *path, const char *problem) {
  ptl_diag_add(in->diags, code, in->loc, "target field '%s' %s", path, problem);
}

/* "rates[0]" and "issue_cycles" -> "rates[0].issue_cycles"; the root's path is "". */
static const char *join(reader *in, const char *path, const char *name) {
  return path[0] ? ptl_arena_printf(in->arena, "%s.%s", path, name) : name;
}

/* Every member of `object` must be one of `names` and stand there once. */
static void check_members(reader *in, const cJSON *object, const char *path,
                          const char *const *names, int count) {
  bool seen[MAX_NAMES] = {false};
  const cJSON *member = NULL;
  cJSON_ArrayForEach(member, object) {
    int i = 0;
    while (i < count && strcmp(member->string, names[i]) != 0) {
      i++;
    }
    if (i == count) {
      fail(in, PTL_CODE_TARGET_FIELD_UNKNOWN, join(in, path, member->string), "is unknown");
    } else if (seen[i]) {
      fail(in, PTL_CODE_TARGET_FIELD_TWICE, join(in, path, member->string), "is there twice");
    } else {
      seen[i] = true;
    }
  }
}

static const cJSON *member_of(reader *in, const cJSON *object, const char *path, const char *name) {
  const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!member) {
    fail(in, PTL_CODE_TARGET_FIELD_MISSING, join(in, path, name), "is missing");
  }
  return member;
}

static double read_number(reader *in, const cJSON *object, const char *path, const char *name,
                          double at_least, bool whole) {
  const cJSON *member = member_of(in, object, path, name);
  if (!member) {
    return 0;
  }
  const char *full = join(in, path, name);
  if (!cJSON_IsNumber(member)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "must be a number");
    return 0;
  }
  double value = member->valuedouble;
  if (value < 0) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "is negative");
  } else if (value == 0 && at_least > 0) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "is zero");
  } else if (!(value <= MAX_VALUE)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "is too big: the limit is 2^40");
  } else if (whole && value != (double)(int64_t)value) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "must be a whole number");
  } else if (value < at_least) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, full, "is too small");
  } else {
    return value;
  }
  return 0;
}

static const char *read_text(reader *in, const cJSON *object, const char *name) {
  const cJSON *member = member_of(in, object, "", name);
  if (!member) {
    return "";
  }
  const char *text = cJSON_GetStringValue(member);
  if (!text || !text[0]) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, name, "must be a text that is not empty");
    return "";
  }
  return ptl_arena_copy(in->arena, text, strlen(text));
}

/* One number for each space. */
static void read_spaces(reader *in, const cJSON *root, const char *name, int64_t *out) {
  const cJSON *object = member_of(in, root, "", name);
  if (!object) {
    return;
  }
  if (!cJSON_IsObject(object)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, name, "must be an object with a number for each buffer");
    return;
  }
  const char *names[PTL_SPACE_COUNT];
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    names[space] = ptl_space_name((ptl_space)space);
    out[space] = (int64_t)read_number(in, object, name, names[space], 1, true);
  }
  check_members(in, object, name, names, PTL_SPACE_COUNT);
}

static void read_rate(reader *in, const cJSON *object, int index, ptl_rates *out) {
  const char *path = ptl_arena_printf(in->arena, "rates[%d]", index);
  if (!cJSON_IsObject(object)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, path, "must be an object");
    return;
  }
  const char *names[RATE_COUNT + 2] = {"name", [RATE_COUNT + 1] = "is_guard"};
  for (int i = 0; i < RATE_COUNT; i++) {
    const field *f = &RATE_FIELDS[i];
    names[i + 1] = f->name;
    double value = read_number(in, object, path, f->name, f->at_least, false);
    memcpy((char *)out + f->offset, &value, sizeof(value));
  }
  check_members(in, object, path, names, RATE_COUNT + 2);
  const cJSON *guards = cJSON_GetObjectItemCaseSensitive(object, "is_guard");
  out->is_guard = cJSON_IsTrue(guards);
  if (guards && !cJSON_IsBool(guards)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, join(in, path, "is_guard"), "must be true or false");
  }
  const cJSON *name = member_of(in, object, path, "name");
  const char *text = name ? cJSON_GetStringValue(name) : NULL;
  if (name && (!text || !text[0])) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, join(in, path, "name"),
         "must be a text that is not empty");
  } else if (text) {
    out->name = ptl_arena_copy(in->arena, text, strlen(text));
  }
}

static void read_rates(reader *in, const cJSON *root, ptl_target *out) {
  const cJSON *array = member_of(in, root, "", "rates");
  if (!array) {
    return;
  }
  int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
  if (count < 1 || count > PTL_MAX_RATES) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "rates", "must be an array of 1 to 6 calibrations");
    return;
  }
  const cJSON *element = NULL;
  cJSON_ArrayForEach(element, array) {
    read_rate(in, element, out->rate_count, &out->rates[out->rate_count]);
    out->rate_count++;
  }
}

/* ptoas lays Left out by the family, so that the other layout would be a wrong table. */
static void read_left(reader *in, const cJSON *root, const ptl_family *family) {
  const cJSON *is_col_major = member_of(in, root, "", "left_is_col_major");
  if (is_col_major && !cJSON_IsBool(is_col_major)) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "left_is_col_major", "must be true or false");
  } else if (is_col_major && family && cJSON_IsTrue(is_col_major) != family->left_is_col_major) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "left_is_col_major",
         ptl_arena_printf(in->arena, "must be %s: so ptoas lays Left out for \"%s\"",
                          family->left_is_col_major ? "true" : "false", family->arch));
  }
}

static void read_family(reader *in, const cJSON *root, ptl_target *out) {
  const char *arch = read_text(in, root, "ptoas_arch");
  out->family = ptl_family_find(arch);
  if (arch[0] && !out->family) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "ptoas_arch",
         "must be \"a3\" or \"a5\": ptoas knows no other");
  }
  read_left(in, root, out->family);
}

/* The table says itself what its ptoas asks of addresses and what a dependence takes. */
static void read_ptoas(reader *in, const cJSON *root, ptl_target *out) {
  ptl_ptoas *ptoas = ptl_arena_alloc(in->arena, sizeof(*ptoas));
  *ptoas = PTL_PTOAS_STRICTEST;
  memset(ptoas->alignment_bytes, 0, sizeof(ptoas->alignment_bytes));
  ptoas->event_ids_per_carried_pair =
      (int64_t)read_number(in, root, "", "event_ids_per_carried_pair", 1, true);
  out->ptoas = ptoas;
}

static void read_fields(reader *in, const cJSON *root, ptl_target *out) {
  const char *names[MAX_NAMES];
  memcpy(names, OTHER_FIELDS, sizeof(OTHER_FIELDS));
  for (int i = 0; i < WHOLE_COUNT; i++) {
    const field *f = &WHOLE_FIELDS[i];
    names[OTHER_COUNT + i] = f->name;
    int64_t value = (int64_t)read_number(in, root, "", f->name, f->at_least, true);
    memcpy((char *)out + f->offset, &value, sizeof(value));
  }
  check_members(in, root, "", names, MAX_NAMES);
  out->name = read_text(in, root, "name");
  read_family(in, root, out);
  read_ptoas(in, root, out);
  read_spaces(in, root, "capacity_bytes", out->capacity_bytes);
  read_spaces(in, root, "alignment_bytes", out->alignment_bytes);
  read_rates(in, root, out);
}

/* What the fields mean together. Only for a table whose fields are good. */
static void check_meaning(reader *in, const ptl_target *target) {
  if (target->acc_row_multiple % 16 != 0) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "acc_row_multiple",
         "must be a multiple of 16, the rows of a fractal");
  }
  if (target->acc_row_multiple_i32 % 16 != 0) {
    fail(in, PTL_CODE_TARGET_FIELD_VALUE, "acc_row_multiple_i32",
         "must be a multiple of 16, the rows of a fractal");
  }
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    if (target->alignment_bytes[space] % 32 != 0) {
      const char *name = ptl_space_name((ptl_space)space);
      fail(in, PTL_CODE_TARGET_FIELD_VALUE, join(in, "alignment_bytes", name),
           "must be a multiple of 32: ptoas wants no less");
    }
  }
}

static void report_syntax(reader *in, ptl_str text, const char *stop, const char *problem) {
  ptl_loc loc = in->loc;
  loc.line = 1;
  loc.column = 1;
  size_t at = stop ? (size_t)(stop - text.data) : 0;
  for (size_t i = 0; i < at && i < text.length; i++) {
    loc.column = text.data[i] == '\n' ? 1 : loc.column + 1;
    loc.line += text.data[i] == '\n';
  }
  ptl_diag_add(in->diags, PTL_CODE_TARGET_SYNTAX, loc, "%s", problem);
}

static bool only_space_left(ptl_str text, const char *stop) {
  for (const char *c = stop; c < text.data + text.length; c++) {
    if (*c != ' ' && *c != '\t' && *c != '\r' && *c != '\n') {
      return false;
    }
  }
  return true;
}

static void read_document(reader *in, ptl_str text, const cJSON *root, const char *stop,
                          ptl_target *out) {
  if (!root) {
    report_syntax(in, text, stop, "this is not JSON");
  } else if (!only_space_left(text, stop)) {
    report_syntax(in, text, stop, "there is text behind the JSON object");
  } else if (!cJSON_IsObject(root)) {
    report_syntax(in, text, NULL, "a target must be a JSON object");
  } else {
    size_t errors = in->diags->error_count;
    read_fields(in, root, out);
    if (in->diags->error_count == errors) {
      check_meaning(in, out);
    }
  }
}

ptl_status ptl_target_from_json(ptl_arena *arena, ptl_str text, const char *file, ptl_diags *diags,
                                const ptl_target **out) {
  reader in = {arena, diags, {.file = file}};
  size_t errors = diags->error_count;
  ptl_target *target = ptl_arena_alloc(arena, sizeof(*target));
  const char *stop = NULL;
  cJSON *root = cJSON_ParseWithLengthOpts(text.data, text.length, &stop, false);
  read_document(&in, text, root, stop, target);
  cJSON_Delete(root);
  if (diags->error_count != errors) {
    return PTL_REFUSED;
  }
  *out = target;
  return PTL_OK;
}
