/* The characters of text in UTF-8. */
#ifndef PTL_SUPPORT_UTF8_H
#define PTL_SUPPORT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes the character at `text` takes, of the `left` there are; 0: it is none. */
static inline size_t ptl_utf8_length(const char *text, size_t left) {
  const unsigned char *at = (const unsigned char *)text;
  if (left == 0 || at[0] > 0xf4) {
    return 0;
  }
  size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  if (length > left) {
    return 0;
  }
  for (size_t i = 1; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
  bool surrogate = at[0] == 0xed && at[1] >= 0xa0;
  bool beyond = at[0] == 0xf4 && at[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

#endif
