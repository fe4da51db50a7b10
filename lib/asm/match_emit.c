/* Writes, in MLIR's generic form, a statement that match.c has read. */
#include "asm/match.h"

/* `!$1` of a type, `#$2` of an attribute: no alias of a source looks like these. */
static void emit_alias(const ptl_symbol *alias, ptl_strbuf *out) {
  bool is_type = alias->name.data[0] == '!';
  ptl_strbuf_puts(out, is_type ? "!$" : "#$");
  ptl_strbuf_number(out, alias->number);
}

/* What was written down before keeps its alias. `text` is copied if it is new. */
static const ptl_symbol *alias_of(const ptl_match *match, ptl_str text) {
  ptl_symbol *alias = ptl_symbols_entry(match->aliases, text);
  if (alias->number == 0) {
    alias->name.data = ptl_arena_copy(match->arena, text.data, text.length);
    alias->number = match->aliases->count;
  }
  return alias;
}

static void emit_type(const ptl_match *match, ptl_str type, ptl_strbuf *out) {
  if (!ptl_str_starts_with(type, "!pto.")) {
    ptl_strbuf_add_str(out, type);
    return;
  }
  emit_alias(alias_of(match, type), out);
}

static ptl_str skip_word(ptl_str text) {
  while (text.length > 0 && ptl_is_name_char(text.data[0])) {
    text = (ptl_str){text.data + 1, text.length - 1};
  }
  return text;
}

/* Whether it is a name of the dialect, alone or with one in brackets, as `!pto.ptr<i8>`. */
static bool is_plain(ptl_str text) {
  if (!ptl_str_starts_with(text, "!pto.") && !ptl_str_starts_with(text, "#pto.")) {
    return false;
  }
  ptl_str rest = skip_word((ptl_str){text.data + 1, text.length - 1});
  if (ptl_str_starts_with(rest, "<")) {
    rest = skip_word((ptl_str){rest.data + 1, rest.length - 1});
    return ptl_str_is(rest, ">");
  }
  return rest.length == 0;
}

void ptl_match_emit_short(const ptl_match *match, ptl_str text, ptl_strbuf *out) {
  if (is_plain(text)) {
    emit_alias(alias_of(match, text), out);
  } else {
    ptl_strbuf_add_str(out, text);
  }
}

void ptl_match_emit_aliases(const ptl_symbols *aliases, ptl_strbuf *out) {
  for (int i = 0; i < aliases->count; i++) {
    emit_alias(&aliases->items[i], out);
    ptl_strbuf_puts(out, " = ");
    ptl_strbuf_add_str(out, aliases->items[i].name);
    ptl_strbuf_puts(out, " ");
  }
}

/* The names or types of all operands, in MLIR's order. */
static void emit_operands(const ptl_match *match, bool types, ptl_strbuf *out) {
  const char *separator = "";
  for (int group = 0; group < match->layout->count; group++) {
    for (int i = 0; i < match->operand_count; i++) {
      const ptl_operand *operand = &match->operands[i];
      if (operand->group == group) {
        ptl_strbuf_puts(out, separator);
        if (types) {
          emit_type(match, operand->type, out);
        } else {
          ptl_strbuf_add_str(out, operand->name);
        }
        separator = ", ";
      }
    }
  }
}

static void emit_segments(const ptl_match *match, ptl_strbuf *out) {
  ptl_strbuf sizes;
  ptl_strbuf_init(&sizes, match->arena);
  ptl_strbuf_puts(&sizes, "array<i32");
  for (int group = 0; group < match->layout->count; group++) {
    int count = 0;
    for (int i = 0; i < match->operand_count; i++) {
      count += match->operands[i].group == group;
    }
    ptl_strbuf_puts(&sizes, group == 0 ? ": " : ", ");
    ptl_strbuf_number(&sizes, count);
  }
  ptl_strbuf_puts(&sizes, ">");
  ptl_strbuf_puts(out, "operandSegmentSizes = ");
  emit_alias(alias_of(match, (ptl_str){sizes.data, sizes.length}), out);
}

void ptl_match_emit_head(const ptl_match *match, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "\"");
  ptl_strbuf_add_str(out, match->op);
  ptl_strbuf_puts(out, "\"(");
  emit_operands(match, false, out);
  ptl_strbuf_puts(out, ")");
}

void ptl_match_emit_tail(const ptl_match *match, ptl_strbuf *out) {
  bool has_segments = !match->layout->is_fixed;
  if (has_segments || match->attributes.length > 0) {
    ptl_strbuf_puts(out, " {");
    if (has_segments) {
      emit_segments(match, out);
    }
    if (match->attributes.length > 0) {
      ptl_strbuf_puts(out, has_segments ? ", " : "");
      ptl_strbuf_add(out, match->attributes.data, match->attributes.length);
    }
    ptl_strbuf_puts(out, "}");
  }
  ptl_strbuf_puts(out, " : (");
  emit_operands(match, true, out);
  ptl_strbuf_puts(out, ") -> (");
  for (int i = 0; i < match->result_count; i++) {
    ptl_strbuf_puts(out, i > 0 ? ", " : "");
    emit_type(match, match->result_types[i], out);
  }
  ptl_strbuf_puts(out, ")");
}
