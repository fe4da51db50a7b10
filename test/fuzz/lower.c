/* The passes, whatever the model of time says; the text that comes out is proved by themselves. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (options && ptolower_options_set(options, "fuse", "always") == PTOLOWER_OK) {
    ptolower_status status = ptolower_run(options, (const char *)data, size, &result);
    fuzz_judge(status, result);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}
