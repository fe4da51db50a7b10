/* The fuzz target: any bytes through the reader, MLIR, the walk and the checker. They may be
 * refused; nothing may crash, and what is refused has a diagnostic.
 *
 * With clang and -DPTOLOWER_FUZZ=ON this is a libFuzzer program, check_fuzz (docs/check.md); the
 * test command runs the same function over mutations of the project's own kernels (driver.c).
 */
#include <stdint.h>
#include <stdlib.h>

#include "ptolower/ptolower.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (!options) {
    return 0;
  }
  ptolower_status status = ptolower_check(options, (const char *)data, size, &result);
  if (status == PTOLOWER_INTERNAL ||
      (status != PTOLOWER_OK && ptolower_result_diagnostic_count(result) == 0)) {
    abort();
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}
