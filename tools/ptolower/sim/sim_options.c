/* Reads the options of sim and validate. */
#include "sim/sim_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/file_command.h"
#include "common/report.h"

static const word_help sim_help = {
    .usage = "sim [options] KERNEL",
    .about = "Runs a kernel on the host, exactly, with tiles at their addresses (docs/sim.md). N "
             "is the\n"
             "number of an argument, or its name; WHAT is one of these:\n"
             "  random:16x5120xi8,seed=1  a tensor of that shape; also extreme, small, iota, ones, "
             "zeros\n"
             "  FILE.npy                  an array\n"
             "  FILE.raw:16x5120xi8       raw bytes of that shape\n",
    .refused = "the kernel cannot be run, a tensor is not what is expected, or a file could not be "
               "read\n     or written"};

static const word_help validate_help = {
    .usage = "validate [options] BEFORE AFTER",
    .about = "Runs both kernels on generated inputs and compares every tensor bit for bit "
             "(docs/sim.md).\n"
             "BEFORE may hold products on tensors (linalg).\n",
    .done = "they do the same",
    .refused = "they differ, a kernel cannot be run, or a file could not be read"};

/* The words of options that are not kept as they are. */
typedef struct sim_words {
  const char *block_idx, *blocks, *block_num;
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
  list->library = out->library;
  ptolower_status status = words_read(list, argc, argv);
  out->input_count = list->input_count;
  out->is_helped = list->is_helped;
  return status;
}

ptolower_status sim_options_parse(int argc, char **argv, sim_cli *out) {
  sim_words words = {.blocks = NULL};
  const word_option options[] = {
      {.section = "Arguments",
       .name = "arg",
       .shown = "N=WHAT",
       .pairs = &out->args,
       .help = "what argument N is"},
      {.name = "scalar",
       .shown = "N=VALUE",
       .pairs = &out->scalars,
       .help = "the value of a scalar argument; default: 0"},
      {.name = "out",
       .shown = "N=FILE.npy",
       .pairs = &out->outs,
       .help = "write a tensor after the run"},
      {.name = "expect",
       .shown = "N=FILE.npy",
       .pairs = &out->expects,
       .help = "exit status 1 if the tensor is not this"},
      {.section = "Running",
       .name = "func",
       .shown = "NAME",
       .value = &out->sim.function,
       .help = "the function to run, or NAME of NAME_aic and NAME_aiv"},
      {.name = "block-idx",
       .shown = "I",
       .value = &words.block_idx,
       .help = "the block to run; default: 0"},
      {.name = "blocks",
       .shown = "N",
       .value = &words.blocks,
       .help = "how many blocks to run from there on; default: 1"},
      {.name = "block-num",
       .shown = "N",
       .value = &words.block_num,
       .help = "how many blocks the kernel is told there are"},
      option_target(NULL),
  };
  word_list list = {.help = &sim_help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .max_inputs = 1};
  ptolower_status status = begin(out);
  if (status == PTOLOWER_OK) {
    status = read_words(argc, argv, &list, out);
  }
  if (status != PTOLOWER_OK || out->is_helped) {
    return status;
  }
  return set_blocks(out, &words) ? PTOLOWER_OK : PTOLOWER_USAGE;
}

ptolower_status validate_options_parse(int argc, char **argv, sim_cli *out) {
  const word_option options[] = {
      option_target(NULL),
      {.name = "remarks", .flag = &out->remarks, .help = "show what was run, too"},
  };
  word_list list = {.help = &validate_help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .max_inputs = 2};
  ptolower_status status = begin(out);
  if (status == PTOLOWER_OK) {
    status = read_words(argc, argv, &list, out);
  }
  return status;
}

void sim_options_free(sim_cli *options) {
  word_pairs_free(&options->args);
  word_pairs_free(&options->scalars);
  word_pairs_free(&options->outs);
  word_pairs_free(&options->expects);
  ptolower_options_destroy(options->library);
}
