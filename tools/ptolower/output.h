/* Writing files whole or not at all.
 *
 * A regular file is written as a temporary file in the same directory and renamed into
 * place, with the mode of the file it replaces. Anything else (standard output, /dev/null,
 * a pipe) is written directly. All files of a call are written before the first one
 * is renamed, so that one that fails leaves none behind; a signal removes them, too.
 */
#ifndef PTOLOWER_OUTPUT_H
#define PTOLOWER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct output_file {
  const char *path; /* "-": standard output */
  const char *text;
  size_t length;

  /* How it is written; kept by output_write. */
  char *target;    /* the path, symbolic links followed; NULL: written directly */
  char *temporary; /* what will be renamed to `target`; NULL: none exists */
  int fd;
} output_file;

enum { OUTPUT_MAX_FILES = 4 };

/* Writes up to OUTPUT_MAX_FILES files. False: at least one could not be written, no regular file
 * has changed, and that has been reported. */
bool output_write(output_file *files, size_t count);

/* Writes one text to standard output. False: it could not be, which has been reported. */
bool output_print(const char *text);

#endif
