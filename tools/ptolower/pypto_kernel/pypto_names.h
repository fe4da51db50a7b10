/* Names that C++ and Python both take. */
#ifndef PTOLOWER_PYPTO_NAMES_H
#define PTOLOWER_PYPTO_NAMES_H

#include <stdbool.h>

/* What is wrong with a name; NULL: nothing. */
const char *pypto_name_fault(const char *name);

/* Whether Python, C++ or the generated files use the word themselves. */
bool pypto_is_reserved(const char *name);

#endif
