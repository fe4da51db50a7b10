/* Types of tiles, in both spellings. */
#include "program_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t elem_size(const char *elem) {
  static const struct {
    const char *name;
    int64_t bytes;
  } sizes[] = {{"i8", 1},   {"ui8", 1}, {"si8", 1},  {"i16", 2}, {"f16", 2},
               {"bf16", 2}, {"i32", 4}, {"ui32", 4}, {"f32", 4}, {"i64", 8}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    if (strcmp(sizes[i].name, elem) == 0) {
      return sizes[i].bytes;
    }
  }
  return 0;
}

static const char *const space_names[] = {"mat", "left", "right", "acc", "bias", "scaling", "vec"};

static mut_space space_of(const char *name) {
  for (int i = 0; i < MUT_SPACES; i++) {
    if (strcmp(space_names[i], name) == 0) {
      return (mut_space)i;
    }
  }
  return MUT_SPACES;
}

static int64_t extent(const char *text) { return *text == '?' ? -1 : strtoll(text, NULL, 10); }

static void set_elem(mut_tile_type *tile, const char *elem) {
  (void)snprintf(tile->elem, sizeof(tile->elem), "%.7s", elem);
  tile->elem_bytes = elem_size(tile->elem);
}

/* "16x512xi8" */
static void read_shape(mut_tile_type *tile, const char *item) {
  char *rest;
  tile->rows = strtoll(item, &rest, 10);
  tile->cols = strtoll(rest + 1, &rest, 10);
  set_elem(tile, rest + 1);
  tile->valid_rows = tile->rows;
  tile->valid_cols = tile->cols;
}

static void read_item(mut_tile_type *tile, const char *item) {
  if (mut_starts(item, "loc=")) {
    tile->space = space_of(item + 4);
  } else if (mut_starts(item, "dtype=")) {
    set_elem(tile, item + 6);
  } else if (mut_starts(item, "rows=")) {
    tile->rows = tile->valid_rows = extent(item + 5);
  } else if (mut_starts(item, "cols=")) {
    tile->cols = tile->valid_cols = extent(item + 5);
  } else if (mut_starts(item, "v_row=")) {
    tile->valid_rows = extent(item + 6);
  } else if (mut_starts(item, "v_col=")) {
    tile->valid_cols = extent(item + 6);
  } else if (mut_starts(item, "valid=")) {
    tile->valid_rows = extent(item + 6);
    tile->valid_cols = extent(strchr(item, 'x') ? strchr(item, 'x') + 1 : "?");
  } else if (mut_starts(item, "blayout=")) {
    tile->blocks_col_major = mut_starts(item + 8, "col");
  } else if (mut_starts(item, "slayout=")) {
    tile->inner = mut_starts(item + 8, "row")   ? MUT_INNER_ROW
                  : mut_starts(item + 8, "col") ? MUT_INNER_COL
                                                : MUT_INNER_NONE;
  } else if (mut_starts(item, "fractal=")) {
    tile->fractal = extent(item + 8);
  } else if (mut_starts(item, "compact=")) {
    tile->compact = (int)extent(item + 8);
  } else if (mut_starts(item, "pad=")) {
    (void)snprintf(tile->pad, sizeof(tile->pad), "%.23s", item + 4);
  } else if (isdigit((unsigned char)*item)) {
    read_shape(tile, item);
  } else if (!strchr(item, '=')) {
    tile->space = space_of(item);
  }
}

/* The inside of !pto.tile_buf<...>, in either spelling. */
bool mut_read_tile_type(const char *text, mut_tile_type *tile) {
  if (!mut_starts(text, "!pto.tile_buf<")) {
    return false;
  }
  memset(tile, 0, sizeof(*tile));
  tile->space = MUT_SPACES;
  tile->fractal = 512;
  for (text += strlen("!pto.tile_buf<"); *text && *text != '>';) {
    char item[64];
    size_t length = 0;
    while (*text && *text != ',' && *text != '>') {
      if (*text != ' ' && length + 1 < sizeof(item)) {
        item[length++] = *text;
      }
      text++;
    }
    item[length] = 0;
    read_item(tile, item);
    text += *text == ',';
  }
  return tile->space != MUT_SPACES && tile->elem_bytes > 0 && tile->rows > 0 && tile->cols > 0;
}

/* ", v_row=16", or with a question mark. */
static void write_extent(char *out, size_t size, const char *key, int64_t extent) {
  size_t used = strlen(out);
  if (extent < 0) {
    (void)snprintf(out + used, size - used, ", %s=?", key);
  } else {
    (void)snprintf(out + used, size - used, ", %s=%" PRId64, key, extent);
  }
}

void mut_write_tile_type(const mut_tile_type *type, char *out, size_t size) {
  static const char *const inner[] = {"none_box", "row_major", "col_major"};
  (void)snprintf(out, size, "!pto.tile_buf<loc=%s, dtype=%s", space_names[type->space], type->elem);
  write_extent(out, size, "rows", type->rows);
  write_extent(out, size, "cols", type->cols);
  write_extent(out, size, "v_row", type->valid_rows);
  write_extent(out, size, "v_col", type->valid_cols);
  size_t used = strlen(out);
  (void)snprintf(out + used, size - used,
                 ", blayout=%s_major, slayout=%s, fractal=%" PRId64 ", pad=%s",
                 type->blocks_col_major ? "col" : "row", inner[type->inner], type->fractal,
                 type->pad[0] ? type->pad : "0");
  used = strlen(out);
  if (type->compact) {
    (void)snprintf(out + used, size - used, ", compact=%d", type->compact);
    used = strlen(out);
  }
  (void)snprintf(out + used, size - used, ">");
}
