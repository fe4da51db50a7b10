/* Reading files whole. */
#ifndef PTOLOWER_FILES_H
#define PTOLOWER_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* A file's bytes, NUL-terminated; to be freed. */
typedef struct file_text {
  char *data;
  size_t length;
} file_text;

/* Reads a file, or standard input if `path` is "-". False: it could not be read, and
 * that has been reported. */
bool file_read(const char *path, file_text *out);
/* The file's name in messages: "<stdin>" for "-". */
const char *file_shown(const char *path);
void file_text_free(file_text *text);

/* Whether file_read has read this file, by whatever name: then nothing may be written to it. */
bool file_was_read(const struct stat *file);

/* Makes an empty directory of its own in $TMPDIR, else in /tmp; SIGINT, SIGTERM and SIGHUP remove
 * it with what lies in it. False: it could not be made, which has been reported. */
bool file_scratch(char path[PATH_MAX]);

#endif
