/* A table from names to texts, for the types of SSA values and the like. Keys and
 * values are views; the last text that a name was given counts. */
#ifndef PTL_ASM_SYMBOLS_H
#define PTL_ASM_SYMBOLS_H

#include "support/map.h"

typedef struct ptl_symbol {
  ptl_str name;
  ptl_str text;
  int number; /* for the owner of the table */
} ptl_symbol;

typedef struct ptl_symbols {
  ptl_arena *arena;
  ptl_symbol *items;
  int count, capacity;
  ptl_map map;
} ptl_symbols;

void ptl_symbols_init(ptl_symbols *symbols, ptl_arena *arena);
void ptl_symbols_clear(ptl_symbols *symbols);
void ptl_symbols_set(ptl_symbols *symbols, ptl_str name, ptl_str text);
/* The text of a name; length 0 if it has none. */
ptl_str ptl_symbols_get(const ptl_symbols *symbols, ptl_str name);
/* The entry of a name, made if it is new; valid until the next one is made. */
ptl_symbol *ptl_symbols_entry(ptl_symbols *symbols, ptl_str name);

#endif
