/* `ptolower reduce`: the command line, and the order of the steps. */
#include "reduce/reduce.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/output.h"
#include "common/progress.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "reduce/reduce_steps.h"

static const word_help help = {
    .usage = "reduce --code=PTLnnn [options] FILE",
    .about = "Writes the smallest file that still shows the first finding of FILE with this code.\n"
             "Functions, ops and arguments are left out, loops and branches become what stands in\n"
             "them, constants get smaller. After each step the file is checked; a step that loses\n"
             "the finding, or brings one that FILE does not have, is taken back (docs/check.md).\n",
    .refused = "FILE does not show it, or a file could not be read or written",
    .examples = "  ptolower reduce --code=PTL203 kernel.pto -o small.pto\n"
                "  ptolower reduce --code=PTL260 --sync=PTOAS kernel.pto\n"};

typedef struct reduce_cli {
  file_command command;
  const char *code, *output, *synchroniser;
  bool synchronises;
} reduce_cli;

static ptolower_status read_options(reduce_cli *cli, int argc, char **argv) {
  const word_option options[] = {
      {.section = "Options",
       .name = "code",
       .shown = "PTLnnn",
       .value = &cli->code,
       .help = "the finding, as check tells it"},
      {.name = "output",
       .letter = 'o',
       .shown = "FILE",
       .value = &cli->output,
       .help = "where the small file goes; default: standard output"},
      {.name = "sync",
       .shown = "PTOAS",
       .value = &cli->synchroniser,
       .flag = &cli->synchronises,
       .help = "the flags are those that a ptoas puts in, as for check; each step runs it"},
      option_target(NULL),
      option_ptoas(),
  };
  return file_command_read(&cli->command, &help, options, sizeof(options) / sizeof(options[0]),
                           argc, argv);
}

/* The number of PTL208, ptl208 and 208; 0: it is none. */
static int code_of(const char *word) {
  const char *digits = word && strncasecmp(word, "PTL", 3) == 0 ? word + 3 : word;
  return digits && strlen(digits) == 3 && strspn(digits, "0123456789") == 3 ? atoi(digits) : 0;
}

/* ---- steps ------------------------------------------------------------------------------- */

static bool is_comment(ptl_str line) {
  while (line.length > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
    line.data++;
    line.length--;
  }
  return line.length == 0 || ptl_str_starts_with(line, "//");
}

static void drop_comments(reduction *r) {
  bool *is_marked = ptl_arena_array(r->arena, (size_t)r->lines.count + 1, sizeof(bool));
  for (int i = 0; i < r->lines.count; i++) {
    is_marked[i] = is_comment(r->lines.items[i]);
  }
  (void)reduce_try(r, reduce_without(r->arena, &r->lines, is_marked));
}

/* The line without the place that pypto wrote behind it. */
static ptl_str without_place(ptl_str line) {
  const char mark[] = " loc(";
  for (size_t i = line.length; i-- > 0;) {
    if (line.length - i >= sizeof(mark) - 1 && memcmp(line.data + i, mark, sizeof(mark) - 1) == 0) {
      return (ptl_str){line.data, i};
    }
  }
  return line;
}

static void drop_places(reduction *r) {
  reduce_lines lines = {ptl_arena_array(r->arena, (size_t)r->lines.count + 1, sizeof(ptl_str)),
                        r->lines.count};
  for (int i = 0; i < lines.count; i++) {
    lines.items[i] = without_place(r->lines.items[i]);
  }
  (void)reduce_try(r, lines);
}

/* What goes at once after the first round, in which most has gone. */
enum { FEW = 2 };

static void run_steps(reduction *r) {
  drop_comments(r);
  drop_places(r);
  int most = r->lines.count / 2;
  for (bool changes = true; changes; most = FEW) {
    changes = reduce_drop(r, most);
    changes = reduce_unwrap(r) || changes;
    changes = reduce_shrink(r) || changes;
  }
  (void)reduce_try(r, reduce_indented(r->arena, &r->lines));
}

/* ---- the command -------------------------------------------------------------------------- */

static ptolower_status write(const reduce_cli *cli, ptl_str text) {
  output_file file = {
      .path = cli->output ? cli->output : "-", .text = text.data, .length = text.length};
  return output_write(&file, 1);
}

static ptolower_status reduce(const reduce_cli *cli, reduce_judge *judge, const file_text *input) {
  ptl_str text = {input->data, input->length};
  if (!reduce_judge_begin(judge, text)) {
    return PTOLOWER_REFUSED;
  }
  reduction r = {judge->arena, judge, reduce_split(judge->arena, text)};
  int before = r.lines.count;
  run_steps(&r);
  fprintf(stderr, "%d of %d statements, %d checks\n", r.lines.count, before, judge->checks);
  return write(cli, reduce_join(judge->arena, &r.lines));
}

static bool choose_ptoas(const reduce_cli *cli, ptoas_choice *out) {
  if (!cli->synchronises) {
    return true;
  }
  bool ok = ptoas_choose(cli->synchroniser, out);
  if (ok && !out->path[0]) {
    report_error("there is no ptoas; --sync=PTOAS names one");
    ok = false;
  }
  return ok;
}

static ptolower_status run(const reduce_cli *cli) {
  ptl_arena arena;
  file_text input;
  ptoas_choice ptoas = {0};
  reduce_judge judge = {
      .arena = &arena, .library = cli->command.library, .code = code_of(cli->code)};
  if (cli->command.input_count != 1) {
    return report_usage("reduce takes one file");
  }
  if (judge.code == 0) {
    return report_usage("--code=PTLnnn says which finding is to stand");
  }
  if (!choose_ptoas(cli, &ptoas) || !file_read(cli->command.inputs[0], &input)) {
    return PTOLOWER_REFUSED;
  }
  judge.name = cli->command.inputs[0];
  judge.ptoas = ptoas.path[0] ? ptoas.path : NULL;
  ptl_arena_init(&arena);
  ptolower_status status = reduce(cli, &judge, &input);
  ptl_arena_free(&arena);
  file_text_free(&input);
  return status;
}

ptolower_status reduce_main(int argc, char **argv) {
  reduce_cli cli = {0};
  ptolower_status status = file_command_begin(&cli.command, argc);
  status = status == PTOLOWER_OK ? read_options(&cli, argc, argv) : status;
  if (status == PTOLOWER_OK && !cli.command.is_helped) {
    status = run(&cli);
  }
  file_command_free(&cli.command);
  return status;
}
