/* Reading one statement of the pto dialect by its row of the op table. */
#ifndef PTL_ASM_MATCH_H
#define PTL_ASM_MATCH_H

#include "asm/lexer.h"
#include "asm/symbols.h"
#include "asm/syntax.h"

typedef struct ptl_operand {
  ptl_str name; /* with its % */
  ptl_str type;
  int group;
} ptl_operand;

/* Why a statement was not understood: `'what' why`, or `why` alone. */
typedef struct ptl_match_failure {
  ptl_str what; /* may be empty */
  const char *why;
} ptl_match_failure;

/* What a statement holds. One is used for all statements of a text. */
typedef struct ptl_match {
  ptl_arena *arena;
  const ptl_symbols *types;     /* of the SSA values so far */
  const ptl_symbols *constants; /* values of the index constants so far */
  ptl_symbols *spellings;       /* cache of ptl_canonical_type */
  ptl_symbols *aliases;         /* types and attributes that were written down, numbered */

  const ptl_op_row *row;
  ptl_str op; /* its name as it was spelt */
  const ptl_op_layout *layout;
  ptl_layouts layouts;
  ptl_operand *operands; /* in the order of the text */
  int operand_count, operand_capacity;
  ptl_str *result_types;
  int result_count, result_capacity;
  ptl_strbuf attributes; /* inside of the dictionary */
  bool has_body;         /* a region opens next */
  ptl_match_failure failure;
} ptl_match;

void ptl_match_init(ptl_match *match, ptl_arena *arena, const ptl_symbols *types,
                    const ptl_symbols *constants, ptl_symbols *spellings, ptl_symbols *aliases);

/* Reads what follows the op's name, up to its location, or up to its region. The op has a
 * syntax; `has_result`: the statement names one. False, with `failure`: it does not look like
 * the row. */
bool ptl_match_statement(ptl_match *match, ptl_lexer *lexer, ptl_op_id id, ptl_str op,
                         bool has_result);

/* The failure in words, made only if somebody wants to know. */
const char *ptl_match_failure_text(const ptl_match *match);

/* Reads what follows the region of an op that has no operands and results. */
void ptl_match_behind_body(ptl_match *match, ptl_lexer *lexer, ptl_op_id id, ptl_str op);

/* Writes `"pto.op"(operands)` and with `ptl_match_emit_tail` ` {attributes} : type`. */
void ptl_match_emit_head(const ptl_match *match, ptl_strbuf *out);
void ptl_match_emit_tail(const ptl_match *match, ptl_strbuf *out);

/* Writes a type or an attribute, by an alias if it is plain: of other text MLIR may say something,
 * which is to have the line where the text stands. */
void ptl_match_emit_short(const ptl_match *match, ptl_str text, ptl_strbuf *out);

/* Defines the aliases by which types and attributes of the dialect and segment sizes are written:
 * MLIR reads each of them once, and takes 15,000 instructions for a name of a dialect that it does
 * not know. */
void ptl_match_emit_aliases(const ptl_symbols *aliases, ptl_strbuf *out);

#endif
