/* Options and a result for each test of the public API, and their end. */
#ifndef PTL_TEST_API_CALL_FIXTURE_H
#define PTL_TEST_API_CALL_FIXTURE_H

#include <ptolower/ptolower.h>

static ptolower_options *options;
static ptolower_result *result;

static inline int set_up(void **state) {
  (void)state;
  options = ptolower_options_create();
  result = NULL;
  return options ? 0 : -1;
}

static inline int tear_down(void **state) {
  (void)state;
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}

#endif
