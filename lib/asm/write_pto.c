/* Writes an op of the pto dialect by its row of the op table, item by item. */
#include "asm/syntax.h"
#include "asm/writer.h"

#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

/* One op that is being written. */
typedef struct row_writer {
  ptl_writer *writer;
  MlirOperation op;
  const ptl_op_row *row;
  const ptl_op_layout *layout;
  const ptl_syntax_item *items;
  intptr_t first[PTL_MAX_GROUPS]; /* operand of each group */
  intptr_t count[PTL_MAX_GROUPS];
  intptr_t attribute_count;
  bool *written;       /* attributes, by index */
  bool behind_word;    /* what was written last: a word ... */
  bool behind_operand; /* ... or an operand; both at the start */
} row_writer;

/* Group sizes from the attribute; false if they do not fit the row. */
static bool use_segments(row_writer *row, MlirAttribute segments) {
  if (!mlirAttributeIsADenseI32Array(segments) ||
      mlirDenseArrayGetNumElements(segments) > row->layout->count) {
    return false;
  }
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(segments); i++) {
    row->count[i] = mlirDenseI32ArrayGetElement(segments, i);
  }
  return true;
}

/* Group sizes without the attribute: optional groups are all missing, or all there,
 * or there is one group that takes what is left. */
static void guess_segments(row_writer *row) {
  int required = 0;
  int loose = 0;
  for (int i = 0; i < row->layout->count; i++) {
    bool is_required = row->layout->groups[i].mark == 0;
    required += is_required;
    loose += !is_required;
    row->count[i] = is_required ? 1 : 0;
  }
  intptr_t left = mlirOperationGetNumOperands(row->op) - required;
  for (int i = 0; i < row->layout->count && left > 0; i++) {
    char mark = row->layout->groups[i].mark;
    if (mark != 0 && (loose == 1 || left == loose)) {
      row->count[i] = loose == 1 ? left : 1;
    }
  }
}

/* False if the operands cannot be told apart by the row. */
static bool find_groups(row_writer *row) {
  MlirAttribute segments = ptl_attribute_of(row->op, "operandSegmentSizes");
  if (mlirAttributeIsNull(segments)) {
    guess_segments(row);
  } else if (!use_segments(row, segments)) {
    return false;
  }
  intptr_t sum = 0;
  for (int i = 0; i < row->layout->count; i++) {
    char mark = row->layout->groups[i].mark;
    bool fits = mark == '*' ? row->count[i] >= 0
                            : row->count[i] == 1 || (mark == '?' && row->count[i] == 0);
    if (!fits) {
      return false;
    }
    row->first[i] = sum;
    sum += row->count[i];
  }
  return sum == mlirOperationGetNumOperands(row->op);
}

static char last_char(const row_writer *row) {
  const ptl_strbuf *out = row->writer->out;
  return out->length > 0 ? out->data[out->length - 1] : ' ';
}

static void put_space(row_writer *row) {
  char last = last_char(row);
  if (last != '(' && last != '[' && last != ' ') {
    ptl_put(row->writer, " ");
  }
}

static void set_behind(row_writer *row, bool word, bool operand) {
  row->behind_word = word;
  row->behind_operand = operand;
}

static void put_literal(row_writer *row, ptl_str text) {
  char c = text.data[0];
  bool tight = c == ',' || c == ')' || c == ']' || (c == '(' && row->behind_word) ||
               (c == '[' && row->behind_operand);
  if (!tight) {
    put_space(row);
  }
  ptl_put_str(row->writer, text);
  bool word = (c >= 'a' && c <= 'z') || c == '_';
  set_behind(row, word, false);
}

static bool has_operands(const row_writer *row, const ptl_syntax_item *item) {
  return item->group >= 0 && row->count[item->group] > 0;
}

static void put_group(row_writer *row, int group) {
  if (group < 0 || row->count[group] == 0) {
    return;
  }
  put_space(row);
  ptl_put_operands(row->writer, row->op, row->first[group], row->count[group]);
  set_behind(row, false, true);
}

static void put_group_types(row_writer *row, int group) {
  for (intptr_t i = 0; i < row->count[group]; i++) {
    ptl_put(row->writer, i > 0 ? ", " : "");
    ptl_put_type(row->writer,
                 mlirValueGetType(mlirOperationGetOperand(row->op, row->first[group] + i)));
  }
}

/* Of a group, or, if it is none, of the results. */
static void put_types(row_writer *row, int group) {
  put_space(row);
  if (group >= 0) {
    put_group_types(row, group);
  } else {
    ptl_put_result_types(row->writer, row->op);
  }
  set_behind(row, false, false);
}

/* Index of an attribute; -1 if the op has none of that name. */
static intptr_t find_attribute(const row_writer *row, ptl_str name) {
  for (intptr_t i = 0; i < row->attribute_count; i++) {
    MlirStringRef own = mlirIdentifierStr(mlirOperationGetAttribute(row->op, i).name);
    if (ptl_str_equal((ptl_str){own.data, own.length}, name)) {
      return i;
    }
  }
  return -1;
}

/* `0`, or `<x>` of `#pto.mnemonic<x>`. */
static void put_bare_attribute(row_writer *row, const ptl_syntax_item *item) {
  intptr_t index = find_attribute(row, item->text);
  if (index < 0) {
    return;
  }
  MlirAttribute value = mlirOperationGetAttribute(row->op, index).attribute;
  ptl_str text = ptl_attribute_short_text(row->writer, value, true);
  const char *prefix =
      ptl_arena_printf(row->writer->arena, "#pto.%.*s<", (int)item->type.length, item->type.data);
  if (item->type.length > 0 && ptl_str_starts_with(text, prefix)) {
    text.data += strlen(prefix) - 1;
    text.length -= strlen(prefix) - 1;
  }
  put_space(row);
  ptl_put_str(row->writer, text);
  set_behind(row, false, false);
}

/* Takes the next of `a,b,c`. */
static bool next_name(ptl_str *names, ptl_str *out) {
  while (names->length > 0 && (names->data[0] == ',' || names->data[0] == '?')) {
    names->data++;
    names->length--;
  }
  const char *comma = memchr(names->data, ',', names->length);
  *out = (ptl_str){names->data, comma ? (size_t)(comma - names->data) : names->length};
  names->data += out->length;
  names->length -= out->length;
  return out->length > 0;
}

/* Is this attribute written by an @ item of the row? */
static bool is_positional(const ptl_syntax_item *item, ptl_str name) {
  for (; item->kind != PTL_SYN_END; item++) {
    if ((item->kind == PTL_SYN_ATTR && ptl_str_equal(item->text, name)) ||
        (item->kind == PTL_SYN_MAYBE && is_positional(item->inside, name))) {
      return true;
    }
  }
  return false;
}

static void put_dict_entry(row_writer *row, intptr_t index, bool bare, const char **separator) {
  ptl_put(row->writer, *separator);
  ptl_put_attribute(row->writer, mlirOperationGetAttribute(row->op, index), bare);
  row->written[index] = true;
  *separator = ", ";
}

static void put_dict(row_writer *row, ptl_str names) {
  bool space = last_char(row) != ' ';
  const char *open = space ? " {" : "{";
  const char *separator = open;
  ptl_str name;
  bool all = names.length == 0;
  while (next_name(&names, &name)) {
    intptr_t index = find_attribute(row, name);
    if (index >= 0) {
      put_dict_entry(row, index, true, &separator);
    }
  }
  for (intptr_t i = 0; all && i < row->attribute_count; i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(row->op, i);
    MlirStringRef own = mlirIdentifierStr(attribute.name);
    ptl_str own_name = {own.data, own.length};
    if (!row->written[i] && !ptl_is_own_attribute(attribute) &&
        !ptl_str_is(own_name, "operandSegmentSizes") && !is_positional(row->items, own_name)) {
      put_dict_entry(row, i, false, &separator);
    }
  }
  if (separator != open) {
    ptl_put(row->writer, "}");
    set_behind(row, false, false);
  }
}

/* A dictionary in a list: `{,a}` after a comma, `{?a}` only after its operand. */
static void put_dict_in_list(row_writer *row, ptl_str names, bool operand_before) {
  ptl_str rest = names;
  ptl_str name;
  bool any = names.length == 0;
  while (!any && next_name(&rest, &name)) {
    any = find_attribute(row, name) >= 0;
  }
  if (!any || (names.length > 0 && names.data[0] == '?' && !operand_before)) {
    return;
  }
  if (names.length > 0 && names.data[0] == ',') {
    ptl_put(row->writer, ",");
  }
  put_dict(row, names);
}

static void put_list_operands(row_writer *row, const ptl_syntax_item *list) {
  bool first = true;
  bool present = true;
  for (const ptl_syntax_item *item = list; item->kind != PTL_SYN_END; item++) {
    if (item->kind == PTL_SYN_DICT) {
      put_dict_in_list(row, item->text, present);
      continue;
    }
    present = has_operands(row, item);
    if (present) {
      ptl_put(row->writer, first ? "" : ",");
      put_group(row, item->group);
      first = false;
    }
  }
}

static void put_list(row_writer *row, const ptl_syntax_item *list) {
  put_list_operands(row, list);
  ptl_put(row->writer, " : ");
  bool first = true;
  for (const ptl_syntax_item *item = list; item->kind != PTL_SYN_END; item++) {
    if (item->kind == PTL_SYN_OPERAND && has_operands(row, item)) {
      ptl_put(row->writer, first ? "" : ", ");
      put_group_types(row, item->group);
      first = false;
    }
  }
  set_behind(row, false, false);
}

/* Is what is inside of [[ ]] there? Its first operand, attribute or result decides. */
static bool is_there(const row_writer *row, const ptl_syntax_item *item) {
  for (; item->kind != PTL_SYN_END; item++) {
    switch (item->kind) {
    case PTL_SYN_OPERAND:
      return has_operands(row, item);
    case PTL_SYN_LIST:
      return has_operands(row, item->inside);
    case PTL_SYN_TYPE:
      return item->group >= 0 ? has_operands(row, item) : mlirOperationGetNumResults(row->op) > 0;
    case PTL_SYN_ATTR:
      return find_attribute(row, item->text) >= 0;
    default:
      break;
    }
  }
  return false;
}

static void put_body(row_writer *row) {
  ptl_put(row->writer, " {\n");
  ptl_put_region(row->writer, mlirOperationGetRegion(row->op, 0), true);
  ptl_put_line_start(row->writer);
  ptl_put(row->writer, "}");
}

static void put_items(row_writer *row, const ptl_syntax_item *item);

static void put_item(row_writer *row, const ptl_syntax_item *item) {
  switch (item->kind) {
  case PTL_SYN_LITERAL:
    put_literal(row, item->text);
    break;
  case PTL_SYN_COMMA:
    if (last_char(row) != '(' && last_char(row) != '[') {
      ptl_put(row->writer, ",");
    }
    break;
  case PTL_SYN_OPERAND:
    put_group(row, item->group);
    break;
  case PTL_SYN_LIST:
    put_list(row, item->inside);
    break;
  case PTL_SYN_TYPE:
    put_types(row, item->group);
    break;
  case PTL_SYN_ATTR:
    put_bare_attribute(row, item);
    break;
  case PTL_SYN_DICT:
    put_dict(row, item->text);
    break;
  case PTL_SYN_MAYBE:
    if (is_there(row, item->inside)) {
      put_items(row, item->inside);
    }
    break;
  case PTL_SYN_BODY:
    put_body(row);
    break;
  case PTL_SYN_IMPLIED:
  case PTL_SYN_END:
    break;
  }
}

static void put_items(row_writer *row, const ptl_syntax_item *item) {
  for (; item->kind != PTL_SYN_END; item++) {
    put_item(row, item);
  }
}

/* A region is only written where the row has one. */
static bool regions_fit(const row_writer *row) {
  bool has_body = ptl_str_starts_with(ptl_str_of(row->row->syntax), "body");
  return mlirOperationGetNumRegions(row->op) == (has_body ? 1 : 0);
}

bool ptl_put_pto(ptl_writer *writer, MlirOperation op, ptl_op_id id) {
  if (!ptl_op_table[id].syntax) {
    return false;
  }
  row_writer row = {.writer = writer, .op = op, .row = &ptl_op_table[id]};
  row.layout = ptl_layouts_get(&writer->layouts, id);
  row.items = ptl_layouts_items(&writer->layouts, id);
  row.attribute_count = mlirOperationGetNumAttributes(op);
  row.written = ptl_arena_array(writer->arena, (size_t)row.attribute_count, sizeof(bool));
  if (!mlirAttributeIsNull(ptl_attribute_of(op, "ptolower.generic")) || !find_groups(&row) ||
      !regions_fit(&row)) {
    return false;
  }
  ptl_put_op_name(writer, op);
  set_behind(&row, true, true);
  put_items(&row, row.items);
  return true;
}
