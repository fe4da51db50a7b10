/* libFuzzer's own mutations know nothing of text: half of them are ours. */
#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
  uint64_t state = ((uint64_t)seed << 1 | 1) * 0x9e3779b97f4a7c15u;
  if (size == 0 || fuzz_next(&state) % 4 == 0) {
    return LLVMFuzzerMutate(data, size, room);
  }
  size = fuzz_mutate(data, size, room, FUZZ_ALL, &state);
  while (fuzz_next(&state) % 2) {
    size = fuzz_mutate(data, size, room, FUZZ_ALL, &state);
  }
  return size > 0 ? size : 1;
}
