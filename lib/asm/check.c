/* What every text must be before anything looks at it: UTF-8 without NUL, balanced,
 * and not nested deeper than MLIR's parser can stand. */
#include "asm/asm.h"
#include "asm/lexer.h"

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

/* Length of the UTF-8 character at `at`; 0 if there is none. */
static size_t utf8_length(const unsigned char *at, size_t left) {
  size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  if (at[0] > 0xf4 || length == 0 || length > left) {
    return 0;
  }
  for (size_t i = 1; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
  bool surrogate = at[0] == 0xed && at[1] >= 0xa0;
  bool beyond = at[0] == 0xf4 && at[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

static ptl_status check_bytes(ptl_str text, const char *file, ptl_diags *diags) {
  const unsigned char *at = (const unsigned char *)text.data;
  const unsigned char *end = at + text.length;
  while (at < end) {
    if (*at != 0 && *at < 0x80) {
      at++;
      continue;
    }
    size_t length = *at == 0 ? 0 : utf8_length(at, (size_t)(end - at));
    if (length == 0) {
      ptl_diag_add(diags, PTL_ERROR, 12, ptl_text_place(text, file, (const char *)at),
                   "this is not text: byte 0x%02x is no UTF-8", *at);
      return PTL_REFUSED;
    }
    at += length;
  }
  return PTL_OK;
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

static ptl_status refuse(ptl_str text, const char *file, ptl_diags *diags, int code, const char *at,
                         const char *what) {
  ptl_diag_add(diags, PTL_ERROR, code, ptl_text_place(text, file, at), "%s", what);
  return PTL_REFUSED;
}

static ptl_status check_bracket(ptl_str text, const char *file, ptl_diags *diags, const char *at,
                                open_brackets *open) {
  if (closing_of(*at) != '\0') {
    if (open->depth == PTL_MAX_NESTING) {
      ptl_diag_add(diags, PTL_ERROR, 11, ptl_text_place(text, file, at),
                   "brackets are nested deeper than %d", PTL_MAX_NESTING);
      return PTL_REFUSED;
    }
    open->at[open->depth++] = at;
    return PTL_OK;
  }
  if (open->depth == 0) {
    ptl_diag_add(diags, PTL_ERROR, 10, ptl_text_place(text, file, at),
                 "'%c' closes a bracket that was never opened", *at);
    return PTL_REFUSED;
  }
  const char *opener = open->at[--open->depth];
  if (closing_of(*opener) != *at) {
    ptl_diag_add(diags, PTL_ERROR, 10, ptl_text_place(text, file, at),
                 "'%c' where '%c' was expected", *at, closing_of(*opener));
    ptl_diag_note(diags, ptl_text_place(text, file, opener), "the bracket was opened here");
    return PTL_REFUSED;
  }
  return PTL_OK;
}

ptl_status ptl_asm_check_text(ptl_str text, const char *file, ptl_diags *diags) {
  ptl_status status = check_bytes(text, file, diags);
  open_brackets open = {.depth = 0};
  const char *end = text.data + text.length;
  for (const char *at = text.data; at < end && status == PTL_OK;) {
    const char *next = ptl_text_step(at, end);
    if (*at == '"' && (next - at < 2 || next[-1] != '"' || memchr(at, '\n', (size_t)(next - at)))) {
      return refuse(text, file, diags, 10, at, "this string does not end on its line");
    }
    if (next == at + 1 && strchr("(){}[]<>", *at)) {
      status = check_bracket(text, file, diags, at, &open);
    }
    at = next;
  }
  if (status == PTL_OK && open.depth > 0) {
    return refuse(text, file, diags, 10, open.at[open.depth - 1], "this bracket is never closed");
  }
  return status;
}
