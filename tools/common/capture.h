/* What a child says, kept for later. */
#ifndef PTOLOWER_CAPTURE_H
#define PTOLOWER_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

/* An anonymous file to take a child's output, or -1. */
int capture_open(void);
/* Its text, NUL-terminated, to be freed; NULL if it cannot be read. */
char *capture_text(int fd, size_t *length);
/* Copies it all to another file. */
bool capture_replay(int fd, int to);

#endif
