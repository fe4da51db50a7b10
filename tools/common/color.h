/* Colour of what is printed for people. */
#ifndef PTOLOWER_COLOR_H
#define PTOLOWER_COLOR_H

#include <stdbool.h>
#include <stdio.h>

typedef enum text_color {
  COLOR_NONE, /* back to plain text */
  COLOR_BOLD,
  COLOR_ERROR,
  COLOR_WARNING,
  COLOR_REMARK,
  COLOR_NOTE,
  COLOR_MARK, /* of an excerpt */
} text_color;

/* auto (the default): on a terminal, unless NO_COLOR is set or TERM is `dumb`; always; never.
 * False: `when` is none of these. */
bool color_choose(const char *when);

/* Begins a colour on a stream, if it is to have colours. A stream in memory goes to standard
 * output. */
void color_begin(FILE *stream, text_color color);

/* How many columns the stream's terminal has; 0: it is none, or does not say. */
int color_columns(FILE *stream);

#endif
