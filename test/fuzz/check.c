/* The reader, MLIR, the walk and the checker. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (options && ptolower_options_set(options, "map", "1") == PTOLOWER_OK) {
    ptolower_status status = ptolower_check(options, (const char *)data, size, &result);
    fuzz_judge(status, result);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}
