/* `ptolower tpot`: reads the model and the changes, estimates, and prints. */
#include "tpot/tpot.h"

#include <stdlib.h>
#include <string.h>

#include "common/json_read.h"
#include "common/output.h"
#include "common/report.h"
#include "common/words.h"
#include "tpot/tpot_kernels.h"

static const word_help help = {.usage = "tpot [options] MODEL.json",
                               .about = "Estimates what a change of kernels means for the time per "
                                        "output token, from the measured\n"
                                        "figures in MODEL.json (docs/tpot.md).\n",
                               .refused = "the model or the plan could not be read"};

typedef struct tpot_cli {
  const char *input, *change, *before, *after, *plan, *kernels, *format;
  bool is_helped;
} tpot_cli;

typedef struct tpot_run {
  tpot_model model;
  tpot_change *changes; /* owned */
  size_t count;
} tpot_run;

static ptolower_status read_options(int argc, char **argv, tpot_cli *out) {
  *out = (tpot_cli){.format = "text"};
  const word_option options[] = {
      {.name = "kernels",
       .shown = "DIR",
       .value = &out->kernels,
       .help = "what rewriting the kernels of a folder, a pattern or a file means"},
      {.name = "change",
       .shown = "NUMBER",
       .value = &out->change,
       .help =
           "only this change of the file; cycles given here are its; default: all, cycles of 1"},
      {.name = "before",
       .shown = "CYCLES",
       .value = &out->before,
       .help = "of each task that goes away"},
      {.name = "after", .shown = "CYCLES", .value = &out->after, .help = "of each task that comes"},
      {.name = "plan",
       .shown = "FILE.json",
       .value = &out->plan,
       .help = "both, from a plan that ptolower wrote, by calibration"},
      {.name = "format",
       .shown = "FORMAT",
       .value = &out->format,
       .help = "text (default) or json"}};
  word_list list = {.help = &help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .inputs = &out->input,
                    .max_inputs = 1};
  ptolower_status status = words_read(&list, argc, argv);
  out->is_helped = list.is_helped;
  if (status != PTOLOWER_OK || list.is_helped) {
    return status;
  }
  if (!word_is_format(out->format)) {
    return PTOLOWER_USAGE;
  }
  if (out->plan && (out->before || out->after)) {
    return report_usage("'--plan' gives the cycles before and after");
  }
  if (out->kernels && (out->plan || out->before || out->after || out->change)) {
    return report_usage("'--kernels' gives all cycles");
  }
  return out->input ? PTOLOWER_OK : report_usage("no model");
}

static cJSON *read_json(const char *path) {
  cJSON *document = json_read(path);
  if (document && !cJSON_IsObject(document)) {
    report_error("%s: this is not an object, {\"layers\": ...}", path);
    cJSON_Delete(document);
    return NULL;
  }
  return document;
}

/* Room for `count` changes in place of those there are. */
static bool make_room(tpot_run *run, int count) {
  free(run->changes);
  run->count = 0;
  run->changes = calloc((size_t)count + 1, sizeof(*run->changes));
  if (!run->changes) {
    report_error("out of memory");
  }
  return run->changes;
}

static bool read_changes(const tpot_cli *cli, const cJSON *document, tpot_run *out) {
  const cJSON *list = cJSON_GetObjectItem(document, "changes"), *item;
  if (!make_room(out, cJSON_GetArraySize(list))) {
    return false;
  }
  cJSON_ArrayForEach(item, list) {
    if (!tpot_read_change(cli->input, document, item, &out->changes[out->count++])) {
      return false;
    }
  }
  if (out->count == 0) {
    report_error("%s: 'changes' must list what is changed", cli->input);
  }
  return out->count > 0;
}

/* Keeps the change that is asked for; the first, if cycles are given for one. */
static ptolower_status choose_change(const tpot_cli *cli, tpot_run *run) {
  double number = 1;
  if (!cli->change && !cli->before && !cli->after && !cli->plan) {
    return PTOLOWER_OK;
  }
  if (cli->change && !word_number("change", cli->change, &number)) {
    return PTOLOWER_USAGE;
  }
  size_t index = (size_t)number;
  if ((double)index != number || index > run->count) {
    return report_usage("'--change' is a whole number from 1 to %zu, not '%s'", run->count,
                        cli->change);
  }
  run->changes[0] = run->changes[index - 1];
  run->count = 1;
  return PTOLOWER_OK;
}

static ptolower_status set_cycles(const tpot_cli *cli, tpot_run *run) {
  tpot_change *change = &run->changes[0];
  if (cli->before && !word_number("before", cli->before, &change->cycles_before)) {
    return PTOLOWER_USAGE;
  }
  if (cli->after && !word_number("after", cli->after, &change->cycles_after)) {
    return PTOLOWER_USAGE;
  }
  return PTOLOWER_OK;
}

static double number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* One estimate for each calibration; the function before did the work of all groups. */
static ptolower_status take_plan(const tpot_cli *cli, const cJSON *plan, tpot_run *run) {
  const cJSON *kernel = cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "kernels"), 0), *cycles;
  const cJSON *list = cJSON_GetObjectItem(kernel, "modelled_cycles");
  tpot_change given = run->changes[0];
  if (!make_room(run, cJSON_GetArraySize(list))) {
    return PTOLOWER_INTERNAL;
  }
  cJSON_ArrayForEach(cycles, list) {
    double before = number(cycles, "input_function"), after = number(cycles, "plan");
    if (before > 0 && after > 0) {
      given.calibration = cJSON_GetStringValue(cJSON_GetObjectItem(cycles, "calibration"));
      given.cycles_before = before / given.groups_before;
      given.cycles_after = after;
      run->changes[run->count++] = given;
    }
  }
  if (run->count == 0) {
    report_error("%s: this is no plan of a .pto kernel that was fused", cli->plan);
  }
  return run->count > 0 ? PTOLOWER_OK : PTOLOWER_REFUSED;
}

/* Figures that contradict each other would give an estimate without a meaning. */
static bool check_estimates(const tpot_cli *cli, const tpot_run *run) {
  for (size_t i = 0; i < run->count; i++) {
    if (tpot_after(&run->model, &run->changes[i]).device_ms <= 0) {
      report_error("%s: '%s' would save more time than a step takes: its cycles, or the measured "
                   "figures, are wrong",
                   cli->input, run->changes[i].name);
      return false;
    }
  }
  return true;
}

static ptolower_status print(const tpot_cli *cli, const tpot_run *run) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  bool ok = out != NULL;
  if (ok && strcmp(cli->format, "json") == 0) {
    tpot_print_json(out, &run->model, run->changes, run->count);
  } else if (ok) {
    tpot_print_text(out, &run->model, run->changes, run->count);
  }
  ok = ok && fclose(out) == 0;
  ptolower_status status = PTOLOWER_INTERNAL;
  if (ok) {
    status = output_print(text);
  } else {
    report_error("out of memory");
  }
  free(text);
  return status;
}

static ptolower_status estimate_changes(const tpot_cli *cli, const cJSON *plan, tpot_run *run) {
  ptolower_status status = choose_change(cli, run);
  if (status == PTOLOWER_OK) {
    status = plan ? take_plan(cli, plan, run) : set_cycles(cli, run);
  }
  if (status == PTOLOWER_OK && !check_estimates(cli, run)) {
    return PTOLOWER_REFUSED;
  }
  return status == PTOLOWER_OK ? print(cli, run) : status;
}

static ptolower_status estimate(const tpot_cli *cli, const cJSON *document, const cJSON *plan) {
  if (cJSON_HasObjectItem(document, "kernels")) {
    return report_usage("%s names kernels; where are they? --kernels=DIR", cli->input);
  }
  tpot_run run = {.count = 0};
  ptolower_status status = PTOLOWER_REFUSED;
  if (tpot_read_model(cli->input, document, &run.model) && read_changes(cli, document, &run)) {
    status = estimate_changes(cli, plan, &run);
  }
  free(run.changes);
  return status;
}

ptolower_status tpot_main(int argc, char **argv) {
  tpot_cli cli;
  ptolower_status status = read_options(argc, argv, &cli);
  if (status != PTOLOWER_OK) {
    return status;
  }
  if (cli.is_helped) {
    return PTOLOWER_OK;
  }
  cJSON *document = read_json(cli.input);
  cJSON *plan = document && cli.plan ? read_json(cli.plan) : NULL;
  bool ok = document && (plan || !cli.plan);
  status = !ok           ? PTOLOWER_REFUSED
           : cli.kernels ? tpot_kernels(cli.input, document, cli.kernels, cli.format)
                         : estimate(&cli, document, plan);
  cJSON_Delete(plan);
  cJSON_Delete(document);
  return status;
}
