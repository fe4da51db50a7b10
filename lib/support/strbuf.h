/* Text: a view of bytes (ptl_str) and a string that grows (ptl_strbuf). */
#ifndef PTL_SUPPORT_STRBUF_H
#define PTL_SUPPORT_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "support/arena.h"

/* Bytes that somebody else owns; not NUL-terminated. */
typedef struct ptl_str {
  const char *data;
  size_t length;
} ptl_str;

/* A view of a NUL-terminated string. */
ptl_str ptl_str_of(const char *text);

bool ptl_str_equal(ptl_str a, ptl_str b);
bool ptl_str_is(ptl_str a, const char *text);
bool ptl_str_starts_with(ptl_str a, const char *prefix);

/* A string under construction, in an arena; `data` is NUL-terminated at any
 * time (NULL only before the first byte is added). */
typedef struct ptl_strbuf {
  ptl_arena *arena;
  char *data;
  size_t length;
  size_t capacity;
} ptl_strbuf;

void ptl_strbuf_init(ptl_strbuf *buf, ptl_arena *arena);

/* Room for `more` bytes, so that they are added without a copy of what is there. */
void ptl_strbuf_reserve(ptl_strbuf *buf, size_t more);

void ptl_strbuf_add(ptl_strbuf *buf, const char *data, size_t length);
void ptl_strbuf_add_str(ptl_strbuf *buf, ptl_str text);
void ptl_strbuf_puts(ptl_strbuf *buf, const char *text);
__attribute__((format(printf, 2, 3))) void ptl_strbuf_printf(ptl_strbuf *buf, const char *format,
                                                             ...);

#endif
