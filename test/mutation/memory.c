#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool mut_gm_place(uint64_t identity, int *root, int64_t *offset) {
  *root = (int)(identity >> 48) - 1;
  *offset = (int64_t)(identity & 0xffffffffffffu);
  return identity >> MUT_COMPUTED_BIT == 0 && *root >= 0;
}

void mut_memory_init(mut_memory *memory, const int64_t size[MUT_SPACES]) {
  memset(memory, 0, sizeof(*memory));
  for (int i = 0; i < MUT_SPACES; i++) {
    memory->size[i] = size[i];
    memory->bytes[i] = calloc((size_t)size[i] + 1, sizeof(uint64_t));
    if (!memory->bytes[i]) {
      abort();
    }
  }
}

void mut_memory_clear(mut_memory *memory) {
  for (int i = 0; i < MUT_SPACES; i++) {
    memset(memory->bytes[i], 0, (size_t)memory->used[i] * sizeof(uint64_t));
    memory->used[i] = 0;
  }
  memory->outside = 0;
  memory->unwritten = 0;
  memory->pieces = 0;
}

void mut_memory_free(mut_memory *memory) {
  for (int i = 0; i < MUT_SPACES; i++) {
    free(memory->bytes[i]);
  }
}

/* What several elements left, or nobody: it depends on the place. */
uint64_t mut_memory_pieces(mut_memory *memory, mut_space space, int64_t address, int64_t bytes) {
  uint64_t hash = mut_mix2((uint64_t)space, (uint64_t)address);
  memory->pieces++;
  for (int64_t i = 0; i < bytes; i++) {
    uint64_t byte = memory->bytes[space][address + i];
    memory->unwritten += byte == 0;
    hash = mut_mix2(hash, byte);
  }
  return hash;
}
