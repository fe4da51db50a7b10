/* Tells malloc, and the system, how much memory a run takes. */
#include "common/heap.h"

#include <stdint.h>
#include <stdlib.h>

/* mallinfo2 came with 2.33. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE_BYTES = 4 << 10, HUGE_PAGE_BYTES = 2 << 20, KEPT_BYTES = 256 << 20 };

/* What malloc needs beside a block, and for the rest that it leaves behind it. */
enum { BESIDE_BLOCK_BYTES = 64 };

/* Static constructors have begun a heap of small pages, and each that is touched from now on costs
 * as much as 10,000 instructions. So its rest is taken, and never used: malloc goes on behind it.
 * Whoever looks for leaks finds it here. */
static void *volatile rest_of_first_heap;

static void leave_first_heap(void) {
  size_t rest = mallinfo2().keepcost;
  if (rest > BESIDE_BLOCK_BYTES) {
    rest_of_first_heap = malloc(rest - BESIDE_BLOCK_BYTES);
  }
}

/* What malloc is asked for first: more than all that it has, so that it takes its first step. Whole
 * pages, as the advice begins at one. */
static size_t first_bytes(void) { return (mallinfo2().fordblks / PAGE_BYTES + 1) * PAGE_BYTES; }

/* Moves the end of the heap, so that a huge page begins a page behind the first block: malloc
 * writes beside that block before huge pages are asked for. It takes the gap for somebody else's.
 */
static void align_heap(size_t first) {
  uintptr_t end = (uintptr_t)sbrk(0) + first + PAGE_BYTES;
  (void)sbrk((intptr_t)(-end % HUGE_PAGE_BYTES));
}

void heap_prepare(void) {
  leave_first_heap();
  size_t first = first_bytes();
  mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
  mallopt(M_TOP_PAD, 2 * HUGE_PAGE_BYTES + (int)first); /* two huge pages at a time */
  align_heap(first);
  char *begin = sbrk(0);
  void *volatile block = malloc(first);
  free(block);
  /* Where there are no huge pages, the heap is what it was. */
  (void)madvise(begin, (size_t)((char *)sbrk(0) - begin), MADV_HUGEPAGE);
}

#else
void heap_prepare(void) {}
#endif
