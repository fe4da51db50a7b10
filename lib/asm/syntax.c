/* Takes the syntax of a row of the op table apart. The rows are our own, so that nothing is refused
 * here; a test takes all of them apart. */
#include "asm/syntax.h"

#include <string.h>

static bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void drop(ptl_str *text, size_t count) {
  text->data += count;
  text->length -= count;
}

static void skip_spaces(ptl_str *text) {
  while (text->length > 0 && text->data[0] == ' ') {
    drop(text, 1);
  }
}

static ptl_str take_word(ptl_str *text) {
  ptl_str word = {text->data, 0};
  while (word.length < text->length && is_word_char(word.data[word.length])) {
    word.length++;
  }
  drop(text, word.length);
  return word;
}

static bool take_char(ptl_str *text, char c) {
  if (text->length == 0 || text->data[0] != c) {
    return false;
  }
  drop(text, 1);
  return true;
}

/* What is in front of `closing`, which is dropped, too. */
static ptl_str take_until(ptl_str *text, const char *closing) {
  ptl_str inside = {text->data, 0};
  size_t length = strlen(closing);
  while (inside.length + length <= text->length &&
         (inside.data[inside.length] != closing[0] ||
          memcmp(inside.data + inside.length, closing, length) != 0)) {
    inside.length++;
  }
  drop(text, inside.length + length);
  return inside;
}

static char take_mark(ptl_str *text) {
  return take_char(text, '*') ? '*' : take_char(text, '?') ? '?' : take_char(text, '^') ? '^' : 0;
}

static ptl_syntax_item take_operand(ptl_str *syntax) {
  ptl_syntax_item item = {.kind = PTL_SYN_OPERAND, .text = take_word(syntax)};
  item.mark = take_mark(syntax);
  if (take_char(syntax, ':')) {
    item.type = take_word(syntax);
  }
  return item;
}

static ptl_syntax_item take_attr(ptl_str *syntax) {
  ptl_syntax_item item = {.kind = PTL_SYN_ATTR, .text = take_word(syntax)};
  if (take_char(syntax, '<')) {
    item.type = take_until(syntax, ">");
  }
  return item;
}

static ptl_syntax_item take_literal(ptl_str *syntax) {
  ptl_syntax_item item = {.kind = PTL_SYN_LITERAL, .text = take_word(syntax)};
  if (item.text.length == 0) {
    item.text.length = ptl_str_starts_with(*syntax, "->") ? 2 : 1;
    drop(syntax, item.text.length);
  } else if (ptl_str_is(item.text, "body")) {
    item.kind = PTL_SYN_BODY;
  }
  return item;
}

ptl_syntax_item ptl_syntax_next(ptl_str *syntax) {
  skip_spaces(syntax);
  if (syntax->length == 0) {
    return (ptl_syntax_item){.kind = PTL_SYN_END};
  }
  char c = syntax->data[0];
  if (c == '[' && syntax->length > 1 && syntax->data[1] == '[') {
    drop(syntax, 2);
    return (ptl_syntax_item){.kind = PTL_SYN_MAYBE, .text = take_until(syntax, "]]")};
  }
  if (!strchr("$@<{!~;", c)) {
    return take_literal(syntax);
  }
  drop(syntax, 1);
  switch (c) {
  case '$':
    return take_operand(syntax);
  case '@':
    return take_attr(syntax);
  case '<':
    return (ptl_syntax_item){.kind = PTL_SYN_LIST, .text = take_until(syntax, ">")};
  case '{':
    return (ptl_syntax_item){.kind = PTL_SYN_DICT, .text = take_until(syntax, "}")};
  case '!':
    return (ptl_syntax_item){.kind = PTL_SYN_TYPE, .text = take_word(syntax)};
  case '~':
    return (ptl_syntax_item){.kind = PTL_SYN_IMPLIED, .text = take_word(syntax)};
  default:
    return (ptl_syntax_item){.kind = PTL_SYN_COMMA};
  }
}

ptl_syntax_item ptl_syntax_next_in_list(ptl_str *list) {
  while (take_char(list, ' ') || take_char(list, ',')) {
  }
  if (list->length == 0) {
    return (ptl_syntax_item){.kind = PTL_SYN_END};
  }
  if (take_char(list, '{')) {
    return (ptl_syntax_item){.kind = PTL_SYN_DICT, .text = take_until(list, "}")};
  }
  return take_operand(list);
}

static void add_group(ptl_op_layout *layout, ptl_str name, char mark) {
  if (layout->count < PTL_MAX_GROUPS) {
    layout->groups[layout->count].name = name;
    layout->groups[layout->count].mark = mark;
    layout->count++;
  }
  layout->is_fixed = layout->is_fixed && mark == 0;
}

/* Adds the groups that stand in their place (`last` false) or at the end. */
static void add_list(ptl_op_layout *layout, ptl_str list, bool last) {
  for (;;) {
    ptl_syntax_item item = ptl_syntax_next_in_list(&list);
    if (item.kind == PTL_SYN_END) {
      return;
    }
    if (item.kind == PTL_SYN_OPERAND && (item.mark == '^') == last) {
      add_group(layout, item.text, item.mark == '^' ? '?' : item.mark);
    }
  }
}

static void add_maybe(ptl_op_layout *layout, ptl_str syntax, bool last) {
  for (;;) {
    ptl_syntax_item item = ptl_syntax_next(&syntax);
    if (item.kind == PTL_SYN_END) {
      return;
    }
    if (item.kind == PTL_SYN_OPERAND && (item.mark != '?') == last) {
      add_group(layout, item.text, '?');
    } else if (item.kind == PTL_SYN_LIST && last) {
      add_list(layout, item.text, false);
    }
  }
}

ptl_op_layout ptl_op_layout_of(const ptl_op_row *row) {
  ptl_op_layout layout = {.is_fixed = true};
  for (int last = 0; last < 2; last++) {
    ptl_str syntax = ptl_str_of(row->syntax);
    for (;;) {
      ptl_syntax_item item = ptl_syntax_next(&syntax);
      if (item.kind == PTL_SYN_END) {
        break;
      }
      if (item.kind == PTL_SYN_LIST) {
        add_list(&layout, item.text, last == 1);
      } else if (item.kind == PTL_SYN_OPERAND && last == 0) {
        add_group(&layout, item.text, item.mark);
      } else if (item.kind == PTL_SYN_MAYBE) {
        add_maybe(&layout, item.text, last == 1);
      }
    }
  }
  return layout;
}

const ptl_op_layout *ptl_layouts_get(ptl_layouts *layouts, ptl_op_id id) {
  if (!layouts->of[id]) {
    ptl_op_layout *layout = ptl_arena_alloc(layouts->arena, sizeof(*layout));
    *layout = ptl_op_layout_of(&ptl_op_table[id]);
    layouts->of[id] = layout;
  }
  return layouts->of[id];
}

int ptl_op_group(const ptl_op_layout *layout, ptl_str name) {
  for (int i = 0; i < layout->count; i++) {
    if (ptl_str_equal(layout->groups[i].name, name)) {
      return i;
    }
  }
  return -1;
}

typedef ptl_syntax_item take_item(ptl_str *text);

static const ptl_syntax_item *items_of(ptl_layouts *layouts, const ptl_op_layout *layout,
                                       ptl_str syntax, take_item *take) {
  ptl_syntax_item *items = NULL;
  int count = 0;
  int capacity = 0;
  do {
    ptl_syntax_item item = take(&syntax);
    item.group = ptl_op_group(layout, item.text);
    if (item.kind == PTL_SYN_MAYBE) {
      item.inside = items_of(layouts, layout, item.text, ptl_syntax_next);
    } else if (item.kind == PTL_SYN_LIST) {
      item.inside = items_of(layouts, layout, item.text, ptl_syntax_next_in_list);
    }
    items = ptl_arena_more(layouts->arena, items, count, &capacity, sizeof(*items));
    items[count++] = item;
  } while (items[count - 1].kind != PTL_SYN_END);
  return items;
}

const ptl_syntax_item *ptl_layouts_items(ptl_layouts *layouts, ptl_op_id id) {
  if (!layouts->items[id]) {
    ptl_str syntax = ptl_str_of(ptl_op_table[id].syntax);
    layouts->items[id] = items_of(layouts, ptl_layouts_get(layouts, id), syntax, ptl_syntax_next);
  }
  return layouts->items[id];
}
