/* Reads types of the pto dialect from their text, and writes them. MLIR keeps them opaque. */
#include "asm/asm.h"
#include "asm/canon.h"

#include <mlir-c/BuiltinTypes.h>
#include <string.h>

static void append(MlirStringRef text, void *buf) { ptl_strbuf_add(buf, text.data, text.length); }

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word_char(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/* `word<...>`: printed without quotes, whatever stands in the brackets. */
static bool prints_as_it_is(MlirStringRef data) {
  size_t word = 0;
  while (word < data.length && is_letter(data.data[word])) {
    word++;
  }
  return word > 0 && word < data.length && data.data[word] == '<' &&
         data.data[data.length - 1] == '>';
}

/* Printing would set up the names of all dialects for each type. */
ptl_str ptl_type_text(ptl_arena *arena, MlirType type) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  if (mlirTypeIsAOpaque(type) && prints_as_it_is(mlirOpaqueTypeGetData(type))) {
    ptl_strbuf_puts(&text, "!");
    append(mlirOpaqueTypeGetDialectNamespace(type), &text);
    ptl_strbuf_puts(&text, ".");
    append(mlirOpaqueTypeGetData(type), &text);
  } else {
    mlirTypePrint(type, append, &text);
  }
  return (ptl_str){text.data, text.length};
}

/* What of a type's text is still to be parsed. */
typedef struct type_cursor {
  const char *at;
  const char *end;
  ptl_str elem; /* of a tile */
} type_cursor;

static void skip_space(type_cursor *cursor) {
  while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
                                      *cursor->at == '\n' || *cursor->at == '\r')) {
    cursor->at++;
  }
}

/* Takes `text` if it comes next. */
static bool accept(type_cursor *cursor, const char *text) {
  skip_space(cursor);
  size_t length = strlen(text);
  if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0) {
    return false;
  }
  cursor->at += length;
  return true;
}

static bool at_end(type_cursor *cursor) {
  skip_space(cursor);
  return cursor->at == cursor->end;
}

static ptl_str word(type_cursor *cursor) {
  skip_space(cursor);
  const char *begin = cursor->at;
  while (cursor->at < cursor->end && is_word_char(*cursor->at)) {
    cursor->at++;
  }
  return (ptl_str){begin, (size_t)(cursor->at - begin)};
}

/* A non-negative decimal number. */
static bool number(type_cursor *cursor, int64_t *out) {
  skip_space(cursor);
  const char *begin = cursor->at;
  int64_t value = 0;
  while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
    int digit = *cursor->at - '0';
    if (value > (INT64_MAX - digit) / 10) {
      return false;
    }
    value = value * 10 + digit;
    cursor->at++;
  }
  *out = value;
  return cursor->at > begin;
}

/* A number, or -1 for `?` and for -1 itself. */
static bool extent(type_cursor *cursor, int64_t *out) {
  if (accept(cursor, "?") || accept(cursor, "-1")) {
    *out = -1;
    return true;
  }
  return number(cursor, out);
}

/* Two extents and what follows them: `16x512`. */
static bool extent_pair(type_cursor *cursor, int64_t *rows, int64_t *cols) {
  return extent(cursor, rows) && accept(cursor, "x") && extent(cursor, cols);
}

/* An element type, also one of a dialect. */
static ptl_str element(type_cursor *cursor) {
  skip_space(cursor);
  const char *begin = cursor->at;
  while (cursor->at < cursor->end &&
         (is_word_char(*cursor->at) || *cursor->at == '!' || *cursor->at == '.')) {
    cursor->at++;
  }
  return (ptl_str){begin, (size_t)(cursor->at - begin)};
}

static bool elem_of(ptl_str name, ptl_elem *out) {
  *out = ptl_elem_find(name);
  return *out != PTL_ELEM_NONE;
}

static bool space_of(ptl_str name, ptl_space *out) {
  *out = ptl_space_find(name);
  return *out != PTL_SPACE_COUNT;
}

static bool layout_value(ptl_str key, ptl_str value, ptl_tile_type *out) {
  if (ptl_str_is(key, "blayout")) {
    out->blayout_col_major = ptl_str_is(value, "col_major");
    return out->blayout_col_major || ptl_str_is(value, "row_major");
  }
  if (ptl_str_is(value, "none_box")) {
    out->slayout = PTL_SLAYOUT_NONE;
  } else if (ptl_str_is(value, "row_major")) {
    out->slayout = PTL_SLAYOUT_ROW;
  } else if (ptl_str_is(value, "col_major")) {
    out->slayout = PTL_SLAYOUT_COL;
  } else {
    return false;
  }
  return true;
}

/* One `key=value` of either spelling. */
static bool tile_field(type_cursor *cursor, ptl_tile_type *out) {
  ptl_str key = word(cursor);
  if (!accept(cursor, "=")) {
    return false;
  }
  if (ptl_str_is(key, "dtype")) {
    cursor->elem = element(cursor);
    return cursor->elem.length > 0;
  }
  if (ptl_str_is(key, "blayout") || ptl_str_is(key, "slayout")) {
    return layout_value(key, word(cursor), out);
  }
  if (ptl_str_is(key, "valid")) {
    return extent_pair(cursor, &out->valid_rows, &out->valid_cols);
  }
  if (ptl_str_is(key, "v_row") || ptl_str_is(key, "v_col")) {
    return extent(cursor, ptl_str_is(key, "v_row") ? &out->valid_rows : &out->valid_cols);
  }
  static const char *const names[] = {"rows", "cols", "fractal", "pad", "compact"};
  int64_t *const places[] = {&out->rows, &out->cols, &out->fractal, &out->pad, &out->compact};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (ptl_str_is(key, names[i])) {
      return number(cursor, places[i]);
    }
  }
  return false;
}

/* `loc=mat` and the rest as fields, or `mat, 16x512xi8`. */
static bool tile_head(type_cursor *cursor, ptl_tile_type *out) {
  ptl_str first = word(cursor);
  if (ptl_str_is(first, "loc")) {
    return accept(cursor, "=") && space_of(word(cursor), &out->space);
  }
  if (!space_of(first, &out->space) || !accept(cursor, ",") || !number(cursor, &out->rows) ||
      !accept(cursor, "x") || !number(cursor, &out->cols) || !accept(cursor, "x") ||
      (cursor->elem = element(cursor)).length == 0) {
    return false;
  }
  out->valid_rows = out->rows;
  out->valid_cols = out->cols;
  return true;
}

/* Keeps every product of extents far from overflow. No buffer has room for as many rows. */
static bool extents_are_possible(const ptl_tile_type *type) {
  const int64_t most = (int64_t)1 << 20;
  return type->rows > 0 && type->rows <= most && type->cols > 0 && type->cols <= most &&
         type->valid_rows <= most && type->valid_cols <= most;
}

bool ptl_tile_shape_parse(ptl_str text, ptl_tile_type *out, ptl_str *elem) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  *elem = (ptl_str){"", 0};
  *out = (ptl_tile_type){.valid_rows = -1, .valid_cols = -1, .fractal = 512};
  if (!accept(&cursor, "!pto.tile_buf") || !accept(&cursor, "<") || !tile_head(&cursor, out)) {
    return false;
  }
  while (accept(&cursor, ",")) {
    if (!tile_field(&cursor, out)) {
      return false;
    }
  }
  *elem = cursor.elem;
  return accept(&cursor, ">") && at_end(&cursor) && elem->length > 0 && extents_are_possible(out);
}

bool ptl_tile_type_parse(ptl_str text, ptl_tile_type *out) {
  ptl_str elem;
  return ptl_tile_shape_parse(text, out, &elem) && elem_of(elem, &out->elem);
}

bool ptl_tiles_multiply(const ptl_tile_type *left, const ptl_tile_type *right,
                        const ptl_tile_type *acc) {
  return left->cols == right->rows && left->rows == acc->rows && right->cols == acc->cols;
}

/* The rest of a multi tile's type: a whole tile type and the count, or the fields of the short
 * spelling with the count after them. */
static bool slots_of(type_cursor *cursor, ptl_tile_type *out, int64_t *slots) {
  bool is_long = accept(cursor, "!pto.tile_buf");
  if ((is_long && !accept(cursor, "<")) || !tile_head(cursor, out)) {
    return false;
  }
  bool at_count = false;
  while (!at_count && accept(cursor, ",")) {
    at_count = !is_long && accept(cursor, "count");
    if (!at_count && !tile_field(cursor, out)) {
      return false;
    }
  }
  if (is_long) {
    at_count = accept(cursor, ">") && accept(cursor, ",") && accept(cursor, "count");
  }
  return at_count && accept(cursor, "=") && number(cursor, slots);
}

bool ptl_multi_tile_type_parse(ptl_str text, ptl_tile_type *out, int64_t *slots) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  *out = (ptl_tile_type){.valid_rows = -1, .valid_cols = -1, .fractal = 512};
  return accept(&cursor, "!pto.multi_tile_buf") && accept(&cursor, "<") &&
         slots_of(&cursor, out, slots) && accept(&cursor, ">") && at_end(&cursor) && *slots > 0 &&
         *slots <= PTL_MAX_SLOTS && extents_are_possible(out) && elem_of(cursor.elem, &out->elem);
}

/* `before`, which names what follows, and a number. */
static void add_number(ptl_strbuf *out, const char *before, int64_t number) {
  ptl_strbuf_puts(out, before);
  ptl_strbuf_number(out, number);
}

static void add_extent(ptl_strbuf *out, const char *before, int64_t extent) {
  if (extent < 0) {
    ptl_strbuf_puts(out, before);
    ptl_strbuf_puts(out, "?");
  } else {
    add_number(out, before, extent);
  }
}

static void print_tile(const ptl_tile_type *type, ptl_str elem, ptl_strbuf *out) {
  static const char *const slayouts[] = {"none_box", "row_major", "col_major"};
  ptl_strbuf_puts(out, "!pto.tile_buf<loc=");
  ptl_strbuf_puts(out, ptl_space_name(type->space));
  ptl_strbuf_puts(out, ", dtype=");
  ptl_strbuf_add_str(out, elem);
  add_number(out, ", rows=", type->rows);
  add_number(out, ", cols=", type->cols);
  add_extent(out, ", v_row=", type->valid_rows);
  add_extent(out, ", v_col=", type->valid_cols);
  ptl_strbuf_puts(out, type->blayout_col_major ? ", blayout=col_major" : ", blayout=row_major");
  ptl_strbuf_puts(out, ", slayout=");
  ptl_strbuf_puts(out, slayouts[type->slayout]);
  add_number(out, ", fractal=", type->fractal);
  add_number(out, ", pad=", type->pad);
  if (type->compact > 0) {
    add_number(out, ", compact=", type->compact);
  }
  ptl_strbuf_puts(out, ">");
}

void ptl_tile_type_print(const ptl_tile_type *type, ptl_strbuf *out) {
  print_tile(type, ptl_str_of(ptl_elem_name(type->elem)), out);
}

bool ptl_tile_type_respell(ptl_str type, ptl_strbuf *out) {
  ptl_tile_type tile;
  ptl_str elem;
  if (!ptl_tile_shape_parse(type, &tile, &elem)) {
    return false;
  }
  print_tile(&tile, elem, out);
  return true;
}

static bool view_shape(type_cursor *cursor, ptl_view_shape *out) {
  *out = (ptl_view_shape){.is_partition = accept(cursor, "!pto.partition_tensor_view")};
  if ((!out->is_partition && !accept(cursor, "!pto.tensor_view")) || !accept(cursor, "<")) {
    return false;
  }
  int64_t value = 0;
  while (extent(cursor, &value)) {
    if (out->rank == PTL_VIEW_MAX_RANK || !accept(cursor, "x")) {
      return false;
    }
    out->extents[out->rank++] = value;
  }
  out->elem = element(cursor);
  return out->rank > 0 && out->elem.length > 0;
}

bool ptl_view_shape_parse(ptl_str text, ptl_view_shape *out) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  return view_shape(&cursor, out);
}

bool ptl_view_type_parse(ptl_str text, ptl_view_type *out) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  ptl_view_shape shape;
  if (!view_shape(&cursor, &shape) || shape.rank > 2) {
    return false;
  }
  *out = (ptl_view_type){.is_partition = shape.is_partition,
                         .rank = shape.rank,
                         .extents = {shape.extents[0], shape.extents[1]}};
  return elem_of(shape.elem, &out->elem) && accept(&cursor, ">") && at_end(&cursor);
}

ptl_str ptl_ptr_elem(ptl_str text) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  return accept(&cursor, "!pto.ptr") && accept(&cursor, "<") ? element(&cursor) : (ptl_str){"", 0};
}

ptl_elem ptl_ptr_type_parse(ptl_str text) {
  type_cursor cursor = {.at = text.data, .end = text.data + text.length};
  ptl_elem elem = PTL_ELEM_NONE;
  if (!accept(&cursor, "!pto.ptr") || !accept(&cursor, "<") || !elem_of(word(&cursor), &elem)) {
    return PTL_ELEM_NONE;
  }
  if (accept(&cursor, ",") && word(&cursor).length == 0) {
    return PTL_ELEM_NONE;
  }
  return accept(&cursor, ">") && at_end(&cursor) ? elem : PTL_ELEM_NONE;
}
