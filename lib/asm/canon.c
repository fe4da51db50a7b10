/* Brings the spellings of a type to one: no needless blanks, defaults left out, the long form of
 * a tile type. */
#include "asm/canon.h"
#include "asm/lexer.h"

#include <string.h>

static bool contains(ptl_str text, const char *what) {
  size_t length = strlen(what);
  const char *at = text.data;
  const char *end = text.data + text.length;
  while ((size_t)(end - at) >= length) {
    at = memchr(at, what[0], (size_t)(end - at) - length + 1);
    if (!at) {
      return false;
    }
    if (memcmp(at, what, length) == 0) {
      return true;
    }
    at++;
  }
  return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/* Without blanks and comments, but for one blank after each comma. */
static void add_without_blanks(ptl_str type, ptl_strbuf *out) {
  const char *end = type.data + type.length;
  for (const char *at = type.data; at < end;) {
    const char *next = ptl_text_step(at, end);
    bool comment = *at == '/' && next > at + 1;
    if (!comment && !is_blank(*at)) {
      ptl_strbuf_add(out, at, (size_t)(next - at));
      ptl_strbuf_puts(out, *at == ',' ? " " : "");
    }
    at = next;
  }
}

/* `!pto.ptr<f32, gm>` is `!pto.ptr<f32>`. */
static void drop_default_space(ptl_strbuf *type) {
  static const char tail[] = ", gm>";
  size_t length = sizeof(tail) - 1;
  if (type->length > length && memcmp(type->data + type->length - length, tail, length) == 0) {
    type->length -= length;
    ptl_strbuf_puts(type, ">");
  }
}

static ptl_str respell(ptl_arena *arena, ptl_str type) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  if (ptl_str_starts_with(type, "memref<")) {
    ptl_strbuf_puts(&text, "!pto.");
    add_without_blanks(type, &text);
  } else if (!ptl_str_starts_with(type, "!pto.tile_buf<") || !ptl_tile_type_respell(type, &text)) {
    add_without_blanks(type, &text);
    if (ptl_str_starts_with(type, "!pto.ptr<")) {
      drop_default_space(&text);
    }
  }
  return (ptl_str){text.data, text.length};
}

ptl_str ptl_canonical_type(ptl_symbols *cache, ptl_str type) {
  bool is_pto = ptl_str_starts_with(type, "!pto.");
  bool is_memref = ptl_str_starts_with(type, "memref<") && contains(type, "#pto");
  if (!is_pto && !is_memref) {
    return type;
  }
  ptl_symbol *known = ptl_symbols_entry(cache, type);
  if (known->text.length == 0) {
    ptl_str text = respell(cache->arena, type);
    known->text = ptl_str_equal(text, type) ? type : text;
  }
  return known->text;
}

/* Adds the type that starts at `lexer`, and the line breaks that it loses. */
static void copy_type(ptl_symbols *cache, ptl_lexer *lexer, ptl_strbuf *out) {
  ptl_str type = ptl_lex_type(lexer);
  ptl_str spelled = ptl_canonical_type(cache, type);
  ptl_strbuf_add_str(out, spelled);
  for (size_t i = 0; spelled.data != type.data && i < type.length; i++) {
    if (type.data[i] == '\n') {
      ptl_strbuf_puts(out, "\n");
    }
  }
}

void ptl_canonical_copy(ptl_symbols *cache, ptl_str text, ptl_strbuf *out) {
  if (!contains(text, "!pto.") && !contains(text, "memref<")) {
    ptl_strbuf_add_str(out, text);
    return;
  }
  const char *copied = text.data;
  const char *end = text.data + text.length;
  for (const char *at = text.data; at < end;) {
    ptl_str rest = {at, (size_t)(end - at)};
    if ((*at == '!' && ptl_str_starts_with(rest, "!pto.")) ||
        (*at == 'm' && ptl_str_starts_with(rest, "memref<"))) {
      ptl_lexer lexer = ptl_lexer_in(at, end);
      ptl_strbuf_add(out, copied, (size_t)(at - copied));
      copy_type(cache, &lexer, out);
      copied = lexer.at;
      at = lexer.at;
    } else {
      bool plain = ptl_char_classes[(unsigned char)*at] == PTL_CHAR_PLAIN;
      at = plain ? at + 1 : ptl_text_step(at, end);
    }
  }
  ptl_strbuf_add(out, copied, (size_t)(end - copied));
}
