/* Writing files whole or not at all.
 *
 * A regular file is written as a temporary file in the same directory and renamed into
 * place, with the mode of the file it replaces. Anything else (standard output, /dev/null,
 * a pipe) is written directly. All files of a call are written before the first one
 * is renamed, so that one that fails leaves none behind; a signal removes them, too.
 *
 * No file is written that was read (files.h), by whatever name or link, nor two texts to one file.
 */
#ifndef PTOLOWER_OUTPUT_H
#define PTOLOWER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include <ptolower/ptolower.h>

typedef struct output_file {
  const char *path; /* "-": standard output */
  const char *text;
  size_t length;

  /* How it is written; kept by output_write. */
  char *target;    /* the path, symbolic links followed; NULL: written directly */
  char *temporary; /* what will be renamed to `target`; NULL: none exists */
  int fd;
  bool exists;
  struct stat existing; /* what is there */
} output_file;

/* Writes the files. Else no regular file has changed, and why has been reported:
 * PTOLOWER_REFUSED, one could not be written; PTOLOWER_USAGE, one is an input or another one. */
PTOLOWER_MUST_USE ptolower_status output_write(output_file *files, size_t count);

/* Writes one text to standard output; the same. */
PTOLOWER_MUST_USE ptolower_status output_print(const char *text);

#endif
