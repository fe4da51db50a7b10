/* Text in HTML, SVG and XML. */
#ifndef PTOLOWER_MARKUP_H
#define PTOLOWER_MARKUP_H

#include <stdio.h>

/* Text, or the value of an attribute, with what is markup escaped. Control characters, which XML
 * cannot hold, are spaces. */
void markup_print(FILE *out, const char *text);

#endif
