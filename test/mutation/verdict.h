/* What the checker says of a text. */
#ifndef PTL_TEST_MUTATION_VERDICT_H
#define PTL_TEST_MUTATION_VERDICT_H

#include <stdbool.h>

enum { MUT_MAX_CODE = 1000 };

typedef struct mut_verdict {
  bool is_read; /* all of it */
  unsigned short errors[MUT_MAX_CODE];
  unsigned short others[MUT_MAX_CODE]; /* warnings and remarks */
} mut_verdict;

/* `name`: print findings under this name; NULL: do not. */
mut_verdict mut_check(const char *text, const char *name);

/* The first code of which the mutant has more errors (or warnings and remarks) than the
 * original; 0 if there is none. */
int mut_new_code(const mut_verdict *mutant, const mut_verdict *original, bool errors);

#endif
