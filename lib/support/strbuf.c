/* Views of bytes, and text that grows. */
#include "support/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ptl_strbuf_init(ptl_strbuf *buf, ptl_arena *arena) {
  memset(buf, 0, sizeof(*buf));
  buf->arena = arena;
}

void ptl_strbuf_reserve(ptl_strbuf *buf, size_t more) {
  size_t needed = buf->length + more + 1;
  if (needed <= buf->capacity) {
    return;
  }
  size_t capacity = buf->capacity ? buf->capacity * 2 : 256;
  if (capacity < needed) {
    capacity = needed;
  }
  buf->data = ptl_arena_extend(buf->arena, buf->data, buf->capacity, capacity);
  buf->capacity = capacity;
}

void ptl_strbuf_add(ptl_strbuf *buf, const char *data, size_t length) {
  ptl_strbuf_reserve(buf, length);
  if (length > 0) {
    memcpy(buf->data + buf->length, data, length);
  }
  buf->length += length;
  buf->data[buf->length] = '\0';
}

void ptl_strbuf_add_str(ptl_strbuf *buf, ptl_str text) {
  ptl_strbuf_add(buf, text.data, text.length);
}

void ptl_strbuf_number(ptl_strbuf *buf, int64_t number) {
  char digits[20]; /* as many as 2^64 has */
  char *end = digits + sizeof(digits);
  char *at = end;
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do {
    *--at = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  ptl_strbuf_puts(buf, number < 0 ? "-" : "");
  ptl_strbuf_add(buf, at, (size_t)(end - at));
}

void ptl_strbuf_printf(ptl_strbuf *buf, const char *format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  ptl_strbuf_reserve(buf, 64);
  size_t room = buf->capacity - buf->length;
  int length = vsnprintf(buf->data + buf->length, room, format, args);
  va_end(args);
  if (length >= (int)room) {
    ptl_strbuf_reserve(buf, (size_t)length);
    (void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
  }
  buf->length += length > 0 ? (size_t)length : 0;
  va_end(again);
}
