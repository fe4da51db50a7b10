#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool mut_gm_place(uint64_t identity, int *root, int64_t *offset) {
  *root = (int)(identity >> 48) - 1;
  *offset = (int64_t)(identity & 0xffffffffffffu);
  return identity >> MUT_COMPUTED_BIT == 0 && *root >= 0;
}

enum { UNPLANNED_SHARE = 8 }; /* how many buffers' worth of tiles have room, unplanned */

static void *get_or_die(size_t count, size_t size) {
  void *got = calloc(count, size);
  if (!got) {
    abort();
  }
  return got;
}

static size_t pages_of(const mut_memory *memory, int space) {
  return (size_t)(memory->room[space] >> MUT_PAGE_BITS) + 1;
}

void mut_memory_init(mut_memory *memory, const int64_t size[MUT_SPACES]) {
  memset(memory, 0, sizeof(*memory));
  for (int i = 0; i < MUT_SPACES; i++) {
    memory->size[i] = size[i];
    memory->room[i] = size[i] * UNPLANNED_SHARE;
    size_t bytes = pages_of(memory, i) << MUT_PAGE_BITS;
    memory->bytes[i] = get_or_die(bytes, sizeof(uint64_t));
    memory->owners[i] = get_or_die(bytes, sizeof(uint32_t));
    memory->is_dirty[i] = get_or_die(pages_of(memory, i), sizeof(bool));
  }
}

static void clear_page(mut_memory *memory, int space, size_t page) {
  size_t first = page << MUT_PAGE_BITS, count = (size_t)1 << MUT_PAGE_BITS;
  memset(memory->bytes[space] + first, 0, count * sizeof(uint64_t));
  if (memory->is_owned) {
    memset(memory->owners[space] + first, 0, count * sizeof(uint32_t));
  }
  memory->is_dirty[space][page] = false;
}

void mut_memory_clear(mut_memory *memory, bool is_unplanned, bool is_owned) {
  for (int i = 0; i < MUT_SPACES; i++) {
    for (size_t page = 0; page < pages_of(memory, i); page++) {
      if (memory->is_dirty[i][page]) {
        clear_page(memory, i, page);
      }
    }
  }
  memory->is_unplanned = is_unplanned;
  memory->is_owned = is_owned;
  memory->outside = 0;
  memory->unwritten = 0;
  memory->pieces = 0;
}

void mut_memory_free(mut_memory *memory) {
  for (int i = 0; i < MUT_SPACES; i++) {
    free(memory->bytes[i]);
    free(memory->owners[i]);
    free(memory->is_dirty[i]);
  }
}

/* What several elements left, or nobody: it depends on the place. */
uint64_t mut_memory_pieces(mut_memory *memory, uint64_t place, const uint64_t *at, int64_t bytes) {
  uint64_t hash = mut_mix2(place, (uint64_t)bytes);
  memory->pieces++;
  for (int64_t i = 0; i < bytes; i++) {
    memory->unwritten += at[i] == 0;
    hash = mut_mix2(hash, at[i]);
  }
  return hash;
}
