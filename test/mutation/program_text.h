/* The surface of .pto text, for the tests' own reader: where statements, names and types stand.
 * Texts end with a NUL; nothing is allocated. */
#ifndef PTL_TEST_MUTATION_PROGRAM_TEXT_H
#define PTL_TEST_MUTATION_PROGRAM_TEXT_H

#include "program.h"

bool mut_starts(const char *text, const char *prefix);
bool mut_is_name_char(char c);
const char *mut_skip_space(const char *at);
const char *mut_line_end(const char *at);
bool mut_begins_statement(const char *at);
size_t mut_name_length(const char *at);
char mut_key_before(const char *statement, const char *operand);
/* The last type of a statement; NULL if there is none. */
const char *mut_last_type(const char *begin, const char *end);
bool mut_ends_with_type(const char *statement, const char *type);
bool mut_is_head(const char *begin, const char *end);

/* The parenthesis or bracket that closes what `at` is inside of; `end` if there is none. */
const char *mut_closing(const char *at, const char *end);
/* Where the types of an op's operands and of its result stand, in a statement from `at` on. */
void mut_read_types(const char *text, mut_op *op, const char *at, const char *end);

/* `!pto.tile_buf<...>` in either spelling. False: it is no tile type. */
bool mut_read_tile_type(const char *text, mut_tile_type *tile);

#endif
