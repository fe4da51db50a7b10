/* Arrays of the heap that grow. */
#ifndef PTOLOWER_GROW_H
#define PTOLOWER_GROW_H

#include <stddef.h>

/* Room for `wanted` elements of `size` bytes each. Gives the array, which may have moved. NULL:
 * memory is out, errno says so, and the array is as it was. */
void *grow(void *items, size_t wanted, size_t *capacity, size_t size);

#endif
