/* What a check knows of the flags that order the pipes of a module's functions. */
#ifndef PTOLOWER_FLAGS_H
#define PTOLOWER_FLAGS_H

#include <cjson/cJSON.h>

/* The worse, the higher. */
typedef enum flags_verdict {
  FLAGS_NOT_ASKED,
  FLAGS_PROVED,
  FLAGS_NOT_FOLLOWED,
  FLAGS_UNPROVED, /* no race was found, and the flags may be wrong: as bad as one */
  FLAGS_WRONG,
} flags_verdict;

/* "proved", as the report of a check has it; NULL: nobody asked. */
const char *flags_verdict_name(flags_verdict verdict);

/* Of `flags`, an object of the report of a check; NULL: nobody asked. */
flags_verdict flags_verdict_of(const cJSON *flags);

/* The worst of the functions, and where: `@k, line 23: the left tile ...`. */
typedef struct flags_known {
  flags_verdict verdict;
  char text[256]; /* empty if they are proved */
} flags_known;

/* Of the report of a check, as text. */
flags_known flags_worst(const char *report);

#endif
