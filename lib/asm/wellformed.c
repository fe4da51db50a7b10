/* What every text must be before anything looks at it: UTF-8 without NUL, balanced,
 * and not nested deeper than MLIR's parser can stand. */
#include "asm/asm.h"
#include "asm/lexer.h"
#include "support/utf8.h"

#include <string.h>

ptl_loc ptl_text_place(ptl_str text, const char *file, const char *at) {
  ptl_loc loc = {.file = file, .line = 1};
  const char *line = text.data;
  for (;;) {
    const char *newline = at > line ? memchr(line, '\n', (size_t)(at - line)) : NULL;
    if (!newline) {
      break;
    }
    loc.line++;
    line = newline + 1;
  }
  loc.column = (int)(at - line) + 1;
  return loc;
}

/* Goes over the bytes of a character that is no ASCII; NULL, with a diagnostic, at one
 * that is no text. */
static const char *skip_alien(ptl_str text, const char *at, const char *file, ptl_diags *diags) {
  const unsigned char *bytes = (const unsigned char *)at;
  size_t left = (size_t)(text.data + text.length - at);
  size_t length = bytes[0] == 0 ? 0 : ptl_utf8_length(at, left);
  if (length == 0) {
    ptl_diag_add(diags, PTL_CODE_NOT_UTF8, ptl_text_place(text, file, at),
                 "this is not text: byte 0x%02x is not UTF-8", bytes[0]);
    return NULL;
  }
  return at + length;
}

/* Strings and comments: their bytes are looked at as well. */
static bool check_inside(ptl_str text, const char *begin, const char *end, const char *file,
                         ptl_diags *diags) {
  for (const char *at = begin; at < end;) {
    if (*at != 0 && (unsigned char)*at < 0x80) {
      at++;
    } else if (!(at = skip_alien(text, at, file, diags))) {
      return false;
    }
  }
  return true;
}

static char closing_of(char c) {
  switch (c) {
  case '(':
    return ')';
  case '[':
    return ']';
  case '{':
    return '}';
  case '<':
    return '>';
  default:
    return '\0';
  }
}

/* The brackets that are open at one place. */
typedef struct open_brackets {
  const char *at[PTL_MAX_NESTING];
  int depth;
} open_brackets;

static ptl_status refuse(ptl_str text, const char *file, ptl_diags *diags, ptl_code code,
                         const char *at, const char *what) {
  ptl_diag_add(diags, code, ptl_text_place(text, file, at), "%s", what);
  return PTL_REFUSED;
}

static ptl_status check_bracket(ptl_str text, const char *file, ptl_diags *diags, const char *at,
                                open_brackets *open) {
  if (closing_of(*at) != '\0') {
    if (open->depth == PTL_MAX_NESTING) {
      ptl_diag_add(diags, PTL_CODE_NESTING, ptl_text_place(text, file, at),
                   "brackets are nested deeper than %d", PTL_MAX_NESTING);
      return PTL_REFUSED;
    }
    open->at[open->depth++] = at;
    return PTL_OK;
  }
  if (open->depth == 0) {
    ptl_diag_add(diags, PTL_CODE_NOT_MLIR, ptl_text_place(text, file, at),
                 "'%c' closes a bracket that was never opened", *at);
    return PTL_REFUSED;
  }
  const char *opener = open->at[--open->depth];
  if (closing_of(*opener) != *at) {
    ptl_diag_add(diags, PTL_CODE_NOT_MLIR, ptl_text_place(text, file, at),
                 "'%c' where '%c' was expected", *at, closing_of(*opener));
    ptl_diag_note(diags, ptl_text_place(text, file, opener), "the bracket was opened here");
    return PTL_REFUSED;
  }
  return PTL_OK;
}

/* A string must end on its line. */
static bool is_whole_string(const char *begin, const char *end) {
  return end - begin >= 2 && end[-1] == '"' && !memchr(begin, '\n', (size_t)(end - begin));
}

/* Goes over what starts at `*at`: a string, comment, arrow, bracket, or one character. */
static ptl_status check_step(ptl_str text, const char *file, ptl_diags *diags, const char **at,
                             open_brackets *open) {
  const char *begin = *at;
  unsigned char c = (unsigned char)*begin;
  ptl_char_class class = c < 0x80 ? ptl_char_classes[c] : PTL_CHAR_ALIEN;
  if (class == PTL_CHAR_ALIEN) {
    *at = skip_alien(text, begin, file, diags);
    return *at ? PTL_OK : PTL_REFUSED;
  }
  const char *next = ptl_text_step(begin, text.data + text.length);
  *at = next;
  if (*begin == '"' && !is_whole_string(begin, next)) {
    return refuse(text, file, diags, PTL_CODE_NOT_MLIR, begin,
                  "this string does not end on its line");
  }
  if (next == begin + 1 && class != PTL_CHAR_START) {
    return check_bracket(text, file, diags, begin, open);
  }
  return check_inside(text, begin, next, file, diags) ? PTL_OK : PTL_REFUSED;
}

static bool has_byte_order_mark(ptl_str text) {
  static const char mark[] = "\xef\xbb\xbf";
  return text.length >= sizeof(mark) - 1 && memcmp(text.data, mark, sizeof(mark) - 1) == 0;
}

ptl_status ptl_asm_check_text(ptl_str text, const char *file, ptl_diags *diags) {
  if (has_byte_order_mark(text)) {
    return refuse(text, file, diags, PTL_CODE_NOT_MLIR, text.data,
                  "the file begins with a byte order mark, which neither MLIR nor ptoas reads");
  }
  ptl_status status = PTL_OK;
  open_brackets open = {.depth = 0};
  const char *end = text.data + text.length;
  const char *at = text.data;
  while (status == PTL_OK && (at = ptl_skip_plain(at, end)) < end) {
    status = check_step(text, file, diags, &at, &open);
  }
  if (status == PTL_OK && open.depth > 0) {
    return refuse(text, file, diags, PTL_CODE_NOT_MLIR, open.at[open.depth - 1],
                  "this bracket is never closed");
  }
  return status;
}
