/* Tokens of MLIR text, taken one by one; nothing is stored. The text has been
 * checked (ptl_asm_check_text): brackets are balanced. */
#ifndef PTL_ASM_LEXER_H
#define PTL_ASM_LEXER_H

#include "support/diag.h"
#include "support/status.h"
#include "support/strbuf.h"

/* Whether a name may hold the character behind its first. */
bool ptl_is_name_char(char c);

typedef enum ptl_token_kind {
  PTL_TOK_END,
  PTL_TOK_WORD,    /* bare identifier, dots included */
  PTL_TOK_NUMBER,  /* without its sign */
  PTL_TOK_STRING,  /* with its quotes */
  PTL_TOK_PERCENT, /* %name */
  PTL_TOK_AT,      /* @name */
  PTL_TOK_HASH,    /* #name, dots included, without a <...> that follows */
  PTL_TOK_BANG,    /* !name, likewise */
  PTL_TOK_CARET,   /* ^name */
  PTL_TOK_PUNCT,   /* one character, or "->" */
} ptl_token_kind;

typedef struct ptl_token {
  ptl_token_kind kind;
  ptl_str text;
} ptl_token;

/* Readers look at a token several times before they take it: what was found last is kept. */
typedef struct ptl_lexer {
  const char *at;
  const char *end;
  const char *found_at; /* where `found` was looked for; NULL: nowhere yet */
  ptl_token found;
} ptl_lexer;

static inline ptl_lexer ptl_lexer_in(const char *at, const char *end) {
  return (ptl_lexer){.at = at, .end = end};
}

static inline ptl_lexer ptl_lexer_of(ptl_str text) {
  return ptl_lexer_in(text.data, text.data + text.length);
}

/* The first token of [at, end); PTL_TOK_END if there is none. */
ptl_token ptl_lex_first(const char *at, const char *end);

/* The next token, without taking it. */
static inline ptl_token ptl_lex_peek(ptl_lexer *lexer) {
  if (lexer->found_at != lexer->at) {
    lexer->found = ptl_lex_first(lexer->at, lexer->end);
    lexer->found_at = lexer->at;
  }
  return lexer->found;
}

ptl_token ptl_lex_next(ptl_lexer *lexer);

/* Takes the next token if it is this punctuation or word. */
bool ptl_lex_accept(ptl_lexer *lexer, const char *text);
bool ptl_lex_at(ptl_lexer *lexer, const char *text);

static inline bool ptl_token_is(ptl_token token, const char *text) {
  return (token.kind == PTL_TOK_PUNCT || token.kind == PTL_TOK_WORD) &&
         ptl_str_is(token.text, text);
}

/* With the lexer right after an opening bracket: goes past its closing one. */
void ptl_lex_skip_balanced(ptl_lexer *lexer);

/* Takes a type, an attribute value, or `{...}`; length 0 if there is none. */
ptl_str ptl_lex_type(ptl_lexer *lexer);
ptl_str ptl_lex_attribute(ptl_lexer *lexer);

/* Line and column, both from 1, of a place in the text. */
ptl_loc ptl_text_place(ptl_str text, const char *file, const char *at);

/* Refuses text that is not UTF-8, not balanced or nested too deep. */
PTL_MUST_USE ptl_status ptl_asm_check_text(ptl_str text, const char *file, ptl_diags *diags);

/* What a character means outside of strings and comments. */
typedef enum ptl_char_class {
  PTL_CHAR_PLAIN,
  PTL_CHAR_OPEN,
  PTL_CHAR_CLOSE,
  PTL_CHAR_START, /* may start a string, a comment or an arrow */
  PTL_CHAR_ALIEN, /* NUL, or part of a character that is no ASCII */
} ptl_char_class;

extern const unsigned char ptl_char_classes[256];

/* The first character that is not PTL_CHAR_PLAIN, or no ASCII; `end` if there is none. */
const char *ptl_skip_plain(const char *at, const char *end);

/* The end of the string, comment or arrow that starts at `at`, else of that one character. */
const char *ptl_text_step(const char *at, const char *end);

#endif
