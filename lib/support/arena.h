/* Memory for one run: allocated piece by piece, freed as a whole.
 *
 * Everything that the compiler makes for one run (strings, decoded kernels,
 * plans, diagnostics) comes from one arena and dies with it. MLIR objects are
 * never owned by an arena.
 *
 * Allocation does not fail: MLIR and LLVM abort the process when memory runs
 * out, so a status for that case could not be honoured anyway, and the arena
 * does as they do. This is the only place of the library that may abort.
 */
#ifndef PTL_SUPPORT_ARENA_H
#define PTL_SUPPORT_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct ptl_arena {
  struct ptl_arena_block *blocks; /* newest first */
  size_t bytes;                   /* handed out so far */
} ptl_arena;

/* An arena without memory yet; `ptl_arena_free` gives back what it gets. */
void ptl_arena_init(ptl_arena *arena);
void ptl_arena_free(ptl_arena *arena);

/* Forgets all that was handed out, but keeps the memory to hand it out again. */
void ptl_arena_reset(ptl_arena *arena);

/* `size` zeroed bytes, aligned for any type. */
void *ptl_arena_alloc(ptl_arena *arena, size_t size);

/* `count` zeroed elements of `size` bytes each. */
void *ptl_arena_array(ptl_arena *arena, size_t count, size_t size);

/* A larger copy of an array: the first `old_count` elements are kept, the rest
 * is zero. The old memory stays with the arena until it is freed. */
void *ptl_arena_grow(ptl_arena *arena, const void *old, size_t old_count, size_t new_count,
                     size_t size);

/* The memory at `old`, which has `old_size` bytes and no other reader, with `size` bytes, which are
 * not fewer: where it is if it was the last that was handed out, else a copy. What is new is not
 * zeroed. */
void *ptl_arena_extend(ptl_arena *arena, void *old, size_t old_size, size_t size);

/* The one way to let an array grow: makes room for one element more after the first `count`. Gives
 * the array, which may have moved; what is new is zero. No array gets longer than
 * PTL_MOST_ELEMENTS: a text has at most PTL_MOST_TEXT_BYTES (asm/asm.h) and a walk
 * PTL_WALK_MAX_STEPS, and what exceeds those is refused with a sentence that names the limit. */
enum { PTL_MOST_ELEMENTS = 1 << 29 };
void *ptl_arena_more(ptl_arena *arena, void *items, int count, int *capacity, size_t size);

/* A NUL-terminated copy of `length` bytes. */
char *ptl_arena_copy(ptl_arena *arena, const char *text, size_t length);

/* A formatted, NUL-terminated string. */
char *ptl_arena_vprintf(ptl_arena *arena, const char *format, va_list args);
__attribute__((format(printf, 2, 3))) char *ptl_arena_printf(ptl_arena *arena, const char *format,
                                                             ...);

#endif
