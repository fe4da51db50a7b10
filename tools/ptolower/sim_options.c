#include "sim_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "report.h"

const char sim_help[] =
    "usage: ptolower sim [options] KERNEL.pto\n"
    "\n"
    "Runs a kernel on the host, exactly, with tiles at their addresses (docs/sim.md).\n"
    "\n"
    "  --arg=N=WHAT         what argument N (an index or a name) is:\n"
    "                         random:16x5120xi8,seed=1  also extreme, small, iota, ones, zeros\n"
    "                         file.npy                  an array\n"
    "                         file.raw:16x5120xi8       raw bytes of that shape\n"
    "  --scalar=N=VALUE     the value of a scalar argument                     (0)\n"
    "  --out=N=FILE.npy     writes a tensor after the run\n"
    "  --expect=N=FILE.npy  exit status 1 if the tensor is not this\n"
    "  --func=NAME          the function to run, or NAME of NAME_aic and NAME_aiv\n"
    "  --block-idx=I        the block to run                                   (0)\n"
    "  --blocks=N           how many blocks to run from there on               (1)\n"
    "  --block-num=N        how many blocks the kernel is told there are\n"
    "  --target=CHIP        a2a3, a5, or a table FILE.json   (the module's, else a2a3)\n"
    "  --help               this text\n";

const char validate_help[] =
    "usage: ptolower validate [options] BEFORE AFTER.pto\n"
    "\n"
    "Runs both kernels on generated inputs and compares every tensor bit for bit\n"
    "(docs/sim.md). BEFORE may hold products on tensors (linalg). Exit status 3: they differ.\n"
    "\n"
    "  --target=CHIP        a2a3, a5, or a table FILE.json   (the module's, else a2a3)\n"
    "  --remarks            show what was run, too\n"
    "  --help               this text\n";

static bool add_pair(sim_pairs *pairs, const char *word) {
  const char *equals = strchr(word, '=');
  if (!equals || equals == word || !equals[1]) {
    report_usage("'%s' is not NAME=VALUE", word);
    return false;
  }
  sim_pair *items = realloc(pairs->items, (pairs->count + 1) * sizeof *items);
  char *name = items ? strndup(word, (size_t)(equals - word)) : NULL;
  pairs->items = items ? items : pairs->items;
  if (!name) {
    report_error("out of memory");
    return false;
  }
  pairs->items[pairs->count++] = (sim_pair){name, equals + 1};
  return true;
}

static bool set_number(const char *option, const char *word, int64_t *out) {
  char *end;
  errno = 0;
  long long value = strtoll(word, &end, 10);
  if (errno || *end || !*word || value < 0 || value > 1000000) {
    report_usage("'--%s' is a number from 0 to 1000000, not '%s'", option, word);
    return false;
  }
  *out = value;
  return true;
}

static bool set_option(sim_cli *out, const char *key, const char *value) {
  return ptolower_options_set(out->library, key, value) == PTOLOWER_OK;
}

static bool set_target(sim_cli *out, const char *word) {
  size_t length = strlen(word);
  file_text json;
  if (!strchr(word, '/') && (length < 5 || strcmp(word + length - 5, ".json") != 0)) {
    return set_option(out, "target", word);
  }
  if (!file_read(word, &json)) {
    return false;
  }
  bool ok = set_option(out, "target-json", json.data) && set_option(out, "target-file", word);
  file_text_free(&json);
  return ok;
}

static bool apply(sim_cli *out, const char *name, const char *value) {
  if (strcmp(name, "arg") == 0) {
    return add_pair(&out->args, value);
  }
  if (strcmp(name, "scalar") == 0) {
    return add_pair(&out->scalars, value);
  }
  if (strcmp(name, "out") == 0) {
    return add_pair(&out->outs, value);
  }
  if (strcmp(name, "expect") == 0) {
    return add_pair(&out->expects, value);
  }
  if (strcmp(name, "block-idx") == 0) {
    return set_number(name, value, &out->sim.first_block);
  }
  if (strcmp(name, "blocks") == 0) {
    return set_number(name, value, &out->sim.block_count);
  }
  if (strcmp(name, "block-num") == 0) {
    return set_number(name, value, &out->sim.block_num);
  }
  if (strcmp(name, "func") == 0) {
    out->sim.function = value;
    return true;
  }
  return set_target(out, value);
}

static const char *known_option(const char *word, size_t length) {
  static const char *const names[] = {"arg",    "scalar",    "out",  "expect", "block-idx",
                                      "blocks", "block-num", "func", "target"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0) {
      return names[i];
    }
  }
  return NULL;
}

/* Reads the option at argv[*next], and its value, which may be the next word. */
static bool read_option(int argc, char **argv, int *next, sim_cli *out) {
  const char *word = argv[(*next)++];
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    return out->help = true;
  }
  if (strcmp(word, "--remarks") == 0) {
    return out->remarks = true;
  }
  size_t length = strcspn(word, "=");
  const char *name = length > 2 ? known_option(word + 2, length - 2) : NULL;
  if (!name) {
    report_usage("unknown option '%.*s'", (int)length, word);
    return false;
  }
  const char *value = word[length] ? word + length + 1 : *next < argc ? argv[(*next)++] : NULL;
  if (!value || !*value) {
    report_usage("'--%s' needs a value", name);
    return false;
  }
  return apply(out, name, value);
}

ptolower_status sim_options_parse(int argc, char **argv, sim_cli *out) {
  *out = (sim_cli){.library = ptolower_options_create()};
  if (!out->library) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (int next = 1; next < argc;) {
    if (argv[next][0] == '-' && argv[next][1]) {
      if (!read_option(argc, argv, &next, out)) {
        return PTOLOWER_USAGE;
      }
    } else if (out->input_count == 2) {
      return report_usage("too many inputs: '%s'", argv[next]);
    } else {
      out->inputs[out->input_count++] = argv[next++];
    }
  }
  return PTOLOWER_OK;
}

static void free_pairs(sim_pairs *pairs) {
  for (size_t i = 0; i < pairs->count; ++i) {
    free(pairs->items[i].name);
  }
  free(pairs->items);
}

void sim_options_free(sim_cli *options) {
  free_pairs(&options->args);
  free_pairs(&options->scalars);
  free_pairs(&options->outs);
  free_pairs(&options->expects);
  ptolower_options_destroy(options->library);
}
