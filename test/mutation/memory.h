/* The on-chip buffers of the interpreter: bytes that carry identities.
 *
 * An element is a 64-bit identity; each of its bytes knows which byte of which element it is,
 * so that an element that was overwritten in part, or read at another size, is
 * another one. An element of GM has an identity from which its pointer and place can be
 * told; everything that was computed is a hash.
 */
#ifndef PTL_TEST_MUTATION_MEMORY_H
#define PTL_TEST_MUTATION_MEMORY_H

#include <string.h>

#include "program.h"

enum { MUT_PAGE_BITS = 12 };

typedef struct mut_memory {
  uint64_t *bytes[MUT_SPACES];  /* 0: never written */
  uint32_t *owners[MUT_SPACES]; /* the names that wrote them, if it is owned */
  int64_t size[MUT_SPACES];     /* of a buffer */
  int64_t room[MUT_SPACES];     /* more, for tiles whose places are not planned yet */
  bool *is_dirty[MUT_SPACES];   /* by page: anything in it is not 0 */
  bool is_unplanned, is_owned;
  int outside;   /* accesses outside of a buffer, or at an address that is odd */
  int unwritten; /* bytes that were read without having been written */
  int pieces;    /* elements that were read where there was no whole one */
} mut_memory;

void mut_memory_init(mut_memory *memory, const int64_t size[MUT_SPACES]);
/* `is_unplanned`: tiles lie anywhere. `is_owned`: owners are kept. */
void mut_memory_clear(mut_memory *memory, bool is_unplanned, bool is_owned);
void mut_memory_free(mut_memory *memory);

/* What is read where several elements, or nobody, left something. */
uint64_t mut_memory_pieces(mut_memory *memory, uint64_t place, const uint64_t *at, int64_t bytes);

static inline bool mut_memory_is_inside(mut_memory *memory, mut_space space, int64_t address,
                                        int64_t bytes) {
  int64_t end = memory->is_unplanned ? memory->room[space] : memory->size[space];
  bool inside = address >= 0 && address + bytes <= end;
  memory->outside += !inside;
  return inside;
}

enum { MUT_OUTSIDE = 7 }; /* what a read outside of a buffer gives */

static inline uint64_t mut_memory_step(int64_t byte) {
  return (uint64_t)byte * 0x9e3779b97f4a7c15u;
}

static inline void mut_bytes_write(uint64_t *at, int64_t bytes, uint64_t identity) {
  for (int64_t i = 0; i < bytes; i++) {
    at[i] = identity + mut_memory_step(i);
  }
}

static inline bool mut_bytes_are_whole(const uint64_t *at, int64_t bytes) {
  bool whole = at[0] != 0;
  for (int64_t i = 1; i < bytes; i++) {
    whole = whole && at[i] == at[0] + mut_memory_step(i);
  }
  return whole;
}

static inline void mut_memory_write(mut_memory *memory, mut_space space, int64_t address,
                                    int64_t bytes, uint64_t identity, uint32_t owner) {
  if (!mut_memory_is_inside(memory, space, address, bytes)) {
    return;
  }
  mut_bytes_write(memory->bytes[space] + address, bytes, identity);
  if (memory->is_owned) {
    memory->owners[space][address] = owner;
  }
  for (int64_t p = address >> MUT_PAGE_BITS; p <= (address + bytes - 1) >> MUT_PAGE_BITS; p++) {
    memory->is_dirty[space][p] = true;
  }
}

static inline void mut_memory_erase(mut_memory *memory, mut_space space, int64_t address,
                                    int64_t bytes) {
  if (mut_memory_is_inside(memory, space, address, bytes)) {
    memset(memory->bytes[space] + address, 0, (size_t)bytes * sizeof(uint64_t));
  }
}

static inline uint64_t mut_memory_read(mut_memory *memory, mut_space space, int64_t address,
                                       int64_t bytes) {
  if (!mut_memory_is_inside(memory, space, address, bytes)) {
    return MUT_OUTSIDE;
  }
  const uint64_t *at = memory->bytes[space] + address;
  uint64_t place = (uint64_t)space << 40 | (uint64_t)address;
  return mut_bytes_are_whole(at, bytes) ? at[0] : mut_memory_pieces(memory, place, at, bytes);
}

enum { MUT_COMPUTED_BIT = 63 }; /* set in identities of what was computed */

static inline uint64_t mut_mix(uint64_t a) {
  a = (a ^ (a >> 30)) * 0xbf58476d1ce4e5b9u;
  a = (a ^ (a >> 27)) * 0x94d049bb133111ebu;
  return (a ^ (a >> 31)) | 1ull << MUT_COMPUTED_BIT;
}

static inline uint64_t mut_mix2(uint64_t a, uint64_t b) {
  return mut_mix(a * 0x2545f4914f6cdd1du + (b ^ (b >> 29)) * 0xd6e8feb86659fd93u + 1);
}

/* Element `offset` of what argument `root` points to; and back. */
static inline uint64_t mut_gm_identity(int root, int64_t offset) {
  return (uint64_t)(root + 1) << 48 | ((uint64_t)offset & 0xffffffffffffu);
}

bool mut_gm_place(uint64_t identity, int *root, int64_t *offset);

#endif
