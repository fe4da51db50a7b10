/* The simulator, on tensors of random data that grow to what the kernel reaches. */
#include <ptolower/sim.h>

#include "fuzz.h"

enum { MOST_STEPS = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ptolower_sim_options sim = {.block_count = 2, .max_steps = MOST_STEPS};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (options) {
    ptolower_status status = ptolower_simulate(options, &sim, (const char *)data, size, &result);
    fuzz_judge(status, result);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}
