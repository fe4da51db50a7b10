/* Reads the C++ of a kernel line by line. */
#include "flags/written_lines.h"

#include <string.h>

/* ---- lines and words ------------------------------------------------------------------- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* The next line from `*at` on, without blanks around it; false past the last. */
static bool next_line(ptl_str text, size_t *at, ptl_str *out) {
  if (*at >= text.length) {
    return false;
  }
  size_t begin = *at, end = begin;
  while (end < text.length && text.data[end] != '\n') {
    end++;
  }
  *at = end + 1;
  while (begin < end && is_blank(text.data[begin])) {
    begin++;
  }
  while (end > begin && is_blank(text.data[end - 1])) {
    end--;
  }
  *out = (ptl_str){text.data + begin, end - begin};
  return true;
}

/* Where `part` begins in a line; NULL: nowhere. */
static const char *find(ptl_str line, const char *part) {
  size_t length = strlen(part);
  for (size_t i = 0; i + length <= line.length; i++) {
    if (memcmp(line.data + i, part, length) == 0) {
      return line.data + i;
    }
  }
  return NULL;
}

static bool ends_with(ptl_str line, char c) {
  return line.length > 0 && line.data[line.length - 1] == c;
}

static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The word from `at` on, up to what no name has. */
static ptl_str word_at(ptl_str line, const char *at) {
  const char *end = at, *limit = line.data + line.length;
  while (end < limit &&
         (is_capital(*end) || is_digit(*end) || *end == '_' || (*end >= 'a' && *end <= 'z'))) {
    end++;
  }
  return (ptl_str){at, (size_t)(end - at)};
}

/* ---- flags ------------------------------------------------------------------------------ */

bool ptl_written_words(ptl_str list, ptl_str *words, int count) {
  const char *at = list.data, *limit = list.data + list.length;
  for (int i = 0; i < count; i++) {
    while (at < limit && *at == ' ') {
      at++;
    }
    words[i] = word_at(list, at);
    at = words[i].data + words[i].length;
    bool is_last = i + 1 == count;
    if (words[i].length == 0 || (is_last ? at != limit : at >= limit || *at != ',')) {
      return false;
    }
    at += !is_last;
  }
  return true;
}

bool ptl_written_next_word(ptl_str *list, ptl_str *word) {
  const char *end = list->data + list->length;
  const char *comma = list->length > 0 ? memchr(list->data, ',', list->length) : NULL;
  *word = (ptl_str){list->data, (size_t)((comma ? comma : end) - list->data)};
  bool is_there = list->length > 0;
  list->data = comma ? comma + 1 : end;
  list->length = (size_t)(end - list->data);
  while (word->length > 0 && word->data[0] == ' ') {
    word->data++;
    word->length--;
  }
  return is_there;
}

/* What stands between the first bracket of a line and its last. */
static ptl_str between_brackets(ptl_str line) {
  const char *begin = find(line, "("), *end = line.data + line.length;
  while (begin && end > begin && end[-1] != ')') {
    end--;
  }
  return begin && end > begin + 1 ? (ptl_str){begin + 1, (size_t)(end - begin) - 2}
                                  : (ptl_str){line.data, 0};
}

/* The words of a call that ends its line; false if there are not just so many. */
static bool read_words(ptl_str line, ptl_str *words, int count) {
  ptl_str inside = between_brackets(line);
  return ptl_written_words(inside, words, count) &&
         inside.data + inside.length + 2 == line.data + line.length && ends_with(line, ';');
}

static bool read_pipe(ptl_str word, ptl_sync_pipe *out) {
  for (int i = PTL_SYNC_PIPE_S; i < PTL_SYNC_PIPE_COUNT; i++) {
    if (ptl_str_is(word, ptl_sync_pipe_name((ptl_sync_pipe)i))) {
      *out = (ptl_sync_pipe)i;
      return true;
    }
  }
  *out = PTL_SYNC_PIPE_NONE;
  return ptl_str_is(word, "PIPE_ALL");
}

static int64_t read_id(ptl_str word) {
  const char prefix[] = "EVENT_ID";
  size_t length = sizeof(prefix) - 1;
  bool is_plain =
      ptl_str_starts_with(word, prefix) && word.length == length + 1 && is_digit(word.data[length]);
  return is_plain ? word.data[length] - '0' : -1;
}

static bool read_flag(ptl_str line, ptl_flag_kind kind, ptl_flag_op *out, int *variable) {
  ptl_str words[3];
  *out = (ptl_flag_op){.kind = kind};
  if (kind == PTL_FLAG_BARRIER) {
    return read_words(line, words, 1) && read_pipe(words[0], &out->from);
  }
  bool is_read = read_words(line, words, 3) && read_pipe(words[0], &out->from) &&
                 read_pipe(words[1], &out->to) && out->from != PTL_SYNC_PIPE_NONE &&
                 out->to != PTL_SYNC_PIPE_NONE;
  out->id = is_read ? read_id(words[2]) : -1;
  *variable = is_read && out->id < 0 ? ptl_written_number(words[2]) : 0;
  return is_read;
}

/* ---- what a line is ------------------------------------------------------------------------ */

static void add(ptl_arena *arena, ptl_written_list *list, ptl_written item) {
  list->items = ptl_arena_more(arena, list->items, list->count, &list->capacity, sizeof(item));
  list->items[list->count++] = item;
}

/* What ptoas writes at a function's end: a barrier of all pipes, or the scalar unit's wait for the
 * stores. */
static bool add_tail(ptl_arena *arena, ptl_written_list *list, ptl_str line) {
  if (find(line, "kBarrierAll")) {
    add(arena, list, (ptl_written){.kind = PTL_WRITTEN_FLAG, .flag = {.kind = PTL_FLAG_BARRIER}});
    return true;
  }
  ptl_flag_op flag = {.kind = PTL_FLAG_SET, .from = PTL_SYNC_PIPE_MTE3, .to = PTL_SYNC_PIPE_S};
  add(arena, list, (ptl_written){.kind = PTL_WRITTEN_FLAG, .flag = flag});
  flag.kind = PTL_FLAG_WAIT;
  add(arena, list, (ptl_written){.kind = PTL_WRITTEN_FLAG, .flag = flag});
  return find(line, "kSetWaitMte3ToSEvent0") != NULL;
}

/* Lines by how they begin. */
static const struct {
  const char *begin;
  ptl_written_kind kind;
  ptl_flag_kind flag;
} forms[] = {
    {"set_flag(", PTL_WRITTEN_FLAG, PTL_FLAG_SET},
    {"wait_flag(", PTL_WRITTEN_FLAG, PTL_FLAG_WAIT},
    {"pipe_barrier(", PTL_WRITTEN_FLAG, PTL_FLAG_BARRIER},
    {"for (", PTL_WRITTEN_LOOP, PTL_FLAG_SET},
    {"if (", PTL_WRITTEN_BRANCH, PTL_FLAG_SET},
    {"} else {", PTL_WRITTEN_ELSE, PTL_FLAG_SET},
    {"}", PTL_WRITTEN_END, PTL_FLAG_SET},
};

/* ---- variables ----------------------------------------------------------------------------- */

/* "type v1 = what it is made of;" */
static void note_variable(ptl_arena *arena, ptl_written_list *list, ptl_str line) {
  const char *sign = find(line, " = ");
  if (!sign || !ends_with(line, ';')) {
    return;
  }
  const char *name = sign;
  while (name > line.data && name[-1] != ' ' && name[-1] != '*' && name[-1] != '&') {
    name--;
  }
  ptl_written_variable *variable = ptl_written_variable_at(
      arena, list->values, ptl_written_number((ptl_str){name, (size_t)(sign - name)}));
  if (variable) {
    const char *text = sign + 3;
    variable->is_repeated = variable->text.length > 0;
    variable->text = (ptl_str){text, (size_t)(line.data + line.length - text) - 1};
  }
}

static int64_t element_bytes(ptl_str type) {
  static const struct {
    const char *name;
    int64_t bytes;
  } types[] = {{"float", 4},   {"int32_t", 4},  {"uint32_t", 4}, {"half", 2},   {"bfloat16_t", 2},
               {"int16_t", 2}, {"uint16_t", 2}, {"int8_t", 1},   {"uint8_t", 1}};
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    if (ptl_str_is(type, types[i].name)) {
      return types[i].bytes;
    }
  }
  return 0;
}

/* The number that a word is; 0 if it is none, or has more than six digits. */
static int64_t extent_of(ptl_str word) {
  int64_t number = 0;
  for (size_t i = 0; i < word.length; i++) {
    if (!is_digit(word.data[i]) || i >= 6) {
      return 0;
    }
    number = number * 10 + (word.data[i] - '0');
  }
  return number;
}

/* "TileType::Vec, float, 16, 256, ..."; -1 of what is no vector tile, or has no such size. */
static int64_t tile_bytes(ptl_str words) {
  ptl_str space, type, rows, cols;
  if (!ptl_written_next_word(&words, &space) || !ptl_str_is(space, "TileType::Vec") ||
      !ptl_written_next_word(&words, &type) || !ptl_written_next_word(&words, &rows) ||
      !ptl_written_next_word(&words, &cols)) {
    return -1;
  }
  int64_t bytes = element_bytes(type) * extent_of(rows) * extent_of(cols);
  return bytes > 0 ? bytes : -1;
}

/* "Tile<...> v1;" or "Tile<...> v1 = ...;" */
static void note_tile(ptl_arena *arena, ptl_written_list *list, ptl_str line) {
  const char begin[] = "Tile<";
  const char *end = find(line, "> ");
  if (!ptl_str_starts_with(line, begin) || !end) {
    return;
  }
  const char *inside = line.data + sizeof(begin) - 1;
  ptl_written_variable *tile =
      ptl_written_variable_at(arena, list->values, ptl_written_number(word_at(line, end + 2)));
  if (tile) {
    tile->is_repeated = tile->is_repeated || tile->bytes != 0;
    tile->bytes = tile_bytes((ptl_str){inside, (size_t)(end - inside)});
  }
}

/* "for (type v1 = ...; ...) {" */
static int loop_variable(ptl_str line) {
  const char *sign = find(line, " = ");
  const char *name = sign;
  while (name && name > line.data && name[-1] != ' ') {
    name--;
  }
  return sign ? ptl_written_number((ptl_str){name, (size_t)(sign - name)}) : 0;
}

/* TASSIGN(tile, address), or TRESHAPE(tile, tile): both are where the second one says. */
static void note_address(ptl_arena *arena, ptl_written_list *list, const ptl_written *item) {
  ptl_str words[2];
  bool places = ptl_str_is(item->name, "TASSIGN") || ptl_str_is(item->name, "TRESHAPE");
  if (!places || !ptl_written_words(item->words, words, 2)) {
    return;
  }
  int from = ptl_written_number(words[1]);
  ptl_written_variable *tile =
      ptl_written_variable_at(arena, list->values, ptl_written_number(words[0]));
  if (tile && ptl_str_is(item->name, "TRESHAPE")) {
    const ptl_written_variable *source = ptl_written_variable_at(arena, list->values, from);
    from = source && !source->is_repeated ? source->address : 0;
    tile = ptl_written_variable_at(arena, list->values, ptl_written_number(words[0]));
  }
  if (tile) {
    tile->is_repeated = tile->is_repeated || tile->address != 0;
    tile->address = from;
  }
}

static void note_uses(ptl_arena *arena, ptl_written_list *list, const ptl_written *item) {
  ptl_str words = item->words, word;
  while (!ptl_str_is(item->name, "TASSIGN") && ptl_written_next_word(&words, &word)) {
    ptl_written_variable *variable =
        ptl_written_variable_at(arena, list->values, ptl_written_number(word));
    if (variable) {
      variable->uses++;
    }
  }
}

/* An instruction: its name in capitals before `(` or `<`, or an access to an element of a tile. */
static bool read_op(ptl_str line, ptl_written *out) {
  ptl_str name = word_at(line, line.data);
  const char *end = name.data + name.length;
  bool is_call = name.length > 1 && end < line.data + line.length && (*end == '(' || *end == '<');
  for (size_t i = 0; i < name.length && is_call; i++) {
    is_call = is_capital(name.data[i]) || is_digit(name.data[i]) || name.data[i] == '_';
  }
  out->kind = PTL_WRITTEN_OP;
  out->name = is_call                    ? name
              : find(line, ".GetValue(") ? ptl_str_of("TGETVAL")
              : find(line, ".SetValue(") ? ptl_str_of("TSETVAL")
                                         : (ptl_str){"", 0};
  out->words = is_call ? between_brackets(line) : (ptl_str){"", 0};
  return out->name.length > 0;
}

/* Adds what a line is; false: it is nothing that this emitter writes. */
static bool read_line(ptl_arena *arena, ptl_written_list *list, ptl_str line) {
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    if (!ptl_str_starts_with(line, forms[i].begin)) {
      continue;
    }
    ptl_written item = {.kind = forms[i].kind};
    bool is_read = item.kind == PTL_WRITTEN_FLAG
                       ? read_flag(line, forms[i].flag, &item.flag, &item.variable)
                   : item.kind == PTL_WRITTEN_END  ? line.length == 1 || ptl_str_is(line, "};")
                   : item.kind == PTL_WRITTEN_ELSE ? line.length == strlen(forms[i].begin)
                                                   : ends_with(line, '{');
    item.variable = item.kind == PTL_WRITTEN_LOOP ? loop_variable(line) : item.variable;
    add(arena, list, item);
    return is_read;
  }
  if (ptl_str_starts_with(line, "ptoas_auto_sync_tail(")) {
    return add_tail(arena, list, line);
  }
  ptl_written item = {0};
  if (read_op(line, &item)) {
    note_address(arena, list, &item);
    note_uses(arena, list, &item);
    add(arena, list, item);
    return ends_with(line, ';');
  }
  note_variable(arena, list, line);
  note_tile(arena, list, line);
  bool is_plain = line.length == 0 || line.data[0] == '#' || ptl_str_starts_with(line, "//") ||
                  ends_with(line, ';');
  return is_plain && !find(line, "_flag(") && !find(line, "_barrier(") && !find(line, "{") &&
         !find(line, "}");
}

/* ---- a function ------------------------------------------------------------------------------ */

static bool begins(ptl_str line, const char *function) {
  const char mark[] = "AICORE void ";
  const char *at = find(line, mark);
  if (!at || !ends_with(line, '{')) {
    return false;
  }
  ptl_str name = word_at(line, at + sizeof(mark) - 1);
  return ptl_str_is(name, function) && name.data[name.length] == '(';
}

static int depth_after(ptl_written_kind kind, int depth) {
  return kind == PTL_WRITTEN_LOOP || kind == PTL_WRITTEN_BRANCH ? depth + 1
         : kind == PTL_WRITTEN_END                              ? depth - 1
                                                                : depth;
}

bool ptl_written_lines(ptl_arena *arena, ptl_str text, const char *function, ptl_written_list *out,
                       const char **why) {
  ptl_str line;
  size_t at = 0;
  bool is_inside = false;
  *out = (ptl_written_list){.values = ptl_arena_alloc(arena, sizeof(ptl_written_values))};
  while (!is_inside && next_line(text, &at, &line)) {
    is_inside = begins(line, function);
  }
  *why = "what ptoas wrote has no such function";
  int lane = 0; /* the depth inside of what only the first vector core of a pair does */
  for (int depth = 1; is_inside && next_line(text, &at, &line);) {
    int before = out->count;
    if (lane == 0 && ptl_str_is(line, "if (get_subblockid() == 0) {")) {
      lane = ++depth;
      continue;
    }
    if (depth == lane && ptl_str_is(line, "}")) {
      lane = 0;
      depth--;
      continue;
    }
    if (!read_line(arena, out, line)) {
      *why = ptl_arena_printf(arena, "a line of what ptoas wrote is not understood: %.*s",
                              (int)(line.length < 80 ? line.length : 80), line.data);
      return false;
    }
    if (depth == lane && ptl_str_is(line, "} else {")) {
      *why = "the two vector cores of a pair do different things";
      return false;
    }
    for (int i = before; i < out->count; i++) {
      depth = depth_after(out->items[i].kind, depth);
    }
    if (depth == 0) {
      out->count--;
      return true;
    }
  }
  return false;
}
