/* The version of a ptoas, as 0.60: in a word, and of a program. */
#ifndef PTOLOWER_PTOAS_VERSION_H
#define PTOLOWER_PTOAS_VERSION_H

#include <stdbool.h>

enum { PTOAS_VERSION_SIZE = 16 };

/* Whether a word is a version: numbers of at most four digits, of which two or more are divided by
 * dots. */
bool ptoas_is_version(const char *word);

/* Asks a ptoas with --version. Empty if it does not say one; false if it could not be run to its
 * end. */
bool ptoas_ask_version(const char *program, char version[PTOAS_VERSION_SIZE]);

#endif
