/* A .pto file as statements, which can be left out or said otherwise one by one. A statement is a
 * line with the lines that it goes on in; a region begins with one that ends in `{`. */
#ifndef PTOLOWER_REDUCE_LINES_H
#define PTOLOWER_REDUCE_LINES_H

#include "support/strbuf.h"

typedef struct reduce_lines {
  ptl_str *items;
  int count;
} reduce_lines;

reduce_lines reduce_split(ptl_arena *arena, ptl_str text);
/* NUL-terminated. */
ptl_str reduce_join(ptl_arena *arena, const reduce_lines *lines);

bool reduce_opens(ptl_str line);
bool reduce_closes(ptl_str line);
/* Whether the op of a statement, behind its results, has this name, or one that begins so. */
bool reduce_is_op(ptl_str line, const char *name);
/* The statement that closes the region, with all its branches, that this one opens; itself if it
 * opens none. */
int reduce_end_of(const reduce_lines *lines, int opener);
/* Whether it may be left out by itself: no end of a region or function, and no head of one that is
 * needed. */
bool reduce_may_go(const reduce_lines *lines, int line);

/* The next name, with its %, from `*at` on; empty: there is none. */
ptl_str reduce_next_name(ptl_str line, size_t *at);
/* How many bytes of a statement name its results, up to the `=`; 0: it has none. */
size_t reduce_results(ptl_str line);

/* Marks what uses a result of what is marked, regions as a whole; false if the end of a region uses
 * it, which cannot go. */
bool reduce_mark_users(ptl_arena *arena, const reduce_lines *lines, bool *is_marked);
reduce_lines reduce_without(ptl_arena *arena, const reduce_lines *lines, const bool *is_marked);

/* The lines, each by as many blanks as regions are around it. */
reduce_lines reduce_indented(ptl_arena *arena, const reduce_lines *lines);

/* The statement with another name, or a number, for each use of a name. */
ptl_str reduce_renamed(ptl_arena *arena, ptl_str line, ptl_str name, ptl_str by);

#endif
