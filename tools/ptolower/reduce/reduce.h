/* `ptolower reduce`: the smallest file that still shows a finding (docs/check.md). */
#ifndef PTOLOWER_REDUCE_H
#define PTOLOWER_REDUCE_H

#include <ptolower/ptolower.h>

ptolower_status reduce_main(int argc, char **argv);

#endif
