/* A map from names to texts. Names are not removed one by one; all go at once. */
#include "asm/symbols.h"

void ptl_symbols_init(ptl_symbols *symbols, ptl_arena *arena) {
  *symbols = (ptl_symbols){.arena = arena};
}

void ptl_symbols_clear(ptl_symbols *symbols) {
  ptl_map_clear(&symbols->map);
  symbols->count = 0;
}

/* -1: it is not there. */
static int find(const ptl_symbols *symbols, ptl_str name, uint32_t hash) {
  uint32_t at = hash;
  int found;
  do {
    found = ptl_map_next(&symbols->map, hash, &at);
  } while (found >= 0 && !ptl_str_equal(symbols->items[found].name, name));
  return found;
}

ptl_symbol *ptl_symbols_entry(ptl_symbols *symbols, ptl_str name) {
  uint32_t hash = ptl_hash_text(name);
  int found = find(symbols, name, hash);
  if (found < 0) {
    found = symbols->count;
    symbols->items = ptl_arena_more(symbols->arena, symbols->items, found, &symbols->capacity,
                                    sizeof(ptl_symbol));
    symbols->items[symbols->count++] = (ptl_symbol){.name = name};
    ptl_map_reserve(&symbols->map, symbols->arena, 64);
    ptl_map_add(&symbols->map, hash, found);
  }
  return &symbols->items[found];
}

void ptl_symbols_set(ptl_symbols *symbols, ptl_str name, ptl_str text) {
  ptl_symbols_entry(symbols, name)->text = text;
}

ptl_str ptl_symbols_get(const ptl_symbols *symbols, ptl_str name) {
  int found = find(symbols, name, ptl_hash_text(name));
  return found < 0 ? (ptl_str){"", 0} : symbols->items[found].text;
}
