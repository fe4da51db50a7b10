/* Writes, in MLIR's generic form, a statement that match.c has read. */
#include "asm/match.h"

/* The names or types of all operands, in MLIR's order. */
static void emit_operands(const ptl_match *match, bool types, ptl_strbuf *out) {
  const char *separator = "";
  for (int group = 0; group < match->layout->count; group++) {
    for (int i = 0; i < match->operand_count; i++) {
      const ptl_operand *operand = &match->operands[i];
      if (operand->group == group) {
        ptl_strbuf_puts(out, separator);
        ptl_strbuf_add_str(out, types ? operand->type : operand->name);
        separator = ", ";
      }
    }
  }
}

static void emit_segments(const ptl_match *match, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "operandSegmentSizes = array<i32");
  for (int group = 0; group < match->layout->count; group++) {
    int count = 0;
    for (int i = 0; i < match->operand_count; i++) {
      count += match->operands[i].group == group;
    }
    ptl_strbuf_puts(out, group == 0 ? ": " : ", ");
    ptl_asm_add_number(out, count);
  }
  ptl_strbuf_puts(out, ">");
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
    ptl_strbuf_add_str(out, match->result_types[i]);
  }
  ptl_strbuf_puts(out, ")");
}
