/* Finding the end of statements that are copied, not understood. */
#ifndef PTL_ASM_SCAN_H
#define PTL_ASM_SCAN_H

#include "asm/reader.h"

/* Ops without a dialect in their name. */
bool ptl_is_short_name(ptl_str op);
/* Ops whose custom form MLIR can read. */
bool ptl_is_copied(ptl_str op);

/* Is this `%a, %b:2 =`? The lexer stands before it. */
bool ptl_at_results(ptl_lexer lexer);
/* Does the next token belong to another statement? */
bool ptl_starts_another(const ptl_reader *reader, const ptl_frame *frame, ptl_token token);
/* Takes `loc(...)` if it comes next. */
bool ptl_take_location(ptl_reader *reader, ptl_frame *frame);

/* Reads on in a copied statement, from its start or from the end of a region. True: a
 * region of it was opened; false: it is complete. */
bool ptl_read_rest(ptl_reader *reader, ptl_frame *frame);

#endif
