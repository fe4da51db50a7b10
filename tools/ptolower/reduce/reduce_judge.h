/* Whether a text still shows a finding, and none that the file did not have. */
#ifndef PTOLOWER_REDUCE_JUDGE_H
#define PTOLOWER_REDUCE_JUDGE_H

#include <stdbool.h>

#include <ptolower/ptolower.h>

#include "support/strbuf.h"

typedef struct reduce_judge {
  ptl_arena *arena;
  ptolower_options *library;
  const char *ptoas; /* that synchronises each text; NULL: none does */
  const char *name;  /* of the file */
  int code;
  const char *wanted; /* the finding, without its numbers */
  const char **known; /* all findings of the file, likewise */
  int known_count, known_capacity;
  int checks;
} reduce_judge;

/* Checks the file itself; false if it does not show the code, or cannot be checked, which has been
 * reported. */
bool reduce_judge_begin(reduce_judge *judge, ptl_str text);
/* Whether the finding stands in this text, too. */
bool reduce_judge_holds(reduce_judge *judge, ptl_str text);

#endif
