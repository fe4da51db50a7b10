/* Lets an array of the heap grow: at least twofold, so that many small steps cost little. */
#include "common/grow.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void *grow(void *items, size_t wanted, size_t *capacity, size_t size) {
  if (wanted <= *capacity) {
    return items;
  }
  size_t larger = wanted > SIZE_MAX / 2 ? 0 : 2 * wanted;
  larger = larger && larger < FIRST_CAPACITY ? FIRST_CAPACITY : larger;
  void *grown = larger && larger <= SIZE_MAX / size ? realloc(items, larger * size) : NULL;
  if (!grown) {
    errno = ENOMEM;
    return NULL;
  }
  *capacity = larger;
  return grown;
}
