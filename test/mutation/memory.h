/* The on-chip buffers of the interpreter: bytes that carry identities.
 *
 * An element is a 64-bit identity; each of its bytes knows which byte of which element it is,
 * so that an element that was overwritten in part, or read at another size, is
 * another one. An element of GM has an identity from which its pointer and place can be
 * told; everything that was computed is a hash.
 */
#ifndef PTL_TEST_MUTATION_MEMORY_H
#define PTL_TEST_MUTATION_MEMORY_H

#include "program.h"

typedef struct mut_memory {
  uint64_t *bytes[MUT_SPACES]; /* 0: never written */
  int64_t size[MUT_SPACES];
  int64_t used[MUT_SPACES]; /* bytes from here on are 0 */
  int outside;              /* accesses outside of a buffer, or at an address that is odd */
  int unwritten;            /* bytes that were read without having been written */
  int pieces;               /* elements that were read where there was no whole one */
} mut_memory;

void mut_memory_init(mut_memory *memory, const int64_t size[MUT_SPACES]);
void mut_memory_clear(mut_memory *memory);
void mut_memory_free(mut_memory *memory);

/* What is read where several elements, or nobody, left something. */
uint64_t mut_memory_pieces(mut_memory *memory, mut_space space, int64_t address, int64_t bytes);

static inline bool mut_memory_is_inside(mut_memory *memory, mut_space space, int64_t address,
                                        int64_t bytes) {
  bool inside = address >= 0 && address + bytes <= memory->size[space];
  memory->outside += !inside;
  return inside;
}

enum { MUT_OUTSIDE = 7 }; /* what a read outside of a buffer gives */

static inline uint64_t mut_memory_step(int64_t byte) {
  return (uint64_t)byte * 0x9e3779b97f4a7c15u;
}

static inline void mut_memory_write(mut_memory *memory, mut_space space, int64_t address,
                                    int64_t bytes, uint64_t identity) {
  if (!mut_memory_is_inside(memory, space, address, bytes)) {
    return;
  }
  uint64_t *at = memory->bytes[space] + address;
  for (int64_t i = 0; i < bytes; i++) {
    at[i] = identity + mut_memory_step(i);
  }
  if (memory->used[space] < address + bytes) {
    memory->used[space] = address + bytes;
  }
}

static inline void mut_memory_erase(mut_memory *memory, mut_space space, int64_t address,
                                    int64_t bytes) {
  if (mut_memory_is_inside(memory, space, address, bytes)) {
    for (int64_t i = 0; i < bytes; i++) {
      memory->bytes[space][address + i] = 0;
    }
  }
}

static inline uint64_t mut_memory_read(mut_memory *memory, mut_space space, int64_t address,
                                       int64_t bytes) {
  if (!mut_memory_is_inside(memory, space, address, bytes)) {
    return MUT_OUTSIDE;
  }
  const uint64_t *at = memory->bytes[space] + address;
  uint64_t identity = at[0];
  bool whole = identity != 0;
  for (int64_t i = 1; i < bytes; i++) {
    whole = whole && at[i] == identity + mut_memory_step(i);
  }
  return whole ? identity : mut_memory_pieces(memory, space, address, bytes);
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
