/* NAME_driver ROUNDS FILE...: a fuzz target over the files, and over ROUNDS mutations of each. The
 * same ones on every run. */
#include <string.h>

#include "fuzz.h"

enum { MAX_BYTES = 1 << 20 };

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
      size_t changed = fuzz_mutate(copy, size, MAX_BYTES, FUZZ_IN_PLACE, &state);
      if (fuzz_next(&state) % 2) {
        changed = fuzz_mutate(copy, changed, MAX_BYTES, FUZZ_IN_PLACE, &state);
      }
      LLVMFuzzerTestOneInput(copy, changed);
    }
    printf("%s: %ld mutations\n", argv[i], rounds);
  }
  return 0;
}
