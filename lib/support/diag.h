/* Diagnostics: what the compiler tells its user, as data.
 *
 * The library never prints. It collects diagnostics in a list; the command line
 * shows them as `file:line:col: severity: text [PTLnnn]`. What
 * there is to be said is in codes.h.
 */
#ifndef PTL_SUPPORT_DIAG_H
#define PTL_SUPPORT_DIAG_H

#include <stddef.h>

#include "support/arena.h"
#include "support/codes.h"
#include "support/strbuf.h"

/* A place in the user's files. `file` NULL: unknown; `line` 0: the whole file.
 * `model` is what the op's own loc(...) says, as `"model.py":line:col`, or NULL. */
typedef struct ptl_loc {
  const char *file;
  int line;
  int column;
  const char *model;
} ptl_loc;

typedef struct ptl_diag {
  ptl_severity severity;
  ptl_code code; /* PTL_CODE_NONE: a note */
  ptl_loc loc;
  const char *text;
  const char *allowed; /* why the file allows what this finds; NULL: it does not */
} ptl_diag;

/* A text that diagnostics have places in. */
typedef struct ptl_source {
  const char *file;
  ptl_str text;
} ptl_source;

typedef struct ptl_diags {
  ptl_arena *arena;
  ptl_diag *items;
  size_t count;
  int capacity;
  size_t error_count;
  ptl_source *sources; /* of one name, the last one counts */
  size_t source_count;
  int source_capacity;
} ptl_diags;

void ptl_diags_init(ptl_diags *diags, ptl_arena *arena);

/* Keeps a copy of a text, so that the lines of its diagnostics can be shown (excerpt.h). */
void ptl_diags_add_source(ptl_diags *diags, const char *file, ptl_str text);

/* Adds a diagnostic of the code's usual severity; the text is formatted into the list's arena. If
 * `loc.model` is set, a note that shows it follows by itself. */
__attribute__((format(printf, 4, 5))) void ptl_diag_add(ptl_diags *diags, ptl_code code,
                                                        ptl_loc loc, const char *format, ...);

/* The same of a code that has two severities, or that another list had with this one. */
__attribute__((format(printf, 5, 6))) void ptl_diag_add_as(ptl_diags *diags, ptl_severity severity,
                                                           ptl_code code, ptl_loc loc,
                                                           const char *format, ...);

/* Adds a note to the diagnostic before. */
__attribute__((format(printf, 3, 4))) void ptl_diag_note(ptl_diags *diags, ptl_loc loc,
                                                         const char *format, ...);

/* Forgets all diagnostics but the first `count`. */
void ptl_diags_truncate(ptl_diags *diags, size_t count);

/* One diagnostic as one line of text with a newline. */
void ptl_diag_format(const ptl_diag *diag, ptl_strbuf *out);

#endif
