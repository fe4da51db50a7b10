#include <string.h>

#include "fuzz.h"

uint64_t fuzz_next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* A part of the text. */
typedef struct part {
  size_t begin, length;
} part;

/* Puts `length` bytes of `with`, which may lie in the text itself, in place of a part. */
static size_t replace(uint8_t *bytes, size_t size, size_t room, part old, const uint8_t *with,
                      size_t length) {
  uint8_t copy[256];
  if (length > sizeof(copy) || size - old.length + length > room) {
    return size;
  }
  memcpy(copy, with, length);
  memmove(bytes + old.begin + length, bytes + old.begin + old.length,
          size - old.begin - old.length);
  memcpy(bytes + old.begin, copy, length);
  return size - old.length + length;
}

static part line_at(const uint8_t *bytes, size_t size, size_t at) {
  while (at > 0 && bytes[at - 1] != '\n') {
    at--;
  }
  const uint8_t *end = size > at ? memchr(bytes + at, '\n', size - at) : NULL;
  return (part){at, end ? (size_t)(end - (bytes + at)) + 1 : size - at};
}

static int is_word_byte(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '%' || c == '-';
}

/* The next word behind `at` that begins with a digit, or with any byte; length 0: there is none. */
static part word_behind(const uint8_t *bytes, size_t size, size_t at, int is_number) {
  for (; at < size; at++) {
    int begins = is_word_byte(bytes[at]) && (at == 0 || !is_word_byte(bytes[at - 1]));
    if (begins && (!is_number || (bytes[at] >= '0' && bytes[at] <= '9'))) {
      break;
    }
  }
  size_t end = at;
  while (end < size && is_word_byte(bytes[end])) {
    end++;
  }
  return (part){at, end - at};
}

static const char *number(uint64_t *state) {
  static const char *const numbers[] = {"0",
                                        "1",
                                        "-1",
                                        "15",
                                        "16",
                                        "17",
                                        "32",
                                        "256",
                                        "512",
                                        "65536",
                                        "2147483647",
                                        "-2147483648",
                                        "4294967296",
                                        "1073741824",
                                        "9223372036854775807",
                                        "99",
                                        "4611686018427387904",
                                        "-9223372036854775808"};
  return numbers[fuzz_next(state) % (sizeof(numbers) / sizeof(numbers[0]))];
}

size_t fuzz_mutate(uint8_t *bytes, size_t size, size_t room, unsigned ways, uint64_t *state) {
  if (size == 0) {
    return 0;
  }
  size_t at = fuzz_next(state) % size, from = fuzz_next(state) % size;
  part line = line_at(bytes, size, at), other = line_at(bytes, size, from), word, source;
  switch (fuzz_next(state) % ways) {
  case 0:
    return fuzz_next(state) % 4 ? size : at;
  case 1:
    bytes[at] = (uint8_t)fuzz_next(state);
    return size;
  case 2: /* a line twice */
    return replace(bytes, size, room, (part){line.begin, 0}, bytes + line.begin, line.length);
  case 3: /* a line gone */
    return replace(bytes, size, room, line, bytes, 0);
  case 4: /* one digit */
    word = word_behind(bytes, size, at, 1);
    if (word.length > 0) {
      bytes[word.begin] = (uint8_t)('0' + fuzz_next(state) % 10);
    }
    return size;
  case 5:
  case 6: { /* a number */
    const char *text = number(state);
    word = word_behind(bytes, size, at, 1);
    return word.length > 0 ? replace(bytes, size, room, word, (const uint8_t *)text, strlen(text))
                           : size;
  }
  case 7: /* a line of elsewhere */
    return replace(bytes, size, room, (part){line.begin, 0}, bytes + other.begin, other.length);
  default: /* a word of elsewhere */
    word = word_behind(bytes, size, at, 0);
    source = word_behind(bytes, size, from, 0);
    return word.length > 0 && source.length > 0
               ? replace(bytes, size, room, word, bytes + source.begin, source.length)
               : size;
  }
}
