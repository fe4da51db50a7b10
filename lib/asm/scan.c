/* How far a copied statement goes, where its regions open, and where its location is.
 * MLIR's syntax does not end statements; what starts another one does. */
#include "asm/scan.h"

#include <string.h>

bool ptl_is_short_name(ptl_str op) {
  return !memchr(op.data, '.', op.length) && ptl_op_find(op) != PTL_NO_OP;
}

bool ptl_is_copied(ptl_str op) {
  static const char *const dialects[] = {"arith.",  "scf.",     "func.",     "linalg.",
                                         "tensor.", "builtin.", "ptolower.", NULL};
  for (const char *const *dialect = dialects; *dialect; dialect++) {
    if (ptl_str_starts_with(op, *dialect)) {
      return true;
    }
  }
  return ptl_is_short_name(op);
}

static bool has_newline(const char *begin, const char *end) {
  return memchr(begin, '\n', (size_t)(end - begin)) != NULL;
}

bool ptl_at_results(ptl_lexer lexer) {
  while (ptl_lex_peek(&lexer).kind == PTL_TOK_PERCENT) {
    ptl_lex_next(&lexer);
    if (ptl_lex_accept(&lexer, ":") && ptl_lex_next(&lexer).kind != PTL_TOK_NUMBER) {
      return false;
    }
    if (ptl_lex_accept(&lexer, "=")) {
      return true;
    }
    if (!ptl_lex_accept(&lexer, ",")) {
      return false;
    }
  }
  return false;
}

static bool followed_by(const ptl_lexer *lexer, const char *text) {
  ptl_lexer ahead = *lexer;
  ptl_lex_next(&ahead);
  return ptl_lex_at(&ahead, text);
}

bool ptl_starts_another(const ptl_reader *reader, const ptl_frame *frame, ptl_token token) {
  bool new_line = has_newline(frame->end, token.text.data);
  switch (token.kind) {
  case PTL_TOK_END:
  case PTL_TOK_CARET:
    return true;
  case PTL_TOK_PERCENT:
    return !ptl_str_equal(frame->last, frame->op) && !ptl_str_is(frame->last, ",") &&
           ptl_at_results(reader->lexer);
  case PTL_TOK_WORD:
    return memchr(token.text.data, '.', token.text.length) != NULL ||
           (new_line && ptl_is_short_name(token.text));
  case PTL_TOK_STRING:
    return followed_by(&reader->lexer, "(");
  case PTL_TOK_HASH:
  case PTL_TOK_BANG:
    return new_line && followed_by(&reader->lexer, "=");
  default:
    return ptl_token_is(token, "}");
  }
}

/* With the lexer after `{`: does it look like a region? */
static bool looks_like_region(ptl_lexer lexer) {
  ptl_token first = ptl_lex_next(&lexer);
  if (first.kind == PTL_TOK_PERCENT || first.kind == PTL_TOK_CARET) {
    return true;
  }
  if (first.kind != PTL_TOK_WORD && first.kind != PTL_TOK_STRING) {
    return false;
  }
  ptl_token second = ptl_lex_next(&lexer);
  return !ptl_token_is(second, "=") && !ptl_token_is(second, ",") && !ptl_token_is(second, "}");
}

/* Is the `{` that was just taken a region of the statement, not a dictionary? */
static bool opens_region(const ptl_reader *reader, const ptl_frame *frame) {
  if (frame->in_parens) {
    return true;
  }
  if (frame->kind == PTL_FRAME_GENERIC || ptl_str_is(frame->last, "attributes")) {
    return false;
  }
  if (frame->id == PTL_FUNC_FUNC || frame->id == PTL_BUILTIN_MODULE) {
    return !frame->region_done;
  }
  if (!ptl_str_starts_with(frame->op, "scf.")) {
    return looks_like_region(reader->lexer);
  }
  bool is_flat = frame->id == PTL_SCF_YIELD || frame->id == PTL_SCF_CONDITION ||
                 frame->id == PTL_SCF_REDUCE_RETURN;
  return !is_flat && !(frame->region_done && ptl_str_is(frame->last, "}"));
}

bool ptl_take_location(ptl_reader *reader, ptl_frame *frame) {
  ptl_lexer ahead = reader->lexer;
  ptl_token word = ptl_lex_next(&ahead);
  if (!ptl_token_is(word, "loc") || !ptl_lex_accept(&ahead, "(")) {
    return false;
  }
  const char *begin = ahead.at;
  ptl_lex_skip_balanced(&ahead);
  frame->location = (ptl_str){begin, (size_t)(ahead.at - 1 - begin)};
  frame->location_begin = word.text.data;
  frame->end = ahead.at;
  reader->lexer = ahead;
  return true;
}

/* Keeps the names of an scf.for's loop variable and iter_args. */
static void note_loop_names(ptl_frame *frame, ptl_token token, const ptl_lexer *lexer) {
  if (token.kind == PTL_TOK_PERCENT && ptl_str_equal(frame->last, frame->op)) {
    frame->iterator = (ptl_str){token.text.data + 1, token.text.length - 1};
  } else if (ptl_token_is(token, "(") && ptl_str_is(frame->last, "iter_args")) {
    ptl_lexer inside = *lexer;
    ptl_lex_skip_balanced(&inside);
    frame->iter_args = (ptl_str){lexer->at, (size_t)(inside.at - 1 - lexer->at)};
  }
}

static ptl_str take_braces(ptl_lexer *lexer) {
  ptl_lex_accept(lexer, "{");
  const char *begin = lexer->at;
  ptl_lex_skip_balanced(lexer);
  return (ptl_str){begin, (size_t)(lexer->at - 1 - begin)};
}

/* Marks an op of the pto dialect in generic form, so that it is written as it came:
 * the order of its operands is not that of the op table. The lexer stands after the
 * `{` or before the `:` where the mark goes. */
static void mark_generic(ptl_reader *reader, ptl_frame *frame, bool in_dict) {
  if (frame->is_marked || !ptl_str_starts_with(frame->op, "\"pto.")) {
    return;
  }
  frame->is_marked = true;
  ptl_reader_copy(reader, reader->lexer.at);
  if (!in_dict) {
    ptl_strbuf_puts(reader->out, " {ptolower.generic}");
  } else {
    ptl_strbuf_puts(reader->out, "ptolower.generic");
    ptl_strbuf_puts(reader->out, ptl_lex_at(&reader->lexer, "}") ? "" : ", ");
  }
}

/* The C API does not show the properties `<{...}>` of an op that MLIR does not know:
 * they become attributes. The lexer stands after the `<`. */
static void merge_properties(ptl_reader *reader, ptl_frame *frame) {
  ptl_lexer *lexer = &reader->lexer;
  ptl_reader_copy(reader, lexer->at - 1);
  size_t mark = reader->out->length;
  ptl_str properties = take_braces(lexer);
  ptl_lex_accept(lexer, ">");
  if (ptl_lex_at(lexer, "(")) {
    frame->refusal = "properties of an op with regions are not understood";
  }
  ptl_strbuf_puts(reader->out, "{ptolower.generic, ");
  ptl_strbuf_add_str(reader->out, properties);
  if (ptl_lex_at(lexer, "{")) {
    ptl_strbuf_puts(reader->out, ", ");
    ptl_strbuf_add_str(reader->out, take_braces(lexer));
  }
  ptl_strbuf_puts(reader->out, "}");
  frame->is_marked = true;
  ptl_reader_keep_lines(reader, lexer->at, mark);
}

static bool is_foreign(const ptl_frame *frame) {
  ptl_str name = {frame->op.data + 1, frame->op.length - 1};
  return frame->kind == PTL_FRAME_GENERIC && !ptl_is_copied(name);
}

/* A bracket of a copied statement: a region, or skipped. True: a region is open. */
static bool enter_bracket(ptl_reader *reader, ptl_frame *frame, ptl_token token) {
  if (ptl_token_is(token, "{") && opens_region(reader, frame)) {
    return true;
  }
  if (ptl_token_is(token, "(") && frame->kind == PTL_FRAME_GENERIC &&
      ptl_lex_accept(&reader->lexer, "{")) {
    frame->in_parens = true;
    return true;
  }
  if (ptl_token_is(token, "<") && is_foreign(frame) && ptl_lex_at(&reader->lexer, "{")) {
    merge_properties(reader, frame);
  } else if (strchr("([{<", token.text.data[0])) {
    if (ptl_token_is(token, "{") && frame->kind == PTL_FRAME_GENERIC) {
      mark_generic(reader, frame, true);
    }
    frame->has_dict = frame->has_dict || ptl_token_is(token, "{");
    ptl_lex_skip_balanced(&reader->lexer);
  } else if (ptl_token_is(token, ")")) {
    frame->in_parens = false;
  }
  return false;
}

bool ptl_read_rest(ptl_reader *reader, ptl_frame *frame) {
  for (;;) {
    ptl_token token = ptl_lex_peek(&reader->lexer);
    if (!frame->in_parens &&
        (ptl_take_location(reader, frame) || ptl_starts_another(reader, frame, token))) {
      return false;
    }
    if (token.kind == PTL_TOK_END) {
      return false;
    }
    if (frame->kind == PTL_FRAME_GENERIC && ptl_token_is(token, ":")) {
      mark_generic(reader, frame, false);
    }
    ptl_lex_next(&reader->lexer);
    note_loop_names(frame, token, &reader->lexer);
    if (token.kind == PTL_TOK_PUNCT && enter_bracket(reader, frame, token)) {
      return true;
    }
    frame->last = token.kind == PTL_TOK_PUNCT ? (ptl_str){reader->lexer.at - 1, 1} : token.text;
    frame->end = reader->lexer.at;
  }
}
