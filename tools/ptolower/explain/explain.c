/* `ptolower explain`: the command line, and what it prints of each diagnostic. The texts are those
 * of lib/support/diagnostics.def. */
#include "explain/explain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/output.h"
#include "common/report.h"
#include "common/words.h"
#include "support/codes.h"

static const word_help help = {.usage = "explain CODE...\nexplain --list",
                               .about = "Says what a diagnostic means and what to do about it. "
                                        "CODE is PTL208, ptl208, 208, or the\n"
                                        "name of its rule, mixed-sum.\n",
                               .refused = "the text could not be written",
                               .examples =
                                   "  ptolower explain PTL208\n  ptolower explain mixed-sum\n"};

typedef struct explain_cli {
  bool list, markdown, is_helped;
  const char **words;
  size_t count;
} explain_cli;

/* ---- one diagnostic --------------------------------------------------------- */

enum { LINE_WIDTH = 80, LABEL_WIDTH = 10 };

/* Prints `label` and beside it the text, in lines that fit a terminal. */
static void put_part(FILE *out, const char *label, const char *text) {
  int column = fprintf(out, "%-*s", LABEL_WIDTH, label);
  for (size_t length; *text; text += length + strspn(text + length, " ")) {
    length = strcspn(text, " ");
    if (column > LABEL_WIDTH && column + 1 + (int)length > LINE_WIDTH) {
      column = fprintf(out, "\n%-*s", LABEL_WIDTH, "") - 1;
    } else if (column > LABEL_WIDTH) {
      column += fprintf(out, " ");
    }
    column += fprintf(out, "%.*s", (int)length, text);
  }
  fputc('\n', out);
}

static void put_row(FILE *out, const ptl_diag_row *row) {
  fprintf(out, "PTL%03d  %s  (%s)\n\n", (int)row->code, row->name, ptl_grade_text(row->grade));
  put_part(out, "rule", row->summary);
  put_part(out, "text", row->text);
  put_part(out, "meaning", row->meaning);
  if (row->cure[0]) {
    put_part(out, "cure", row->cure);
  }
}

/* ---- which one is meant ----------------------------------------------------- */

/* The number of PTL208, ptl208 and 208; -1: the word is no such code. */
static int number_of(const char *word) {
  const char *digits = strncasecmp(word, "PTL", 3) == 0 ? word + 3 : word;
  size_t length = strspn(digits, "0123456789");
  return length > 0 && length <= 6 && !digits[length] ? atoi(digits) : -1;
}

static const ptl_diag_row *find_row(const char *word) {
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    if (strcasecmp(word, ptl_diag_rows[i].name) == 0) {
      return &ptl_diag_rows[i];
    }
  }
  return ptl_diag_row_of(number_of(word));
}

static int distance(const ptl_diag_section *section, int number) {
  return number < section->first  ? section->first - number
         : number > section->last ? number - section->last
                                  : 0;
}

static const ptl_diag_section *nearest_section(int number) {
  const ptl_diag_section *best = &ptl_diag_sections[0];
  for (size_t i = 1; i < ptl_diag_section_count; i++) {
    if (distance(&ptl_diag_sections[i], number) < distance(best, number)) {
      best = &ptl_diag_sections[i];
    }
  }
  return best;
}

static ptolower_status report_unknown(const char *word) {
  int number = number_of(word), first = 0, last = 0;
  if (number < 0) {
    return report_usage("'%s' is no code, as PTL208, and no name of a rule; see --list", word);
  }
  const ptl_diag_section *section = nearest_section(number);
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    int code = (int)ptl_diag_rows[i].code;
    if (code >= section->first && code <= section->last) {
      first = first ? first : code;
      last = code;
    }
  }
  return report_usage("there is no PTL%03d; the nearest are PTL%03d to PTL%03d, '%s'", number,
                      first, last, section->title);
}

/* ---- all -------------------------------------------------------------------- */

static void put_list(FILE *out) {
  const ptl_diag_row *row = ptl_diag_rows, *end = ptl_diag_rows + ptl_diag_row_count;
  for (size_t i = 0; i < ptl_diag_section_count; i++) {
    const ptl_diag_section *section = &ptl_diag_sections[i];
    fprintf(out, "%s%s\n", i > 0 ? "\n" : "", section->title);
    for (; row < end && (int)row->code <= section->last; row++) {
      fprintf(out, "  PTL%03d  %-26s  %s\n", (int)row->code, row->name, ptl_grade_text(row->grade));
    }
  }
}

/* ---- the command ------------------------------------------------------------ */

static ptolower_status put_rows(FILE *out, const explain_cli *cli) {
  for (size_t i = 0; i < cli->count; i++) {
    const ptl_diag_row *row = find_row(cli->words[i]);
    if (!row) {
      return report_unknown(cli->words[i]);
    }
    fputs(i > 0 ? "\n" : "", out);
    put_row(out, row);
  }
  return PTOLOWER_OK;
}

static ptolower_status put(FILE *out, const explain_cli *cli) {
  if (cli->list) {
    put_list(out);
  } else if (cli->markdown) {
    explain_page(out);
  } else {
    return put_rows(out, cli);
  }
  return PTOLOWER_OK;
}

/* Nothing is printed if a code is not known. */
static ptolower_status print(const explain_cli *cli) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  ptolower_status status = out ? put(out, cli) : PTOLOWER_INTERNAL;
  if (!out || fclose(out) != 0) {
    report_error("out of memory");
    status = PTOLOWER_INTERNAL;
  }
  if (status == PTOLOWER_OK) {
    status = output_print(text);
  }
  free(text);
  return status;
}

static ptolower_status read_options(int argc, char **argv, explain_cli *cli) {
  const word_option options[] = {
      {.name = "list", .flag = &cli->list, .help = "all diagnostics, a line each"},
      {.name = "markdown",
       .flag = &cli->markdown,
       .help = "all that is known of all of them, as the page docs/diagnostics.md"}};
  word_list list = {.help = &help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .inputs = cli->words,
                    .max_inputs = (size_t)argc};
  ptolower_status status = words_read(&list, argc, argv);
  cli->count = list.input_count;
  cli->is_helped = list.is_helped;
  if (status != PTOLOWER_OK || list.is_helped) {
    return status;
  }
  int asked = (cli->count > 0) + cli->list + cli->markdown;
  return asked == 1  ? PTOLOWER_OK
         : asked > 1 ? report_usage("codes, '--list' and '--markdown' do not go together")
                     : report_usage("no code");
}

ptolower_status explain_main(int argc, char **argv) {
  explain_cli cli = {.words = calloc((size_t)argc, sizeof(char *))};
  if (!cli.words) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = read_options(argc, argv, &cli);
  if (status == PTOLOWER_OK && !cli.is_helped) {
    status = print(&cli);
  }
  free(cli.words);
  return status;
}
