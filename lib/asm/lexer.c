/* Splits MLIR text into tokens. A token is a view of the text; comments and blanks are skipped. */
#include "asm/lexer.h"

#include <stdint.h>
#include <string.h>

const unsigned char ptl_char_classes[256] = {
    [0] = PTL_CHAR_ALIEN,   ['('] = PTL_CHAR_OPEN,  ['['] = PTL_CHAR_OPEN,  ['{'] = PTL_CHAR_OPEN,
    ['<'] = PTL_CHAR_OPEN,  [')'] = PTL_CHAR_CLOSE, [']'] = PTL_CHAR_CLOSE, ['}'] = PTL_CHAR_CLOSE,
    ['>'] = PTL_CHAR_CLOSE, ['"'] = PTL_CHAR_START, ['/'] = PTL_CHAR_START, ['-'] = PTL_CHAR_START,
};

/* Characters of a name after its first: 1; a dash, which some names have: 2. */
static const unsigned char name_chars[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
    ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
    ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
    ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1,
    ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1,
    ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
    ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1, ['_'] = 1, ['$'] = 1,
    ['.'] = 1, ['-'] = 2,
};

bool ptl_is_name_char(char c) { return name_chars[(unsigned char)c] != 0; }

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static const char *skip_line(const char *at, const char *end) {
  const char *newline = memchr(at, '\n', (size_t)(end - at));
  return newline ? newline : end;
}

static const char *skip_blank(const char *at, const char *end) {
  while (at < end) {
    if (is_space(*at)) {
      at++;
    } else if (*at == '/' && at + 1 < end && at[1] == '/') {
      at = skip_line(at, end);
    } else {
      break;
    }
  }
  return at;
}

static const char *skip_string(const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++) {
    if (*at == '\\') {
      at++;
    }
  }
  return at < end ? at + 1 : end;
}

const char *ptl_text_step(const char *at, const char *end) {
  char next = at + 1 < end ? at[1] : '\0';
  switch (*at) {
  case '"':
    return skip_string(at, end);
  case '/':
    return next == '/' ? skip_line(at, end) : at + 1;
  case '-':
    return next == '>' ? at + 2 : at + 1;
  case '<':
  case '>':
    return next == '=' ? at + 2 : at + 1;
  default:
    return at + 1;
  }
}

/* A name after a sigil: identifier, digits, or a string. Inner `-` counts, but not
 * that of an arrow. */
static const char *skip_name(const char *at, const char *end, bool with_dash) {
  if (at < end && *at == '"') {
    return skip_string(at, end);
  }
  for (;;) {
    while (at < end && name_chars[(unsigned char)*at] == 1) {
      at++;
    }
    bool is_dash = with_dash && at < end && *at == '-' && !(at + 1 < end && at[1] == '>');
    if (!is_dash) {
      return at;
    }
    at++;
  }
}

/* A number, whatever its base; a sign is only part of an exponent. */
static const char *skip_number(const char *at, const char *end) {
  bool hex = at + 1 < end && at[0] == '0' && at[1] == 'x';
  while (at < end && (is_letter(*at) || is_digit(*at) || *at == '.')) {
    bool exponent = !hex && (*at == 'e' || *at == 'E');
    at++;
    if (exponent && at < end && (*at == '+' || *at == '-')) {
      at++;
    }
  }
  return at;
}

static ptl_token_kind kind_by_first(char c) {
  switch (c) {
  case '%':
    return PTL_TOK_PERCENT;
  case '@':
    return PTL_TOK_AT;
  case '#':
    return PTL_TOK_HASH;
  case '!':
    return PTL_TOK_BANG;
  case '^':
    return PTL_TOK_CARET;
  case '"':
    return PTL_TOK_STRING;
  default:
    return is_letter(c) ? PTL_TOK_WORD : is_digit(c) ? PTL_TOK_NUMBER : PTL_TOK_PUNCT;
  }
}

/* The end of a token of that kind. */
static const char *skip_token(ptl_token_kind kind, const char *at, const char *end) {
  switch (kind) {
  case PTL_TOK_WORD:
    return skip_name(at, end, false);
  case PTL_TOK_NUMBER:
    return skip_number(at, end);
  case PTL_TOK_STRING:
    return skip_string(at, end);
  case PTL_TOK_PUNCT:
    return *at == '-' && at + 1 < end && at[1] == '>' ? at + 2 : at + 1;
  default:
    return skip_name(at + 1, end, true);
  }
}

ptl_token ptl_lex_first(const char *at, const char *end) {
  at = skip_blank(at, end);
  if (at >= end) {
    return (ptl_token){PTL_TOK_END, {end, 0}};
  }
  ptl_token_kind kind = kind_by_first(*at);
  return (ptl_token){kind, {at, (size_t)(skip_token(kind, at, end) - at)}};
}

ptl_token ptl_lex_next(ptl_lexer *lexer) {
  ptl_token token = ptl_lex_peek(lexer);
  lexer->at = token.text.data + token.text.length;
  return token;
}

bool ptl_lex_at(ptl_lexer *lexer, const char *text) {
  return ptl_token_is(ptl_lex_peek(lexer), text);
}

bool ptl_lex_accept(ptl_lexer *lexer, const char *text) {
  ptl_token token = ptl_lex_peek(lexer);
  if (!ptl_token_is(token, text)) {
    return false;
  }
  lexer->at = token.text.data + token.text.length;
  return true;
}

/* Whether one of eight characters is not plain, or no ASCII. */
static bool has_marks(const unsigned char at[8]) {
  uint64_t all;
  memcpy(&all, at, sizeof(all));
  int classes = 0;
  for (int i = 0; i < 8; i++) {
    classes |= ptl_char_classes[at[i]];
  }
  return classes != PTL_CHAR_PLAIN || (all & 0x8080808080808080u);
}

const char *ptl_skip_plain(const char *at, const char *end) {
  while (end - at >= 8 && !has_marks((const unsigned char *)at)) {
    at += 8;
  }
  while (at < end && (unsigned char)*at < 0x80 &&
         ptl_char_classes[(unsigned char)*at] == PTL_CHAR_PLAIN) {
    at++;
  }
  return at;
}

static ptl_char_class class_of(char c) { return ptl_char_classes[(unsigned char)c]; }

void ptl_lex_skip_balanced(ptl_lexer *lexer) {
  int depth = 1;
  const char *at = lexer->at;
  while (depth > 0 && (at = ptl_skip_plain(at, lexer->end)) < lexer->end) {
    ptl_char_class class = class_of(*at);
    const char *next = ptl_text_step(at, lexer->end);
    if (next == at + 1) {
      depth += class == PTL_CHAR_OPEN ? 1 : class == PTL_CHAR_CLOSE ? -1 : 0;
    }
    at = next;
  }
  lexer->at = at;
}

/* Takes `<...>` if it stands right after what was taken last. */
static void take_angle(ptl_lexer *lexer) {
  if (lexer->at < lexer->end && *lexer->at == '<') {
    lexer->at++;
    ptl_lex_skip_balanced(lexer);
  }
}

static ptl_str since(const ptl_lexer *lexer, const char *begin) {
  return (ptl_str){begin, (size_t)(lexer->at - begin)};
}

ptl_str ptl_lex_type(ptl_lexer *lexer) {
  ptl_token token = ptl_lex_peek(lexer);
  if (token.kind == PTL_TOK_BANG || token.kind == PTL_TOK_WORD) {
    ptl_lex_next(lexer);
    take_angle(lexer);
    return since(lexer, token.text.data);
  }
  if (!ptl_token_is(token, "(")) {
    return (ptl_str){token.text.data, 0};
  }
  ptl_lex_next(lexer);
  ptl_lex_skip_balanced(lexer);
  if (!ptl_lex_accept(lexer, "->")) {
    return (ptl_str){token.text.data, 0};
  }
  if (ptl_lex_accept(lexer, "(")) {
    ptl_lex_skip_balanced(lexer);
  } else if (ptl_lex_type(lexer).length == 0) {
    return (ptl_str){token.text.data, 0};
  }
  return since(lexer, token.text.data);
}

ptl_str ptl_lex_attribute(ptl_lexer *lexer) {
  ptl_token token = ptl_lex_peek(lexer);
  const char *begin = token.text.data;
  if (token.kind == PTL_TOK_END || token.kind == PTL_TOK_PERCENT || token.kind == PTL_TOK_CARET) {
    return (ptl_str){begin, 0};
  }
  if (ptl_token_is(token, "-")) {
    ptl_lex_next(lexer);
    token = ptl_lex_peek(lexer);
  }
  if (token.kind == PTL_TOK_PUNCT) {
    if (class_of(token.text.data[0]) != PTL_CHAR_OPEN) {
      return (ptl_str){begin, 0};
    }
    ptl_lex_next(lexer);
    ptl_lex_skip_balanced(lexer);
    return since(lexer, begin);
  }
  ptl_lex_next(lexer);
  const char *word_end = lexer->at;
  take_angle(lexer);
  if (token.kind == PTL_TOK_WORD && lexer->at == word_end && !ptl_str_is(token.text, "true") &&
      !ptl_str_is(token.text, "false")) {
    lexer->at = begin;
    return (ptl_str){begin, 0};
  }
  if (token.kind == PTL_TOK_NUMBER) {
    ptl_lexer ahead = *lexer;
    if (ptl_lex_accept(&ahead, ":") && ptl_lex_type(&ahead).length > 0) {
      *lexer = ahead;
    }
  }
  return since(lexer, begin);
}
