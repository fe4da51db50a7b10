/* Reads the options of sim and validate. */
#include "sim/sim_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/report.h"

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
    "  --target=CHIP        a2a3, a5, 910B, 950, or a table FILE.json (the module's, else a2a3)\n"
    "  --help               this text\n";

const char validate_help[] =
    "usage: ptolower validate [options] BEFORE AFTER.pto\n"
    "\n"
    "Runs both kernels on generated inputs and compares every tensor bit for bit\n"
    "(docs/sim.md). BEFORE may hold products on tensors (linalg). Exit status 3: they differ.\n"
    "\n"
    "  --target=CHIP        a2a3, a5, 910B, 950, or a table FILE.json (the module's, else a2a3)\n"
    "  --remarks            show what was run, too\n"
    "  --help               this text\n";

/* The words of options that are not kept as they are. */
typedef struct sim_words {
  const char *block_idx, *blocks, *block_num, *target;
} sim_words;

enum { MOST_BLOCKS = 1000000 };

/* A word that was not given leaves `out` as it is. */
static bool set_number(const char *option, const char *word, int64_t least, int64_t *out) {
  char *end;
  if (!word) {
    return true;
  }
  errno = 0;
  long long value = strtoll(word, &end, 10);
  if (errno || *end || value < least || value > MOST_BLOCKS) {
    report_usage("'--%s' is a number from %d to %d, not '%s'", option, (int)least, MOST_BLOCKS,
                 word);
    return false;
  }
  *out = value;
  return true;
}

static bool set_blocks(sim_cli *out, const sim_words *words) {
  ptolower_sim_options *sim = &out->sim;
  sim->block_count = 1;
  if (!set_number("block-idx", words->block_idx, 0, &sim->first_block) ||
      !set_number("blocks", words->blocks, 1, &sim->block_count) ||
      !set_number("block-num", words->block_num, 1, &sim->block_num)) {
    return false;
  }
  bool fits = !sim->block_num || sim->first_block + sim->block_count <= sim->block_num;
  if (!fits) {
    report_usage("of %s blocks there is no block %lld", words->block_num,
                 (long long)(sim->first_block + sim->block_count - 1));
  }
  return fits;
}

static bool set_option(sim_cli *out, const char *key, const char *value) {
  return ptolower_options_set(out->library, key, value) == PTOLOWER_OK;
}

static ptolower_status set_target(sim_cli *out, const char *word) {
  size_t length = word ? strlen(word) : 0;
  file_text json;
  if (!word) {
    return PTOLOWER_OK;
  }
  if (!strchr(word, '/') && (length < 5 || strcmp(word + length - 5, ".json") != 0)) {
    return set_option(out, "target", word) ? PTOLOWER_OK : PTOLOWER_INTERNAL;
  }
  if (!file_read(word, &json)) {
    return PTOLOWER_REFUSED;
  }
  bool ok = set_option(out, "target-json", json.data) && set_option(out, "target-file", word);
  file_text_free(&json);
  return ok ? PTOLOWER_OK : PTOLOWER_INTERNAL;
}

static ptolower_status begin(sim_cli *out) {
  *out = (sim_cli){.library = ptolower_options_create()};
  if (!out->library) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  return PTOLOWER_OK;
}

/* Reads the words, and the inputs. */
static ptolower_status read_words(int argc, char **argv, word_list *list, sim_cli *out) {
  list->inputs = out->inputs;
  ptolower_status status = words_read(list, argc, argv);
  out->input_count = list->input_count;
  return status;
}

ptolower_status sim_options_parse(int argc, char **argv, sim_cli *out) {
  sim_words words = {.target = NULL};
  const word_option options[] = {
      {.name = "arg", .pairs = &out->args},
      {.name = "scalar", .pairs = &out->scalars},
      {.name = "out", .pairs = &out->outs},
      {.name = "expect", .pairs = &out->expects},
      {.name = "func", .value = &out->sim.function},
      {.name = "block-idx", .value = &words.block_idx},
      {.name = "blocks", .value = &words.blocks},
      {.name = "block-num", .value = &words.block_num},
      {.name = "target", .value = &words.target},
      {.name = "help", .flag = &out->help},
  };
  word_list list = {
      .options = options, .option_count = sizeof(options) / sizeof(options[0]), .max_inputs = 1};
  ptolower_status status = begin(out);
  if (status == PTOLOWER_OK) {
    status = read_words(argc, argv, &list, out);
  }
  if (status != PTOLOWER_OK || out->help) {
    return status;
  }
  return set_blocks(out, &words) ? set_target(out, words.target) : PTOLOWER_USAGE;
}

ptolower_status validate_options_parse(int argc, char **argv, sim_cli *out) {
  const char *target = NULL;
  const word_option options[] = {
      {.name = "target", .value = &target},
      {.name = "remarks", .flag = &out->remarks},
      {.name = "help", .flag = &out->help},
  };
  word_list list = {
      .options = options, .option_count = sizeof(options) / sizeof(options[0]), .max_inputs = 2};
  ptolower_status status = begin(out);
  if (status == PTOLOWER_OK) {
    status = read_words(argc, argv, &list, out);
  }
  return status == PTOLOWER_OK ? set_target(out, target) : status;
}

void sim_options_free(sim_cli *options) {
  word_pairs_free(&options->args);
  word_pairs_free(&options->scalars);
  word_pairs_free(&options->outs);
  word_pairs_free(&options->expects);
  ptolower_options_destroy(options->library);
}
