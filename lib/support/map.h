/* Where an item stands in an array, by a hash of its key. The array is the caller's, and so are the
 * keys: of several items with one hash it takes the one whose key is equal.
 *
 *     uint32_t at = hash;
 *     int item;
 *     while ((item = ptl_map_next(&map, hash, &at)) >= 0 && !is_equal(&items[item], key)) {
 *     }
 */
#ifndef PTL_SUPPORT_MAP_H
#define PTL_SUPPORT_MAP_H

#include <stdint.h>

#include "support/arena.h"
#include "support/strbuf.h"

typedef struct ptl_map_slot {
  uint32_t hash;
  int32_t number; /* of the item, counted from 1; 0: the slot is free */
} ptl_map_slot;

/* All zero to begin with. Open addressing. */
typedef struct ptl_map {
  ptl_map_slot *slots;
  uint32_t size; /* a power of two, or 0 */
  uint32_t count;
} ptl_map;

/* A hash with one number more. The fold brings the high bits down: a slot is taken from the low
 * ones, and those of a product depend on low bits only. */
static inline uint64_t ptl_hash(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccdu;
  return hash ^ hash >> 32;
}

uint32_t ptl_hash_text(ptl_str text);

/* Makes room for one item more, of at least `least` slots (a power of two). */
void ptl_map_reserve(ptl_map *map, ptl_arena *arena, uint32_t least);

/* The next item with that hash; -1 if there is none. `*at` begins with the hash, and counts the
 * slots that were looked at. */
static inline int ptl_map_next(const ptl_map *map, uint32_t hash, uint32_t *at) {
  while (map->size > 0) {
    const ptl_map_slot *slot = &map->slots[(*at)++ & (map->size - 1)];
    if (slot->number == 0) {
      break;
    }
    if (slot->hash == hash) {
      return slot->number - 1;
    }
  }
  return -1;
}

/* Adds an item, for which there is room. */
void ptl_map_add(ptl_map *map, uint32_t hash, int item);

/* Forgets all items. */
void ptl_map_clear(ptl_map *map);

#endif
