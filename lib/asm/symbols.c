/* A hash table with open addressing from names to texts. It grows at half full; nothing is ever
 * removed but all at once. */
#include "asm/symbols.h"

#include <stdint.h>
#include <string.h>

void ptl_symbols_init(ptl_symbols *symbols, ptl_arena *arena) {
  *symbols = (ptl_symbols){.arena = arena};
}

void ptl_symbols_clear(ptl_symbols *symbols) {
  if (symbols->count > 0) {
    memset(symbols->slots, 0, symbols->capacity * sizeof(ptl_symbol));
    symbols->count = 0;
  }
}

static size_t hash(ptl_str name) {
  uint64_t value = 1469598103934665603u;
  for (size_t i = 0; i < name.length; i++) {
    value = (value ^ (unsigned char)name.data[i]) * 1099511628211u;
  }
  return (size_t)(value ^ (value >> 29));
}

/* The slot of a name, or the free one where it belongs. */
static ptl_symbol *slot_of(ptl_symbol *slots, size_t capacity, ptl_str name) {
  size_t index = hash(name) & (capacity - 1);
  while (slots[index].name.data && !ptl_str_equal(slots[index].name, name)) {
    index = (index + 1) & (capacity - 1);
  }
  return &slots[index];
}

static void grow(ptl_symbols *symbols) {
  size_t capacity = symbols->capacity ? symbols->capacity * 2 : 64;
  ptl_symbol *slots = ptl_arena_array(symbols->arena, capacity, sizeof(ptl_symbol));
  for (size_t i = 0; i < symbols->capacity; i++) {
    if (symbols->slots[i].name.data) {
      *slot_of(slots, capacity, symbols->slots[i].name) = symbols->slots[i];
    }
  }
  symbols->slots = slots;
  symbols->capacity = capacity;
}

ptl_symbol *ptl_symbols_entry(ptl_symbols *symbols, ptl_str name) {
  if (symbols->count * 2 >= symbols->capacity) {
    grow(symbols);
  }
  ptl_symbol *slot = slot_of(symbols->slots, symbols->capacity, name);
  if (!slot->name.data) {
    slot->name = name;
    symbols->count++;
  }
  return slot;
}

void ptl_symbols_set(ptl_symbols *symbols, ptl_str name, ptl_str text) {
  ptl_symbols_entry(symbols, name)->text = text;
}

ptl_str ptl_symbols_get(const ptl_symbols *symbols, ptl_str name) {
  if (symbols->capacity == 0) {
    return (ptl_str){"", 0};
  }
  return slot_of(symbols->slots, symbols->capacity, name)->text;
}
