#include "program_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool mut_starts(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool mut_is_name_char(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$' || c == '-';
}

const char *mut_skip_space(const char *at) {
  while (*at == ' ' || *at == '\t') {
    at++;
  }
  return at;
}

const char *mut_line_end(const char *at) {
  const char *end = strchr(at, '\n');
  return end ? end : at + strlen(at);
}

bool mut_begins_statement(const char *at) {
  static const char *const heads[] = {"%", "pto.",   "scf.", "arith.", "func.", "return",
                                      "}", "module", "!",    "//",     "math.", "\""};
  at = mut_skip_space(at);
  if (*at == '\n' || *at == 0) {
    return true;
  }
  for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
    if (mut_starts(at, heads[i])) {
      return true;
    }
  }
  return false;
}

size_t mut_name_length(const char *at) {
  size_t length = 1;
  while (mut_is_name_char(at[length])) {
    length++;
  }
  return length;
}

char mut_key_before(const char *statement, const char *operand) {
  const char *at = operand;
  while (at > statement && (at[-1] == ' ' || at[-1] == '=')) {
    at--;
  }
  const struct {
    const char *word;
    char key;
  } keys[] = {{"addr", 'a'}, {"valid_row", 'r'}, {"valid_col", 'c'}};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(keys[i].word);
    if ((size_t)(at - statement) > length && strncmp(at - length, keys[i].word, length) == 0) {
      return keys[i].key;
    }
  }
  return 0;
}

const char *mut_last_type(const char *begin, const char *end) {
  const char *found = NULL;
  for (const char *at = begin; at < end; at++) {
    if (*at == '"') {
      const char *close = strchr(at + 1, '"');
      at = close && close < end ? close : end - 1;
    } else if (*at == '!' && at > begin && at[-1] == ' ') {
      found = at;
    }
  }
  return found;
}

bool mut_ends_with_type(const char *statement, const char *type) {
  const char *arrow = strstr(statement, "-> ");
  const char *colon = NULL;
  for (const char *at = statement; *at; at++) {
    if (at[0] == ' ' && at[1] == ':' && at[2] == ' ') {
      colon = at + 3;
    }
  }
  const char *from = arrow                          ? arrow + 3
                     : strstr(statement, "outs : ") ? strstr(statement, "outs : ") + 7
                                                    : colon;
  return from && mut_starts(from, type);
}

bool mut_is_head(const char *begin, const char *end) { return end > begin && end[-1] == '{'; }

/* ---- where types stand --------------------------------------------------------- */

/* Past a string, a bracketed part, or one character; an arrow is one, too. */
static const char *step_over(const char *at, const char *end) {
  if (*at == '"') {
    const char *close = memchr(at + 1, '"', (size_t)(end - at - 1));
    return close ? close + 1 : end;
  }
  if (strchr("([{<", *at)) {
    const char *close = mut_closing(at + 1, end);
    return close < end ? close + 1 : end;
  }
  return mut_starts(at, "->") ? at + 2 : at + 1;
}

const char *mut_closing(const char *at, const char *end) {
  while (at < end && !strchr(")]}>", *at)) {
    at = step_over(at, end);
  }
  return at < end ? at : end;
}

/* The first `what` outside of any brackets; `end` if there is none. */
static const char *find_outside(const char *at, const char *end, const char *what) {
  while (at < end && strncmp(at, what, strlen(what)) != 0) {
    at = step_over(at, end);
  }
  return at < end ? at : end;
}

/* Types from `at` on belong to the operands from number `first` on that stand before `colon`. */
static void give_types(const char *text, mut_op *op, const char *begin, const char *colon,
                       const char *end) {
  int index = 0;
  while (index < op->operand_count && op->operands[index].begin < (size_t)(begin - text)) {
    index++;
  }
  for (const char *at = colon + 1; at < end; index++) {
    const char *comma = find_outside(at, end, ",");
    at = mut_skip_space(at);
    if (index < op->operand_count && op->operands[index].begin < (size_t)(colon - text)) {
      op->operands[index].type_begin = (size_t)(at - text);
      op->operands[index].type_end = (size_t)(comma - text);
    }
    at = comma + 1;
  }
}

static void give_result_type(const char *text, mut_op *op, const char *at, const char *end) {
  at = mut_skip_space(at);
  const char *loc = find_outside(at, end, " loc(");
  while (loc > at && (loc[-1] == ' ' || loc[-1] == '\n')) {
    loc--;
  }
  op->type_begin = (size_t)(at - text);
  op->type_end = (size_t)(loc - text);
}

void mut_read_types(const char *text, mut_op *op, const char *at, const char *end) {
  const char *arrow = find_outside(at, end, "-> ");
  const char *colon = find_outside(at, arrow, " : ");
  if (strcmp(op->name, "pto.alloc_tile") == 0) {
    give_result_type(text, op, colon + 3, end);
    return;
  }
  if (arrow < end) {
    give_result_type(text, op, arrow + 3, end);
  }
  if (colon < arrow) { /* no parentheses around the operands */
    give_types(text, op, at, colon + 1, arrow);
  }
  for (const char *open = find_outside(at, end, "("); open < end;) {
    const char *close = mut_closing(open + 1, end);
    const char *inner = find_outside(open + 1, close, " : ");
    if (inner < close) {
      give_types(text, op, open, inner + 1, close);
    }
    open = find_outside(close < end ? close + 1 : end, end, "(");
  }
}

int64_t mut_attribute(const mut_op *op, const char *key, int64_t otherwise) {
  const char *at = mut_find_attribute(op, key);
  return at ? strtoll(at, NULL, 10) : otherwise;
}

const char *mut_find_attribute(const mut_op *op, const char *key) {
  for (const char *at = strstr(op->attributes, key); at; at = strstr(at + 1, key)) {
    if (at > op->attributes && strchr("{, \n", at[-1])) {
      return at + strlen(key);
    }
  }
  return NULL;
}
