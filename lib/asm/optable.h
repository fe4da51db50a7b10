/* The surface syntax of the pto ops, one row each, read and written by the same
 * rows (docs/assembly.md describes the notation).
 *
 *   word ( ) [ ] , : = ->   stand for themselves
 *   $a  $a*  $a:index       an operand; several with commas; its type is not in the text
 *   $a:ptr                  its type is that of its definition, else a pointer to the
 *                           element type of the result
 *   <a, b?, c^, d*, {}>     operands, and behind a colon their types: `%a, %b : ta, tb`;
 *                           ? may be missing, ^ likewise; a dictionary is written as
 *                           {,a} behind a comma, as {?a} only if the operand before it
 *                           is there
 *   !a  !result  !results   the types of an operand, the type or types of the op
 *   @a  @a<m>               an attribute, bare: 0, or <x> for #pto.m<x>
 *   {a,b}                   a dictionary of these attributes, integers without their type
 *   {}                      a dictionary of all other attributes
 *   [[ ... ]]               may be missing; it is there if its first operand, attribute or
 *                           result is
 *   ;                       a comma, but not behind an opening bracket
 *   ~index                  a result whose type is not in the text
 *   body                    a region
 *
 * MLIR's order of operands is that of the syntax, with ^ and those of [[ ]] last
 * (`$a?` in [[ ]]: in its place).
 */
#ifndef PTL_ASM_OPTABLE_H
#define PTL_ASM_OPTABLE_H

#include "support/strbuf.h"

typedef struct ptl_op_syntax {
  const char *name; /* without `pto.` */
  const char *syntax;
} ptl_op_syntax;

/* All rows, sorted by name. */
extern const ptl_op_syntax ptl_op_table[];
extern const size_t ptl_op_table_size;

/* The row of an op; `name` with or without `pto.`; NULL if it is not known. */
const ptl_op_syntax *ptl_op_find(ptl_str name);

/* Whether ptoas has such an op, with or without a row. */
bool ptl_op_exists(ptl_str name);

/* The op, without `pto.`, that a name was probably meant to be; empty if it is like none. */
ptl_str ptl_op_nearest(ptl_str name);

typedef enum ptl_item_type {
  PTL_SYN_END,
  PTL_SYN_LITERAL, /* text: the word or punctuation */
  PTL_SYN_COMMA,   /* soft */
  PTL_SYN_OPERAND, /* text: name; type: if given */
  PTL_SYN_LIST,    /* text: what is inside < > */
  PTL_SYN_TYPE,    /* text: name of the operand, or result(s) */
  PTL_SYN_ATTR,    /* text: name; type: mnemonic */
  PTL_SYN_DICT,    /* text: names, or empty for all others */
  PTL_SYN_MAYBE,   /* text: what is inside [[ ]] */
  PTL_SYN_IMPLIED, /* text: result type */
  PTL_SYN_BODY,
} ptl_item_type;

typedef struct ptl_syntax_item {
  ptl_item_type kind;
  char mark; /* '?', '^', '*' or 0 */
  ptl_str text;
  ptl_str type;
} ptl_syntax_item;

/* Takes the next item of a syntax, or of the inside of [[ ]]. */
ptl_syntax_item ptl_syntax_next(ptl_str *syntax);

/* Takes the next element of a list: PTL_SYN_OPERAND or PTL_SYN_DICT. */
ptl_syntax_item ptl_syntax_next_in_list(ptl_str *list);

enum { PTL_MAX_GROUPS = 12 };

/* The operand groups of a row in MLIR's order. */
typedef struct ptl_op_layout {
  int count;
  bool is_fixed; /* every group is one operand: no operandSegmentSizes */
  struct {
    ptl_str name;
    char mark; /* 0: one, '?': at most one, '*': any number */
  } groups[PTL_MAX_GROUPS];
} ptl_op_layout;

ptl_op_layout ptl_op_layout_of(const ptl_op_syntax *row);
/* Index of the group of that name; -1 if there is none. */
int ptl_op_group(const ptl_op_layout *layout, ptl_str name);

#endif
