/* Reads one statement of the pto dialect by its row of the op table, item by item, into operands,
 * types and attributes. What does not match is an error with the place where it stopped. */
#include "asm/match.h"
#include "asm/canon.h"

#include <string.h>

void ptl_match_init(ptl_match *match, ptl_arena *arena, const ptl_symbols *types,
                    const ptl_symbols *constants, ptl_symbols *spellings, ptl_symbols *aliases) {
  *match = (ptl_match){.arena = arena,
                       .types = types,
                       .constants = constants,
                       .spellings = spellings,
                       .aliases = aliases};
  ptl_strbuf_init(&match->attributes, arena);
  match->layouts.arena = arena;
}

static bool fail_at(ptl_match *match, ptl_str what, const char *why) {
  if (!match->failure.why) {
    match->failure = (ptl_match_failure){what, why};
  }
  return false;
}

static bool fail(ptl_match *match, const char *why) {
  return fail_at(match, (ptl_str){"", 0}, why);
}

static ptl_operand *add_operand(ptl_match *match, ptl_str name, int group) {
  match->operands = ptl_arena_more(match->arena, match->operands, match->operand_count,
                                   &match->operand_capacity, sizeof(ptl_operand));
  ptl_operand *operand = &match->operands[match->operand_count++];
  *operand = (ptl_operand){.name = name, .group = group};
  return operand;
}

static void add_result(ptl_match *match, ptl_str type) {
  match->result_types = ptl_arena_more(match->arena, match->result_types, match->result_count,
                                       &match->result_capacity, sizeof(ptl_str));
  match->result_types[match->result_count++] = type;
}

/* Takes the type of the value, if it is spelt in the one way: most are, and are so taken without
 * being looked at. What ends in its closing bracket has an end. */
static bool take_known_type(const ptl_match *match, ptl_lexer *lexer, ptl_str value,
                            ptl_str *type) {
  *type = ptl_symbols_get(match->types, value);
  if (type->length == 0 || type->data[type->length - 1] != '>') {
    return false;
  }
  const char *begin = ptl_lex_peek(lexer).text.data;
  if ((size_t)(lexer->end - begin) < type->length || memcmp(begin, type->data, type->length) != 0) {
    return false;
  }
  lexer->at = begin + type->length;
  return true;
}

/* A type in its one spelling; length 0 if there is none. Old printers leave out what
 * a type starts with: `<f32>` of a ptr, `<loc=left, ...>` of a tile. */
static ptl_str take_type(ptl_match *match, ptl_lexer *lexer) {
  ptl_token token = ptl_lex_peek(lexer);
  if (!ptl_token_is(token, "<")) {
    return ptl_canonical_type(match->spellings, ptl_lex_type(lexer));
  }
  ptl_lex_next(lexer);
  const char *kind = ptl_lex_at(lexer, "loc") ? "tile_buf" : "ptr";
  ptl_lex_skip_balanced(lexer);
  const char *whole = ptl_arena_printf(match->arena, "!pto.%s%.*s", kind,
                                       (int)(lexer->at - token.text.data), token.text.data);
  return ptl_canonical_type(match->spellings, ptl_str_of(whole));
}

static ptl_str take_operand_type(ptl_match *match, ptl_lexer *lexer, ptl_str operand) {
  ptl_str type;
  return take_known_type(match, lexer, operand, &type) ? type : take_type(match, lexer);
}

/* `%name` or `%name#2`. */
static bool take_value(ptl_lexer *lexer, ptl_str *out) {
  ptl_token token = ptl_lex_peek(lexer);
  if (token.kind != PTL_TOK_PERCENT) {
    return false;
  }
  ptl_lex_next(lexer);
  if (lexer->at < lexer->end && *lexer->at == '#') {
    ptl_lex_next(lexer);
  }
  *out = (ptl_str){token.text.data, (size_t)(lexer->at - token.text.data)};
  return true;
}

static bool read_operands(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *item) {
  do {
    ptl_str name;
    if (!take_value(lexer, &name)) {
      return item->mark == '*' && match->operand_count > 0 ? true
                                                           : fail(match, "an operand is missing");
    }
    ptl_operand *operand = add_operand(match, name, item->group);
    if (ptl_str_is(item->type, "ptr")) {
      operand->type = ptl_symbols_get(match->types, name);
    } else {
      operand->type = item->type;
    }
  } while (item->mark == '*' && ptl_lex_accept(lexer, ","));
  return true;
}

/* The types of a group, with commas. A group that is not there has none. */
static bool read_operand_types(ptl_match *match, ptl_lexer *lexer, int group) {
  bool first = true;
  for (int i = 0; i < match->operand_count; i++) {
    if (match->operands[i].group != group) {
      continue;
    }
    if (!first && !ptl_lex_accept(lexer, ",")) {
      return fail(match, "a type is missing");
    }
    first = false;
    match->operands[i].type = take_operand_type(match, lexer, match->operands[i].name);
    if (match->operands[i].type.length == 0) {
      return fail(match, "a type is missing");
    }
  }
  return true;
}

static bool read_result_types(ptl_match *match, ptl_lexer *lexer, bool many) {
  do {
    ptl_str type = take_type(match, lexer);
    if (type.length == 0) {
      return fail(match, "a result type is missing");
    }
    add_result(match, type);
  } while (many && ptl_lex_accept(lexer, ","));
  return true;
}

static void add_attribute_text(ptl_match *match, ptl_str text) {
  if (match->attributes.length > 0) {
    ptl_strbuf_puts(&match->attributes, ", ");
  }
  ptl_strbuf_add_str(&match->attributes, text);
}

/* Adds what is inside of a dictionary. A value may lack what it starts with:
 * `location = <vec>` is `location = #pto.address_space<vec>`. */
static void add_entries(ptl_match *match, ptl_str text) {
  ptl_lexer lexer = ptl_lexer_of(text);
  const char *copied = text.data;
  ptl_str key = {"", 0};
  for (;;) {
    ptl_token token = ptl_lex_next(&lexer);
    if (token.kind == PTL_TOK_END) {
      break;
    }
    if (ptl_token_is(token, "=") && ptl_lex_at(&lexer, "<")) {
      if (ptl_str_is(key, "location")) {
        key = ptl_str_of("address_space");
      }
      ptl_strbuf_add(&match->attributes, copied, (size_t)(lexer.at - copied));
      ptl_strbuf_printf(&match->attributes, " #pto.%.*s", (int)key.length, key.data);
      copied = ptl_lex_peek(&lexer).text.data;
    } else if (token.kind == PTL_TOK_HASH) {
      ptl_strbuf_add(&match->attributes, copied, (size_t)(token.text.data - copied));
      lexer.at = token.text.data;
      ptl_match_emit_short(match, ptl_lex_attribute(&lexer), &match->attributes);
      copied = lexer.at;
    } else if (token.kind == PTL_TOK_PUNCT && strchr("([{<", token.text.data[0])) {
      ptl_lex_skip_balanced(&lexer);
    }
    key = token.text;
  }
  ptl_strbuf_add(&match->attributes, copied, (size_t)(lexer.end - copied));
}

/* A dictionary, if there is one. */
static void read_dict(ptl_match *match, ptl_lexer *lexer) {
  if (!ptl_lex_accept(lexer, "{")) {
    return;
  }
  ptl_token first = ptl_lex_peek(lexer);
  ptl_lex_skip_balanced(lexer);
  if (!ptl_token_is(first, "}")) {
    ptl_strbuf_puts(&match->attributes, match->attributes.length > 0 ? ", " : "");
    add_entries(match, (ptl_str){first.text.data, (size_t)(lexer->at - 1 - first.text.data)});
  }
}

/* `value`, or `<value>` for `#pto.mnemonic<value>`. */
static bool read_attribute(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *item) {
  ptl_str value = ptl_lex_attribute(lexer);
  if (value.length == 0 || (value.data[0] == '<' && item->type.length == 0)) {
    return fail(match, "an attribute is missing");
  }
  add_attribute_text(match, item->text);
  ptl_strbuf_puts(&match->attributes, " = ");
  if (value.data[0] == '<') {
    value = ptl_str_of(ptl_arena_printf(match->arena, "#pto.%.*s%.*s", (int)item->type.length,
                                        item->type.data, (int)value.length, value.data));
  }
  ptl_match_emit_short(match, value, &match->attributes);
  return true;
}

/* How many elements of a list must be there. */
static int count_required(const ptl_syntax_item *list) {
  int count = 0;
  for (const ptl_syntax_item *item = list; item->kind != PTL_SYN_END; item++) {
    count += item->kind == PTL_SYN_OPERAND && item->mark == 0;
  }
  return count;
}

/* Gives the operands from `first` on to the elements of the list: to those that must
 * be there, and what is left to the others, from left to right. */
static bool assign_groups(ptl_match *match, const ptl_syntax_item *list, int first) {
  int spare = match->operand_count - first - count_required(list);
  int next = first;
  for (const ptl_syntax_item *item = list; item->kind != PTL_SYN_END; item++) {
    if (item->kind != PTL_SYN_OPERAND) {
      continue;
    }
    int count = item->mark == 0 ? 1 : item->mark == '*' ? spare : spare > 0 ? 1 : 0;
    spare -= item->mark == 0 ? 0 : count;
    for (; count > 0 && next < match->operand_count; count--) {
      match->operands[next++].group = item->group;
    }
  }
  return (spare == 0 && next == match->operand_count) ||
         fail(match, "the number of operands is wrong");
}

/* `%a, %b {attributes} : ta, tb`; a dictionary may stand after a comma. */
static bool read_list(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *list) {
  int first = match->operand_count;
  ptl_str name;
  while (take_value(lexer, &name)) {
    add_operand(match, name, -1);
    if (!ptl_lex_accept(lexer, ",")) {
      break;
    }
  }
  read_dict(match, lexer);
  if (!ptl_lex_accept(lexer, ":")) {
    return fail(match, "the types are missing");
  }
  for (int i = first; i < match->operand_count; i++) {
    if (i > first && !ptl_lex_accept(lexer, ",")) {
      return fail(match, "a type is missing");
    }
    match->operands[i].type = take_operand_type(match, lexer, match->operands[i].name);
    if (match->operands[i].type.length == 0) {
      return fail(match, "a type is missing");
    }
  }
  return assign_groups(match, list, first);
}

static bool read_literal(ptl_match *match, ptl_lexer *lexer, ptl_str text) {
  ptl_token token = ptl_lex_peek(lexer);
  if ((token.kind != PTL_TOK_WORD && token.kind != PTL_TOK_PUNCT) ||
      !ptl_str_equal(token.text, text)) {
    return fail_at(match, text, "is missing");
  }
  ptl_lex_next(lexer);
  return true;
}

static bool read_comma(ptl_match *match, ptl_lexer *lexer) {
  const char *before = lexer->at - 1;
  bool behind_bracket = *before == '(' || *before == '[' || *before == '{';
  return behind_bracket || ptl_lex_accept(lexer, ",") || fail(match, "a comma is missing");
}

static bool read_syntax(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *syntax);

/* False if the inside of [[ ]] starts with the type of an operand that is not there. */
static bool is_wanted(const ptl_match *match, const ptl_syntax_item *syntax) {
  const ptl_syntax_item *item = syntax;
  while (item->kind == PTL_SYN_LITERAL || item->kind == PTL_SYN_COMMA) {
    item++;
  }
  if (item->kind != PTL_SYN_TYPE || item->group < 0) {
    return true;
  }
  for (int i = 0; i < match->operand_count; i++) {
    if (match->operands[i].group == item->group) {
      return true;
    }
  }
  return false;
}

/* Reads the inside of [[ ]], or takes back what it read. */
static void read_maybe(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *syntax) {
  if (!is_wanted(match, syntax)) {
    return;
  }
  ptl_lexer before = *lexer;
  int operand_count = match->operand_count;
  int result_count = match->result_count;
  size_t attributes_length = match->attributes.length;
  ptl_match_failure failure = match->failure;
  if (!read_syntax(match, lexer, syntax)) {
    *lexer = before;
    match->operand_count = operand_count;
    match->result_count = result_count;
    match->attributes.length = attributes_length;
    match->failure = failure;
  }
}

static bool read_item(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *item) {
  switch (item->kind) {
  case PTL_SYN_LITERAL:
    return read_literal(match, lexer, item->text);
  case PTL_SYN_COMMA:
    return read_comma(match, lexer);
  case PTL_SYN_OPERAND:
    return read_operands(match, lexer, item);
  case PTL_SYN_LIST:
    return read_list(match, lexer, item->inside);
  case PTL_SYN_TYPE:
    if (item->group >= 0) {
      return read_operand_types(match, lexer, item->group);
    }
    return read_result_types(match, lexer, ptl_str_is(item->text, "results"));
  case PTL_SYN_ATTR:
    return read_attribute(match, lexer, item);
  case PTL_SYN_DICT:
    read_dict(match, lexer);
    return true;
  case PTL_SYN_MAYBE:
    read_maybe(match, lexer, item->inside);
    return true;
  case PTL_SYN_IMPLIED:
    add_result(match, item->text);
    return true;
  case PTL_SYN_BODY:
    match->has_body = true;
    return ptl_lex_at(lexer, "{") || fail(match, "'{' is missing");
  case PTL_SYN_END:
    break;
  }
  return true;
}

static bool read_syntax(ptl_match *match, ptl_lexer *lexer, const ptl_syntax_item *syntax) {
  for (const ptl_syntax_item *item = syntax; item->kind != PTL_SYN_END; item++) {
    if (match->has_body) {
      break;
    }
    if (!read_item(match, lexer, item)) {
      return false;
    }
  }
  return true;
}

/* What `!pto.tensor_view<?x16xi8>` holds: the element type. */
static ptl_str element_of(ptl_str type) {
  const char *at = memchr(type.data, '<', type.length);
  const char *end = type.data + type.length - 1;
  if (!at || *end != '>') {
    return (ptl_str){"", 0};
  }
  at++;
  for (const char *p = at; p < end && (*p == '?' || (*p >= '0' && *p <= '9') || *p == 'x'); p++) {
    at = *p == 'x' ? p + 1 : at;
  }
  return (ptl_str){at, (size_t)(end - at)};
}

/* Types that neither the text nor the table gives. */
static bool complete_types(ptl_match *match) {
  for (int i = 0; i < match->operand_count; i++) {
    ptl_operand *operand = &match->operands[i];
    if (operand->type.length == 0) {
      operand->type = ptl_symbols_get(match->types, operand->name);
    }
    if (operand->type.length == 0 && match->result_count > 0) {
      ptl_str element = element_of(match->result_types[0]);
      operand->type = ptl_str_of(
          ptl_arena_printf(match->arena, "!pto.ptr<%.*s>", (int)element.length, element.data));
    }
    if (operand->type.length == 0) {
      return fail(match, ptl_arena_printf(match->arena, "the type of %.*s is not known",
                                          (int)operand->name.length, operand->name.data));
    }
  }
  return true;
}

/* The result type that a partition_view may leave out: extents from the constants
 * that are its sizes. */
static bool infer_result(ptl_match *match) {
  int sizes = ptl_op_group(match->layout, ptl_str_of("sizes"));
  if (match->row != &ptl_op_table[PTL_PTO_PARTITION_VIEW] || match->operand_count == 0) {
    return fail(match, "a result type is missing");
  }
  ptl_strbuf type;
  ptl_strbuf_init(&type, match->arena);
  ptl_strbuf_puts(&type, "!pto.partition_tensor_view<");
  for (int i = 0; i < match->operand_count; i++) {
    if (match->operands[i].group == sizes) {
      ptl_str value = ptl_symbols_get(match->constants, match->operands[i].name);
      ptl_strbuf_printf(&type, "%.*sx", value.length > 0 ? (int)value.length : 1,
                        value.length > 0 ? value.data : "?");
    }
  }
  ptl_strbuf_add_str(&type, element_of(match->operands[0].type));
  ptl_strbuf_puts(&type, ">");
  add_result(match, (ptl_str){type.data, type.length});
  return true;
}

static void begin(ptl_match *match, ptl_op_id id, ptl_str op) {
  match->row = &ptl_op_table[id];
  match->op = op;
  match->layout = ptl_layouts_get(&match->layouts, id);
  match->operand_count = 0;
  match->result_count = 0;
  match->attributes.length = 0;
  match->has_body = false;
  match->failure = (ptl_match_failure){{"", 0}, NULL};
}

void ptl_match_behind_body(ptl_match *match, ptl_lexer *lexer, ptl_op_id id, ptl_str op) {
  begin(match, id, op);
  read_dict(match, lexer);
}

bool ptl_match_statement(ptl_match *match, ptl_lexer *lexer, ptl_op_id id, ptl_str op,
                         bool has_result) {
  begin(match, id, op);
  if (!read_syntax(match, lexer, ptl_layouts_items(&match->layouts, id))) {
    return false;
  }
  if (has_result && match->result_count == 0 && !infer_result(match)) {
    return false;
  }
  return complete_types(match);
}

const char *ptl_match_failure_text(const ptl_match *match) {
  ptl_match_failure failure = match->failure;
  if (failure.what.length == 0) {
    return failure.why;
  }
  return ptl_arena_printf(match->arena, "'%.*s' %s", (int)failure.what.length, failure.what.data,
                          failure.why);
}
