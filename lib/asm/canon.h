/* One spelling per type. MLIR keeps the types of the pto dialect as text, so two
 * spellings of a type would be two types to it. */
#ifndef PTL_ASM_CANON_H
#define PTL_ASM_CANON_H

#include "asm/symbols.h"

/* The long spelling of a tile type; other pto types without needless blanks, a ptr
 * without `gm`; a memref with a pto address space as !pto.memref<...>; a type of
 * another dialect as it is. `cache` holds what is already known. */
ptl_str ptl_canonical_type(ptl_symbols *cache, ptl_str type);

/* Adds text to `out`, with the canonical spelling of the types in it. */
void ptl_canonical_copy(ptl_symbols *cache, ptl_str text, ptl_strbuf *out);

/* Writes a tile type of any element type in its long spelling; false if it is none. */
bool ptl_tile_type_respell(ptl_str type, ptl_strbuf *out);

#endif
