/* Memory in blocks of at least 64 KiB, freed together. What is handed out is zeroed then, so that
 * the rest of a block is never touched; 128 KiB and more come as zeros from the system, which
 * touch only what is used. Memory that runs out aborts the process, as it does in MLIR. */
#include "support/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, ZEROED_BYTES = 128 * 1024 };

typedef struct ptl_arena_block {
  struct ptl_arena_block *next;
  size_t used;
  size_t capacity;
  max_align_t data[];
} ptl_arena_block;

void ptl_arena_init(ptl_arena *arena) {
  arena->blocks = NULL;
  arena->bytes = 0;
}

void ptl_arena_free(ptl_arena *arena) {
  ptl_arena_block *block = arena->blocks;
  while (block) {
    ptl_arena_block *next = block->next;
    free(block);
    block = next;
  }
  ptl_arena_init(arena);
}

/* A block with room for `size` bytes; zeroed if these are ZEROED_BYTES or more. */
static ptl_arena_block *new_block(size_t size) {
  size_t bytes = sizeof(ptl_arena_block) + (size > BLOCK_BYTES ? size : BLOCK_BYTES);
  ptl_arena_block *block = size >= ZEROED_BYTES ? calloc(1, bytes) : malloc(bytes);
  if (!block) {
    abort();
  }
  block->next = NULL;
  block->used = 0;
  block->capacity = bytes - sizeof(ptl_arena_block);
  return block;
}

/* One block that is as large as what was needed is kept. */
void ptl_arena_reset(ptl_arena *arena) {
  ptl_arena_block *block = arena->blocks;
  size_t bytes = arena->bytes;
  if (block && block->next) {
    ptl_arena_free(arena);
    arena->blocks = new_block(bytes);
  } else if (block) {
    block->used = 0;
  }
  arena->bytes = 0;
}

static size_t aligned(size_t size) {
  const size_t align = _Alignof(max_align_t);
  if (size > SIZE_MAX / 2) {
    abort();
  }
  return (size + align - 1) / align * align;
}

static bool has_room(const ptl_arena *arena, size_t size) {
  return arena->blocks && arena->blocks->capacity - arena->blocks->used >= size;
}

/* Bytes of the first block, which has the room. */
static void *take(ptl_arena *arena, size_t size) {
  void *result = (char *)arena->blocks->data + arena->blocks->used;
  arena->blocks->used += size;
  arena->bytes += size;
  return result;
}

static void push_block(ptl_arena *arena, size_t size) {
  ptl_arena_block *block = new_block(size);
  block->next = arena->blocks;
  arena->blocks = block;
}

void *ptl_arena_alloc(ptl_arena *arena, size_t size) {
  size = aligned(size);
  if (has_room(arena, size)) {
    return memset(take(arena, size), 0, size);
  }
  push_block(arena, size);
  void *result = take(arena, size);
  return size >= ZEROED_BYTES ? result : memset(result, 0, size);
}

/* Whether `old` was the last to be handed out, and its block has the room to make it longer. */
static bool extend(ptl_arena *arena, const char *old, size_t old_size, size_t size) {
  ptl_arena_block *block = arena->blocks;
  if (!block || !old || old + old_size != (char *)block->data + block->used ||
      block->capacity - block->used < size - old_size) {
    return false;
  }
  block->used += size - old_size;
  arena->bytes += size - old_size;
  return true;
}

void *ptl_arena_extend(ptl_arena *arena, void *old, size_t old_size, size_t size) {
  old_size = aligned(old_size);
  size = aligned(size);
  if (extend(arena, old, old_size, size)) {
    return old;
  }
  if (!has_room(arena, size)) {
    push_block(arena, size);
  }
  void *result = take(arena, size);
  if (old_size > 0) {
    memcpy(result, old, old_size);
  }
  return result;
}

void *ptl_arena_array(ptl_arena *arena, size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / 2 / size) {
    abort();
  }
  return ptl_arena_alloc(arena, count * size);
}

void *ptl_arena_grow(ptl_arena *arena, const void *old, size_t old_count, size_t new_count,
                     size_t size) {
  void *result = ptl_arena_array(arena, new_count, size);
  if (old_count > 0) {
    memcpy(result, old, old_count * size);
  }
  return result;
}

/* The first room of an array: a KiB, but at least one element. */
static int first_capacity(size_t size) {
  const size_t most = 16, bytes = 1024;
  size_t fits = bytes / size;
  return (int)(fits > most ? most : fits > 0 ? fits : 1);
}

void *ptl_arena_more(ptl_arena *arena, void *items, int count, int *capacity, size_t size) {
  if (count < *capacity) {
    return items;
  }
  if (count >= PTL_MOST_ELEMENTS) {
    abort();
  }
  *capacity = count == 0 ? first_capacity(size) : 2 * count;
  size_t old_size = (size_t)count * size;
  size_t new_size = (size_t)*capacity * size;
  char *result = ptl_arena_extend(arena, items, old_size, new_size);
  memset(result + old_size, 0, new_size - old_size);
  return result;
}

char *ptl_arena_copy(ptl_arena *arena, const char *text, size_t length) {
  char *result = ptl_arena_alloc(arena, length + 1);
  if (length > 0) {
    memcpy(result, text, length);
  }
  return result;
}

char *ptl_arena_vprintf(ptl_arena *arena, const char *format, va_list args) {
  char first[256]; /* has room for most, which are so formatted only once */
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(first, sizeof(first), format, again);
  va_end(again);
  if (length < (int)sizeof(first)) {
    return ptl_arena_copy(arena, first, (size_t)(length < 0 ? 0 : length));
  }
  char *result = ptl_arena_alloc(arena, (size_t)length + 1);
  (void)vsnprintf(result, (size_t)length + 1, format, args);
  return result;
}

char *ptl_arena_printf(ptl_arena *arena, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *result = ptl_arena_vprintf(arena, format, args);
  va_end(args);
  return result;
}
