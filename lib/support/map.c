/* The map of map.h: slots in an array of a power of two, at most half full, each in the first free
 * place from its hash on. Nothing is taken out. */
#include "support/map.h"

#include <string.h>

static uint64_t word_at(const char *text) {
  uint64_t word;
  memcpy(&word, text, sizeof(word));
  return word;
}

/* Most of the texts are names of some ten bytes and types of a hundred. */
static uint64_t add_word(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0xff51afd7ed558ccdu;
  return hash ^ hash >> 32;
}

uint32_t ptl_hash_text(ptl_str text) {
  const size_t size = sizeof(uint64_t);
  uint64_t hash = text.length;
  uint64_t rest = 0;
  if (text.length >= size) {
    for (size_t at = 0; at + size < text.length; at += size) {
      hash = add_word(hash, word_at(text.data + at));
    }
    rest = word_at(text.data + text.length - size); /* the last bytes, some of them once more */
  } else {
    for (size_t at = 0; at < text.length; at++) {
      rest = rest << 8 | (unsigned char)text.data[at];
    }
  }
  return (uint32_t)add_word(hash, rest);
}

static void put(ptl_map *map, ptl_map_slot slot) {
  uint32_t at = slot.hash;
  while (map->slots[at & (map->size - 1)].number != 0) {
    at++;
  }
  map->slots[at & (map->size - 1)] = slot;
}

void ptl_map_reserve(ptl_map *map, ptl_arena *arena, uint32_t least) {
  if (map->count * 2 < map->size) {
    return;
  }
  ptl_map old = *map;
  map->size = old.size > 0 ? old.size * 2 : least;
  map->slots = ptl_arena_array(arena, map->size, sizeof(ptl_map_slot));
  for (uint32_t i = 0; i < old.size; i++) {
    if (old.slots[i].number != 0) {
      put(map, old.slots[i]);
    }
  }
}

void ptl_map_add(ptl_map *map, uint32_t hash, int item) {
  put(map, (ptl_map_slot){hash, item + 1});
  map->count++;
}

void ptl_map_clear(ptl_map *map) {
  if (map->count > 0) {
    memset(map->slots, 0, map->size * sizeof(ptl_map_slot));
    map->count = 0;
  }
}
