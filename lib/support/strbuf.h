/* Text: a view of bytes (ptl_str) and a string that grows (ptl_strbuf). */
#ifndef PTL_SUPPORT_STRBUF_H
#define PTL_SUPPORT_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "support/arena.h"

/* Bytes that somebody else owns; not NUL-terminated. */
typedef struct ptl_str {
  const char *data;
  size_t length;
} ptl_str;

/* These stand here so that the compiler sees the length of what is compared, mostly a literal. */

/* A view of a NUL-terminated string. */
static inline ptl_str ptl_str_of(const char *text) { return (ptl_str){text, strlen(text)}; }

static inline bool ptl_str_equal(ptl_str a, ptl_str b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool ptl_str_is(ptl_str a, const char *text) {
  size_t length = strlen(text);
  return a.length == length && (length == 0 || memcmp(a.data, text, length) == 0);
}

static inline bool ptl_str_starts_with(ptl_str a, const char *prefix) {
  size_t length = strlen(prefix);
  return a.length >= length && memcmp(a.data, prefix, length) == 0;
}

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
static inline void ptl_strbuf_puts(ptl_strbuf *buf, const char *text) {
  ptl_strbuf_add(buf, text, strlen(text));
}
/* Adds a number in decimal, in a tenth of what printf takes. */
void ptl_strbuf_number(ptl_strbuf *buf, int64_t number);
__attribute__((format(printf, 2, 3))) void ptl_strbuf_printf(ptl_strbuf *buf, const char *format,
                                                             ...);

#endif
