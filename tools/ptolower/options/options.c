/* Reads the options of lowering and of check, and finds the nearest one to a word that is none. */
#include "options/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"

/* What an option does with its value, which is the fixed one if it takes none. */
typedef enum option_effect {
  EFFECT_LIBRARY, /* hand it to the library, under `key` */
  EFFECT_TARGET,
  EFFECT_OUTPUT,
  EFFECT_PLAN,
  EFFECT_REMARKS,
  EFFECT_PROOF,
  EFFECT_SUMMARY,
  EFFECT_FORMAT,
  EFFECT_MAP,
  EFFECT_COLOR,
  EFFECT_PTOAS,
  EFFECT_BASELINE,
  EFFECT_NEW_BASELINE,
  EFFECT_CERTIFICATE,
  EFFECT_VERIFY,
  EFFECT_JOBS,
  EFFECT_ACTION, /* do `action` instead of lowering */
} option_effect;

/* Which commands have an option. */
enum { FOR_LOWER = 1, FOR_CHECK = 2, FOR_BOTH = FOR_LOWER | FOR_CHECK };

typedef struct option_spec {
  int commands;
  const char *name; /* after the two dashes */
  char letter;      /* the same with one dash; 0: none */
  bool takes_value;
  bool may_be_empty;
  bool one_dash; /* `-name`, as compilers have it */
  option_effect effect;
  const char *key;
  cli_action action;
} option_spec;

static const option_spec option_table[] = {
    {FOR_LOWER, "output", .letter = 'o', .takes_value = true, .effect = EFFECT_OUTPUT},
    {FOR_LOWER, "plan", .takes_value = true, .effect = EFFECT_PLAN},
    {FOR_BOTH, "remarks", .effect = EFFECT_REMARKS},
    {FOR_BOTH, "color", .takes_value = true, .effect = EFFECT_COLOR},
    {FOR_BOTH, "target", .takes_value = true, .effect = EFFECT_TARGET},
    {FOR_BOTH, "ptoas", .takes_value = true, .effect = EFFECT_PTOAS},
    {FOR_LOWER, "fuse", .takes_value = true, .effect = EFFECT_LIBRARY, .key = "fuse"},
    {FOR_LOWER, "rewrite", .takes_value = true, .effect = EFFECT_LIBRARY, .key = "rewrite"},
    {FOR_LOWER, "repair", .takes_value = true, .effect = EFFECT_LIBRARY, .key = "repair"},
    {FOR_LOWER, "pass-pipeline", .takes_value = true, .may_be_empty = true,
     .effect = EFFECT_LIBRARY, .key = "pass-pipeline"},
    {FOR_LOWER, "stop-after", .takes_value = true, .effect = EFFECT_LIBRARY, .key = "stop-after"},
    {FOR_LOWER, "print-ir-after-all", .effect = EFFECT_LIBRARY, .key = "print-ir"},
    {FOR_LOWER, "timing", .effect = EFFECT_LIBRARY, .key = "timing"},
    {FOR_LOWER, "validate", .effect = EFFECT_LIBRARY, .key = "validate"},
    {FOR_CHECK, "format", .takes_value = true, .effect = EFFECT_FORMAT},
    {FOR_CHECK, "summary", .effect = EFFECT_SUMMARY},
    {FOR_CHECK, "map", .takes_value = true, .effect = EFFECT_MAP},
    {FOR_CHECK, "jobs", .letter = 'j', .takes_value = true, .effect = EFFECT_JOBS},
    {FOR_CHECK, "baseline", .takes_value = true, .effect = EFFECT_BASELINE},
    {FOR_CHECK, "write-baseline", .takes_value = true, .effect = EFFECT_NEW_BASELINE},
    {FOR_CHECK, "certificate", .takes_value = true, .effect = EFFECT_CERTIFICATE},
    {FOR_CHECK, "verify", .takes_value = true, .effect = EFFECT_VERIFY},
    {FOR_CHECK, "Werror", .one_dash = true, .effect = EFFECT_LIBRARY, .key = "werror"},
    {FOR_CHECK, "require-proof", .effect = EFFECT_PROOF},
    {FOR_LOWER, "list-passes", .effect = EFFECT_ACTION, .action = CLI_LIST_PASSES},
    {FOR_LOWER, "dialect", .effect = EFFECT_ACTION, .action = CLI_DIALECT},
    {FOR_LOWER, "help", .letter = 'h', .effect = EFFECT_ACTION, .action = CLI_HELP},
    {FOR_CHECK, "help", .letter = 'h', .effect = EFFECT_ACTION, .action = CLI_CHECK_HELP},
    {FOR_LOWER, "version", .effect = EFFECT_ACTION, .action = CLI_VERSION},
};
enum { OPTION_COUNT = sizeof(option_table) / sizeof(option_table[0]) };

/* The command line while it is read. */
typedef struct reader {
  int argc;
  char **argv;
  int next;    /* index of the word to read */
  int command; /* FOR_LOWER or FOR_CHECK */
  cli_options *out;
} reader;

/* An option as it was written. */
typedef struct written_option {
  const option_spec *spec; /* NULL: there is no such option */
  const char *word;
  const char *value; /* attached to the word, or NULL */
} written_option;

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

enum { MAX_NAME_LENGTH = 31 };

/* Edits (insert, delete, replace a character) from a to b, of at most MAX_NAME_LENGTH
 * characters each. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  size_t row[MAX_NAME_LENGTH + 1];
  for (size_t j = 0; j <= b_length; j++) {
    row[j] = j;
  }
  for (size_t i = 0; i < a_length; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b_length; j++) {
      size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = min_size(replaced, 1 + min_size(row[j], row[j + 1]));
    }
  }
  return row[b_length];
}

/* The option that `name` was probably meant to be, or NULL. */
static const option_spec *nearest_option(int command, const char *name, size_t length) {
  const option_spec *nearest = NULL;
  size_t least = 1 + length / 3;
  if (length > MAX_NAME_LENGTH) {
    return NULL;
  }
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const char *candidate = option_table[i].name;
    if (!(option_table[i].commands & command)) {
      continue;
    }
    size_t distance = edit_distance(name, length, candidate, strlen(candidate));
    bool is_prefix = length >= 3 && strncmp(candidate, name, length) == 0;
    if (is_prefix || distance < least) {
      nearest = &option_table[i];
      least = is_prefix ? 0 : distance;
    }
  }
  return nearest;
}

static ptolower_status unknown_option(int command, const char *word) {
  const char *name = word + strspn(word, "-");
  size_t length = strcspn(name, "=");
  const option_spec *nearest = nearest_option(command, name, length);
  int shown = (int)(strcspn(word, "="));
  if (nearest) {
    return report_usage("unknown option '%.*s'; did you mean '%s%s'?", shown, word,
                        nearest->one_dash ? "-" : "--", nearest->name);
  }
  return report_usage("unknown option '%.*s'", shown, word);
}

static bool is_spelled(const option_spec *spec, const char *name, size_t length) {
  return strlen(spec->name) == length && memcmp(spec->name, name, length) == 0;
}

/* Splits `--name=value`, `--name`, `-o`, `-ovalue`, `-o=value`, `-Wname`. */
static written_option split_option(int command, const char *word) {
  written_option written = {.word = word};
  bool is_long = word[1] == '-';
  const char *name = word + 2;
  size_t length = strcspn(name, "=");
  for (size_t i = 0; i < OPTION_COUNT && !written.spec; i++) {
    const option_spec *spec = &option_table[i];
    bool matches = spec->one_dash ? is_spelled(spec, word + 1, strlen(word + 1))
                   : is_long      ? is_spelled(spec, name, length)
                                  : spec->letter == word[1] && (spec->takes_value || !word[2]);
    if (matches && (spec->commands & command)) {
      written.spec = spec;
      written.value = spec->one_dash ? NULL
                      : is_long      ? (name[length] ? name + length + 1 : NULL)
                      : *name        ? name + (*name == '=')
                                     : NULL;
    }
  }
  return written;
}

/* Finds the option's value, in its own word or in the next. */
static ptolower_status read_value(reader *in, written_option *option) {
  const option_spec *spec = option->spec;
  int shown = (int)strcspn(option->word, "=");
  if (!spec->takes_value) {
    return option->value ? report_usage("'--%s' takes no value", spec->name) : PTOLOWER_OK;
  }
  if (!option->value && in->next < in->argc && strncmp(in->argv[in->next], "--", 2) != 0) {
    option->value = in->argv[in->next++];
  }
  if (!option->value || (!*option->value && !spec->may_be_empty)) {
    return report_usage("'%.*s' needs a value", shown, option->word);
  }
  return PTOLOWER_OK;
}

static ptolower_status set_library_option(cli_options *out, const char *key, const char *value) {
  ptolower_status status = ptolower_options_set(out->library, key, value);
  if (status != PTOLOWER_OK) {
    report_error("the library refused its option '%s'", key);
  }
  return status;
}

/* A chip by its name, or a table in a file. */
static ptolower_status set_target(cli_options *out, const char *value) {
  size_t length = strlen(value);
  bool is_json = length >= 5 && strcmp(value + length - 5, ".json") == 0;
  if (is_json || strchr(value, '/')) {
    out->target_file = value;
    return PTOLOWER_OK;
  }
  out->target_file = NULL;
  return set_library_option(out, "target", value);
}

static ptolower_status set_format(cli_options *out, const char *value) {
  static const char *const names[] = {
      [CLI_TEXT] = "text", [CLI_JSON] = "json", [CLI_SARIF] = "sarif"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(value, names[i]) == 0) {
      out->format = (cli_format)i;
      return PTOLOWER_OK;
    }
  }
  return report_usage("'%s' is no format; there are text, json and sarif", value);
}

static ptolower_status set_jobs(cli_options *out, const char *value) {
  enum { MOST = 256 };
  char *end;
  unsigned long jobs = strtoul(value, &end, 10);
  if (*value < '0' || *value > '9' || *end || jobs == 0 || jobs > MOST) {
    return report_usage("'%s' is no number of jobs from 1 to %d", value, MOST);
  }
  out->jobs = jobs;
  return PTOLOWER_OK;
}

static ptolower_status apply_option(cli_options *out, const written_option *option) {
  const option_spec *spec = option->spec;
  switch (spec->effect) {
  case EFFECT_LIBRARY:
    return set_library_option(out, spec->key, spec->takes_value ? option->value : "1");
  case EFFECT_TARGET:
    return set_target(out, option->value);
  case EFFECT_OUTPUT:
    out->output = option->value;
    break;
  case EFFECT_PLAN:
    out->plan = option->value;
    break;
  case EFFECT_REMARKS:
    out->remarks = true;
    break;
  case EFFECT_PROOF:
    out->requires_proof = true;
    break;
  case EFFECT_SUMMARY:
    out->summary = true;
    break;
  case EFFECT_FORMAT:
    return set_format(out, option->value);
  case EFFECT_MAP:
    out->map = option->value;
    return set_library_option(out, "map", "1");
  case EFFECT_COLOR:
    return report_color(option->value);
  case EFFECT_PTOAS:
    out->ptoas = option->value;
    return set_library_option(out, "ptoas", option->value);
  case EFFECT_BASELINE:
    out->baseline = option->value;
    break;
  case EFFECT_NEW_BASELINE:
    out->new_baseline = option->value;
    break;
  case EFFECT_CERTIFICATE:
    out->certificate = option->value;
    break;
  case EFFECT_VERIFY:
    out->verify = option->value;
    break;
  case EFFECT_JOBS:
    return set_jobs(out, option->value);
  case EFFECT_ACTION:
    out->action = spec->action;
    break;
  }
  return PTOLOWER_OK;
}

static ptolower_status read_option(reader *in, const char *word) {
  written_option option = split_option(in->command, word);
  if (!option.spec) {
    return unknown_option(in->command, word);
  }
  ptolower_status status = read_value(in, &option);
  return status == PTOLOWER_OK ? apply_option(in->out, &option) : status;
}

static ptolower_status read_input(cli_options *out, const char *word) {
  if (out->inputs) {
    out->inputs[out->input_count++] = word;
    return PTOLOWER_OK;
  }
  if (out->input) {
    return report_usage("more than one input: '%s' and '%s'; 'ptolower fuse' makes one kernel of "
                        "several",
                        out->input, word);
  }
  out->input = word;
  return PTOLOWER_OK;
}

static ptolower_status read_words(reader *in) {
  ptolower_status status = PTOLOWER_OK;
  bool options_ended = false;
  while (status == PTOLOWER_OK && in->next < in->argc) {
    const char *word = in->argv[in->next++];
    if (options_ended || word[0] != '-' || !word[1]) {
      status = read_input(in->out, word);
    } else if (strcmp(word, "--") == 0) {
      options_ended = true;
    } else {
      status = read_option(in, word);
    }
  }
  return status;
}

static ptolower_status check_options(const cli_options *options) {
  if (options->action == CLI_CHECK && options->verify && options->input_count > 0) {
    return report_usage("'--verify' checks the files that the certificate names; there is one more, '%s'",
                        options->inputs[0]);
  }
  if (options->action == CLI_CHECK && options->input_count == 0 && !options->verify) {
    return report_usage("no input");
  }
  if (options->action != CLI_LOWER) {
    return PTOLOWER_OK;
  }
  if (!options->input) {
    return report_usage("no input");
  }
  if (options->plan && strcmp(options->plan, options->output) == 0 &&
      strncmp(options->plan, "/dev/", 5) != 0) {
    return report_usage("the output and the plan would both go to '%s'", options->plan);
  }
  return PTOLOWER_OK;
}

ptolower_status cli_options_parse(int argc, char **argv, cli_options *out) {
  *out = (cli_options){.output = "-", .jobs = 1, .library = ptolower_options_create()};
  if (!out->library) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  reader in = {.argc = argc, .argv = argv, .next = 1, .command = FOR_LOWER, .out = out};
  if (argc > 1 && strcmp(argv[1], "check") == 0) {
    report_of_command("check");
    in.command = FOR_CHECK;
    in.next = 2;
    out->action = CLI_CHECK;
    out->inputs = calloc((size_t)argc, sizeof(*out->inputs));
    if (!out->inputs) {
      report_error("out of memory");
      return PTOLOWER_INTERNAL;
    }
  }
  ptolower_status status = read_words(&in);
  return status == PTOLOWER_OK ? check_options(out) : status;
}

void cli_options_free(cli_options *options) {
  free(options->inputs);
  ptolower_options_destroy(options->library);
}
