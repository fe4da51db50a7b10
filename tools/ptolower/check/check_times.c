/* What runs when in the kernels of a file, for the page of the memory map. */
#include "check/check.h"
#include "common/report.h"

/* The kernels as they are: nothing is rewritten to draw them. */
static ptolower_options *times_options(const ptolower_options *library, const char *file) {
  static const char *const words[][2] = {{"timeline", "first"}, {"rewrite", "none"}};
  ptolower_options *options = ptolower_options_copy(library);
  bool ok = options && ptolower_options_set(options, "file", file) == PTOLOWER_OK;
  for (size_t i = 0; ok && i < sizeof(words) / sizeof(words[0]); i++) {
    ok = ptolower_options_set(options, words[i][0], words[i][1]) == PTOLOWER_OK;
  }
  if (!ok) {
    ptolower_options_destroy(options);
  }
  return ok ? options : NULL;
}

bool check_add_times(time_table *times, const ptolower_options *library, const char *file,
                     const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_options *options = times_options(library, file);
  if (options && ptolower_time(options, input->data, input->length, &result) != PTOLOWER_OK) {
    ptolower_result_destroy(result); /* the check has said why */
    ptolower_options_destroy(options);
    return true;
  }
  ptolower_options_destroy(options);
  bool ok = result && time_add(times, file, result);
  if (!ok) {
    ptolower_result_destroy(result);
    report_error("out of memory");
  }
  return ok;
}
