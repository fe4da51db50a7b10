/* Programs named ptoas. */
#ifndef DROPIN_PROGRAM_H
#define DROPIN_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Whether the path is a file that can be executed. */
bool program_is(const char *path, struct stat *file);

typedef bool (*program_filter)(const char *path, const struct stat *file, const void *data);

/* The first ptoas on PATH that passes; an empty entry is the current directory. False: none. */
bool program_search(program_filter passes, const void *data, char path[PATH_MAX],
                    struct stat *file);

#endif
