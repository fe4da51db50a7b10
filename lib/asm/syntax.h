/* The syntax of a row of the op table, taken apart: its items, and the operand groups that they
 * name. ops.def describes the notation. */
#ifndef PTL_ASM_SYNTAX_H
#define PTL_ASM_SYNTAX_H

#include "asm/ops.h"

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
  /* Only of ptl_layouts_items: */
  int group;                            /* operand group that `text` names; -1: none */
  const struct ptl_syntax_item *inside; /* of a PTL_SYN_LIST or PTL_SYN_MAYBE */
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

/* Of an op that has a syntax. */
ptl_op_layout ptl_op_layout_of(const ptl_op_row *row);

/* The layouts and items that were asked for so far. All but `arena` is zero to begin with. */
typedef struct ptl_layouts {
  ptl_arena *arena;
  const ptl_op_layout *of[PTL_OP_ID_COUNT];
  const ptl_syntax_item *items[PTL_OP_ID_COUNT];
} ptl_layouts;
const ptl_op_layout *ptl_layouts_get(ptl_layouts *layouts, ptl_op_id id);

/* The items of an op that has a syntax, up to PTL_SYN_END; so are those inside of an item. */
const ptl_syntax_item *ptl_layouts_items(ptl_layouts *layouts, ptl_op_id id);

/* Index of the group of that name; -1 if there is none. */
int ptl_op_group(const ptl_op_layout *layout, ptl_str name);

#endif
