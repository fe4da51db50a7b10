/* Tells malloc, and the system, how much memory a run takes. */
#include "common/heap.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

/* What malloc takes for its first step, before huge pages are asked for: less than what it would
 * map on its own. Then come two huge pages at a time. */
enum { FIRST_BYTES = 120 << 10, HUGE_PAGE_BYTES = 2 << 20 };
enum { STEP_BYTES = 2 * HUGE_PAGE_BYTES + FIRST_BYTES, KEPT_BYTES = 256 << 20 };

/* Moves the end of the heap, so that FIRST_BYTES and a bit behind it a huge page begins. malloc
 * takes the gap for somebody else's. */
static void align_heap(void) {
  uintptr_t end = (uintptr_t)sbrk(0) + FIRST_BYTES + (4 << 10);
  (void)sbrk((intptr_t)(-end % HUGE_PAGE_BYTES));
}

void heap_prepare(void) {
  mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
  mallopt(M_TOP_PAD, STEP_BYTES);
  align_heap();
  char *begin = sbrk(0);
  void *volatile first = malloc(FIRST_BYTES);
  free(first);
  /* Where there are no huge pages, the heap is what it was. */
  (void)madvise(begin, (size_t)((char *)sbrk(0) - begin), MADV_HUGEPAGE);
}

#else
void heap_prepare(void) {}
#endif
