/* The text of --help, the same in form for every command. */
#include <string.h>

#include "common/words.h"

enum { HELP_COLUMN = 27, LAST_COLUMN = 96 };

static void put_spaces(FILE *out, size_t count) { fprintf(out, "%*s", (int)count, ""); }

/* Each line of the usage begins below the first. */
static void put_usage(FILE *out, const char *usage) {
  const char *before = "Usage: ";
  for (size_t length; *usage; usage += length + (usage[length] == '\n')) {
    length = strcspn(usage, "\n");
    fprintf(out, "%sptolower %.*s\n", before, (int)length, usage);
    before = "       ";
  }
}

/* Words from column HELP_COLUMN on, where the line stands now. */
static void put_wrapped(FILE *out, const char *text) {
  size_t column = HELP_COLUMN;
  for (size_t length; *text; text += length + (text[length] == ' ')) {
    length = strcspn(text, " ");
    bool fits = column + length < LAST_COLUMN;
    if (column > HELP_COLUMN) {
      fputs(fits ? " " : "\n", out);
      put_spaces(out, fits ? 0 : HELP_COLUMN);
    }
    column = (fits ? column : HELP_COLUMN) + length + 1;
    fwrite(text, 1, length, out);
  }
  fputc('\n', out);
}

static void put_option(FILE *out, const word_option *option) {
  char letter[5] = "    ";
  if (option->letter) {
    snprintf(letter, sizeof(letter), "-%c, ", option->letter);
  }
  bool may_be_missing = option->shown && option->flag;
  int width = fprintf(out, "  %s%s%s%s%s%s", letter, option->one_dash ? "-" : "--", option->name,
                      may_be_missing  ? "[="
                      : option->shown ? "="
                                      : "",
                      option->shown ? option->shown : "", may_be_missing ? "]" : "");
  bool fits = width < HELP_COLUMN;
  fputs(fits ? "" : "\n", out);
  put_spaces(out, fits ? (size_t)(HELP_COLUMN - width) : HELP_COLUMN);
  put_wrapped(out, option->help);
}

static void put_options(FILE *out, const word_list *list) {
  const char *section = "";
  for (size_t i = 0; i < words_option_count(list); i++) {
    const word_option *option = words_option(list, i);
    const char *own = option->section ? option->section : i == 0 ? "Options" : section;
    if (strcmp(own, section) != 0) {
      fprintf(out, "\n%s:\n", own);
      section = own;
    }
    put_option(out, option);
  }
}

void words_put_help(FILE *out, const word_list *list) {
  const word_help *help = list->help;
  put_usage(out, help->usage);
  fprintf(out, "\n%s", help->about);
  put_options(out, list);
  if (help->more) {
    fputc('\n', out);
    help->more(out);
  }
  fprintf(out,
          "\nExit status:\n  0  %s\n  1  %s\n  2  wrong usage\n"
          "  3  a bug of ptolower; please report it\n",
          help->done ? help->done : "done", help->refused);
  if (help->examples) {
    fprintf(out, "\nExamples:\n%s", help->examples);
  }
}
