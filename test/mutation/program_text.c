#include "program_text.h"

#include <ctype.h>
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
