/* driver ROUNDS FILE...: the fuzz target over the files, cut, and with bytes changed, in ROUNDS
 * ways each. The same ways on every run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 20 };

/* xorshift: the sequence is part of the test. */
static uint64_t next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Changes a copy in one of the ways that break a text: a cut, a byte, a line twice, a line gone,
 * a number. Returns the new size. */
static size_t mutate(uint8_t *bytes, size_t size, uint64_t *state) {
  size_t at = size > 0 ? next(state) % size : 0;
  uint8_t *line_end = memchr(bytes + at, '\n', size - at);
  size_t length = line_end ? (size_t)(line_end - (bytes + at)) + 1 : size - at;
  switch (next(state) % 5) {
  case 0:
    return at;
  case 1:
    bytes[at] = (uint8_t)next(state);
    return size;
  case 2:
    if (size + length > MAX_BYTES) {
      return size;
    }
    memmove(bytes + at + length, bytes + at, size - at);
    return size + length;
  case 3:
    memmove(bytes + at, bytes + at + length, size - at - length);
    return size - length;
  default:
    for (; at < size; at++) {
      if (bytes[at] >= '0' && bytes[at] <= '9') {
        bytes[at] = (uint8_t)('0' + next(state) % 10);
        break;
      }
    }
    return size;
  }
}

static size_t read_file(const char *path, uint8_t *out) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    return 0;
  }
  size_t size = fread(out, 1, MAX_BYTES, file);
  fclose(file);
  return size;
}

int main(int argc, char **argv) {
  static uint8_t original[MAX_BYTES], copy[MAX_BYTES];
  long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
  uint64_t state = 88172645463325252u;
  if (rounds <= 0) {
    fprintf(stderr, "usage: %s ROUNDS FILE...\n", argv[0]);
    return 2;
  }
  for (int i = 2; i < argc; i++) {
    size_t size = read_file(argv[i], original);
    if (size == 0) {
      fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    LLVMFuzzerTestOneInput(original, size);
    for (long round = 0; round < rounds; round++) {
      memcpy(copy, original, size);
      size_t changed = mutate(copy, size, &state);
      if (next(&state) % 2) {
        changed = mutate(copy, changed, &state);
      }
      LLVMFuzzerTestOneInput(copy, changed);
    }
    printf("%s: %ld mutations\n", argv[i], rounds);
  }
  return 0;
}
