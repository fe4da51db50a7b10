/* Reads and writes arrays: .npy of version 1 in C order, and raw bytes. */
#include "sim/sim_npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/report.h"

typedef struct type_name {
  const char *descr; /* as numpy writes it */
  const char *type;
  size_t bytes;
} type_name;

static const type_name types[] = {
    {"|i1", "i8", 1},   {"|u1", "ui8", 1},  {"<i2", "i16", 2}, {"<i4", "i32", 4}, {"<f2", "f16", 2},
    {"<f4", "f32", 4},  {"<u2", "b2", 2},   {"<V2", "b2", 2},  {"|V2", "b2", 2},  {"|b1", "ui8", 1},
    {"<u2", "bf16", 2}, {"<u4", "ui32", 4}, {"<i8", "i64", 8}};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]), MAGIC_BYTES = 10 };

bool npy_fits(const char *array_type, const char *tensor_type) {
  return strcmp(array_type, tensor_type) == 0 ||
         (strcmp(array_type, "b2") == 0 && strcmp(tensor_type, "bf16") == 0);
}

static const type_name *find_type(const char *quoted) {
  for (size_t i = 0; i < TYPE_COUNT; i++) {
    size_t length = strlen(types[i].descr);
    if (strncmp(quoted + 1, types[i].descr, length) == 0 && quoted[1 + length] == quoted[0]) {
      return &types[i];
    }
  }
  return NULL;
}

/* What stands after 'key': in the header's dictionary; NULL if there is none. */
static const char *value_of(const char *header, const char *key) {
  const char *at = strstr(header, key);
  at = at ? strchr(at, ':') : NULL;
  return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static bool parse_shape(const char *at, npy_array *out) {
  if (*at++ != '(') {
    return false;
  }
  for (at += strspn(at, " ,"); *at != ')'; at += strspn(at, " ,")) {
    char *end;
    long long extent = strtoll(at, &end, 10);
    if (end == at || extent < 0 || out->rank == NPY_MAX_RANK) {
      return false;
    }
    out->shape[out->rank++] = extent;
    at = end;
  }
  return true;
}

/* The header's text is NUL-terminated. */
static bool parse_header(const char *header, npy_array *out) {
  const char *descr = value_of(header, "'descr'");
  const char *order = value_of(header, "'fortran_order'");
  const char *shape = value_of(header, "'shape'");
  const type_name *type = descr ? find_type(descr) : NULL;
  if (!type || !order || strncmp(order, "False", 5) != 0 || !shape || !parse_shape(shape, out)) {
    return false;
  }
  snprintf(out->type, sizeof(out->type), "%s", type->type);
  size_t expected = type->bytes;
  for (int i = 0; i < out->rank; i++) {
    if (out->shape[i] > 0 && expected > SIZE_MAX / (size_t)out->shape[i]) {
      return false;
    }
    expected *= (size_t)out->shape[i];
  }
  return expected == out->size;
}

static bool parse_file(file_text *text, npy_array *out) {
  const unsigned char *bytes = (const unsigned char *)text->data;
  if (text->length < MAGIC_BYTES || memcmp(bytes, "\x93NUMPY\x01", 7) != 0) {
    return false;
  }
  size_t length = bytes[8] | (size_t)bytes[9] << 8;
  if (length == 0 || MAGIC_BYTES + length > text->length) {
    return false;
  }
  out->data = text->data + MAGIC_BYTES + length;
  out->size = text->length - MAGIC_BYTES - length;
  text->data[MAGIC_BYTES + length - 1] = '\0'; /* in place of its newline */
  return parse_header(text->data + MAGIC_BYTES, out);
}

bool npy_read(const char *path, npy_array *out) {
  file_text text;
  *out = (npy_array){.rank = 0};
  if (!file_read(path, &text)) {
    return false;
  }
  out->file = text.data;
  if (!parse_file(&text, out)) {
    report_error("'%s' is no .npy file of version 1 in C order, of i1, u1, i2, i4, f2, f4 or u2",
                 path);
    npy_free(out);
    return false;
  }
  return true;
}

void npy_free(npy_array *array) {
  free(array->file);
  array->file = NULL;
}

static const char *descr_of(const char *type) {
  for (size_t i = 0; i < TYPE_COUNT; i++) {
    if (strcmp(types[i].type, type) == 0) {
      return types[i].descr;
    }
  }
  return "|u1";
}

enum { HEADER_MAX = 320, HEADER_ALIGN = 64 };

/* Magic, length and dictionary; returns the bytes of all. */
static size_t write_header(char *out, const char *type, const int64_t *shape, int rank) {
  char *text = out + MAGIC_BYTES;
  size_t room = HEADER_MAX - MAGIC_BYTES;
  size_t used = (size_t)snprintf(text, room, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                                 descr_of(type));
  for (int i = 0; i < rank; i++) {
    used += (size_t)snprintf(text + used, room - used, "%lld,%s", (long long)shape[i],
                             i + 1 < rank ? " " : "");
  }
  used += (size_t)snprintf(text + used, room - used, "), }");
  while ((MAGIC_BYTES + used + 1) % HEADER_ALIGN != 0) {
    text[used++] = ' ';
  }
  text[used++] = '\n';
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = (char)(used & 0xff);
  out[9] = (char)(used >> 8);
  return MAGIC_BYTES + used;
}

char *npy_format(const char *type, const int64_t *shape, int rank, const void *data, size_t size,
                 size_t *length) {
  char *whole = malloc(HEADER_MAX + HEADER_ALIGN + size);
  if (whole) {
    size_t header = write_header(whole, type, shape, rank);
    memcpy(whole + header, data, size);
    *length = header + size;
  }
  return whole;
}
