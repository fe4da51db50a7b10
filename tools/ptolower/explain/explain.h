/* `ptolower explain`: what diagnostics mean, and what to do about them. */
#ifndef PTOLOWER_EXPLAIN_H
#define PTOLOWER_EXPLAIN_H

#include <stdio.h>

#include <ptolower/ptolower.h>

ptolower_status explain_main(int argc, char **argv);

/* Writes docs/diagnostics.md. */
void explain_page(FILE *out);

#endif
