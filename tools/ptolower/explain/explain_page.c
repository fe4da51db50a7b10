/* docs/diagnostics.md, made from lib/support/diagnostics.def. A test compares the two. */
#include <string.h>

#include "explain/explain.h"
#include "support/codes.h"

static const char head[] =
    "<!-- Made by `ptolower explain --markdown` from lib/support/diagnostics.def. -->\n"
    "# Diagnostics\n"
    "\n"
    "```text\n"
    "gate_up.mlir:7:11: error: M is 129: it must be from 1 to 128 [PTL031]\n"
    "```\n"
    "\n"
    "A code never changes its meaning; texts may. `ptolower explain PTL031` prints what this page "
    "says of one.\n"
    "Places are lines of the user's file; an op's own `loc(\"model.py\":...)` follows as a note. "
    "Errors mean that\n"
    "there is no output. Warnings and remarks do not stop a run; remarks are shown with "
    "`--remarks`, some of a check\n"
    "by default. Exit status: 0 done, 1 the input is wrong or refused, 2 wrong usage, 3 a bug of "
    "ptolower (please\n"
    "report it with the input). Errors about files and options of the command line have no code.\n"
    "\n"
    "Below the line stands the line of the source: `^` is at the place, `~` below the rest of that "
    "word and below\n"
    "the values that the text names. A note tells of another op in the same way.\n"
    "\n"
    "```text\n"
    "k.pto:24:5: error: the vec tile %x (at 0) was overwritten by the vec tile %y (at 0) before it "
    "is read here [PTL203]\n"
    "   24 |     pto.tadd ins(%x, %y : !v, !v) outs(%z : !v)\n"
    "      |     ^~~~~~~~     ~~  ~~\n"
    "k.pto:21:5: note: it was overwritten here, where %y is loaded\n"
    "   21 |     pto.tload ins(%a_part : !pto.partition_tensor_view<16x64xf32>) outs(%y : !v)\n"
    "      |     ^~~~~~~~~                                                           ~~\n"
    "```\n"
    "\n"
    "On a terminal the messages have colours; `--color=never` or `NO_COLOR` in the environment "
    "turns "
    "them off,\n"
    "`--color=always` on. IR that was printed and read back, and text that `ptolower` made itself, "
    "have no line to\n"
    "show; neither have messages about the command line.\n"
    "\n"
    "In the texts, `X` stands for what differs. A tile is named as the file names it, with its "
    "address at level3:\n"
    "`mat tile %w_gate (at 131072)`.\n";

/* How many bytes of `text` are the name of a page of docs/; 0: it does not begin with one. */
static size_t page_length(const char *text) {
  size_t folder = strlen("docs/");
  if (strncmp(text, "docs/", folder) != 0) {
    return 0;
  }
  size_t name = strspn(text + folder, "abcdefghijklmnopqrstuvwxyz-");
  return name > 0 && strncmp(text + folder + name, ".md", 3) == 0 ? folder + name + 3 : 0;
}

/* Puts text into a cell or a paragraph: pages become links, bars do not end the cell. */
static void put_text(FILE *out, const char *text) {
  const size_t folder = strlen("docs/");
  for (size_t length; *text; text += length) {
    length = page_length(text);
    if (length > 0) {
      int name = (int)(length - folder);
      fprintf(out, "[%.*s](%.*s)", name, text + folder, name, text + folder);
    } else {
      length = 1;
      fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    }
  }
}

static void put_row(FILE *out, const ptl_diag_row *row) {
  const char *cells[] = {row->text, row->meaning, row->cure};
  fprintf(out, "| PTL%03d | %s | %s |", (int)row->code, row->name, ptl_grade_text(row->grade));
  for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
    fputs(cells[i][0] ? " " : "", out);
    put_text(out, cells[i]);
    fputs(" |", out);
  }
  fputc('\n', out);
}

static void put_section_head(FILE *out, const ptl_diag_section *section) {
  fprintf(out, "\n## %s\n\n", section->title);
  if (section->text[0]) {
    put_text(out, section->text);
    fputs("\n\n", out);
  }
  fputs("| code | rule | severity | text | meaning | what to do |\n|---|---|---|---|---|---|\n",
        out);
}

void explain_page(FILE *out) {
  const ptl_diag_row *row = ptl_diag_rows, *end = ptl_diag_rows + ptl_diag_row_count;
  fputs(head, out);
  for (size_t i = 0; i < ptl_diag_section_count; i++) {
    put_section_head(out, &ptl_diag_sections[i]);
    for (; row < end && (int)row->code <= ptl_diag_sections[i].last; row++) {
      put_row(out, row);
    }
  }
}
