/* A fixture for tests of which each builds one kernel, or several one after the other, in `test`. */
#ifndef PTL_TEST_KERNEL_FIXTURE_H
#define PTL_TEST_KERNEL_FIXTURE_H

#include "kernel_test.h"

static kernel_case test;

static int set_up(void **state) {
  (void)state;
  case_open(&test);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  case_close(&test);
  return 0;
}

#endif
