/* Types of tiles, in both spellings. */
#include "program_text.h"

#include <ctype.h>
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

static mut_space space_of(const char *name) {
  static const char *const names[] = {"mat", "left", "right", "acc", "bias", "scaling", "vec"};
  for (int i = 0; i < MUT_SPACES; i++) {
    if (strcmp(names[i], name) == 0) {
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
