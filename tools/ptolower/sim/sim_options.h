/* The options of `ptolower sim` and `ptolower validate`. */
#ifndef PTOLOWER_SIM_OPTIONS_H
#define PTOLOWER_SIM_OPTIONS_H

#include <stdbool.h>

#include <ptolower/sim.h>

#include "common/words.h"

typedef struct sim_cli {
  const char *inputs[2];
  size_t input_count;
  bool is_helped; /* --help was given: nothing is left to do */
  bool remarks;   /* of validate */
  word_pairs args, scalars, outs, expects;
  ptolower_sim_options sim;
  ptolower_options *library; /* owned */
} sim_cli;

/* Read the words after the subcommand. Anything but PTOLOWER_OK has been reported. `out` is to
 * be freed whatever the status is. */
ptolower_status sim_options_parse(int argc, char **argv, sim_cli *out);
ptolower_status validate_options_parse(int argc, char **argv, sim_cli *out);
void sim_options_free(sim_cli *options);

#endif
