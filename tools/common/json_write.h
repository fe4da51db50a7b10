/* Writing JSON as text, where a document is too large to be built first. */
#ifndef PTOLOWER_JSON_WRITE_H
#define PTOLOWER_JSON_WRITE_H

#include <stdio.h>

/* A string with its quotes. It has no `<`, so that it may stand in a page of HTML. */
void json_put_string(FILE *out, const char *text);

#endif
