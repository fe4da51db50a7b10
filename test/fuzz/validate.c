/* Two kernels that are compared by running them: each does what it does itself. */
#include <ptolower/sim.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const ptolower_text text = {"fuzz.pto", (const char *)data, size};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (options) {
    ptolower_status status = ptolower_validate(options, &text, &text, &result);
    fuzz_judge(status, result);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}
