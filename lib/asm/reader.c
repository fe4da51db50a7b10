/* Rewrites a text statement by statement. Regions are kept on a stack, not read by
 * recursion; everything that is not the pto dialect's is copied. */
#include "asm/reader.h"

#include <string.h>

typedef enum read_result {
  READ_END,    /* the statement is complete */
  READ_REGION, /* a region of it was opened */
} read_result;

static bool is_one_of(ptl_str text, const char *const *names) {
  for (; *names; names++) {
    if (ptl_str_is(text, *names)) {
      return true;
    }
  }
  return false;
}

/* Ops without a dialect in their name. */
static bool is_short_name(ptl_str op) {
  static const char *const names[] = {
      "return", "call", "call_indirect", "module", "func", "unrealized_conversion_cast", NULL};
  return is_one_of(op, names);
}

/* Ops whose custom form MLIR can read. */
static bool is_copied(ptl_str op) {
  static const char *const dialects[] = {"arith.",  "scf.",     "func.",     "linalg.",
                                         "tensor.", "builtin.", "ptolower.", NULL};
  for (const char *const *dialect = dialects; *dialect; dialect++) {
    if (ptl_str_starts_with(op, *dialect)) {
      return true;
    }
  }
  return is_short_name(op);
}

static bool is_func(ptl_str op) { return ptl_str_is(op, "func.func") || ptl_str_is(op, "func"); }

static bool is_module(ptl_str op) {
  return ptl_str_is(op, "module") || ptl_str_is(op, "builtin.module");
}

static bool has_newline(const char *begin, const char *end) {
  return memchr(begin, '\n', (size_t)(end - begin)) != NULL;
}

/* Is this `%a, %b:2 =`? The lexer stands before it. */
static bool at_results(ptl_lexer lexer) {
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

/* Does the next token belong to another statement? */
static bool starts_another(const ptl_reader *reader, const ptl_frame *frame, ptl_token token) {
  bool new_line = has_newline(frame->end, token.text.data);
  switch (token.kind) {
  case PTL_TOK_END:
  case PTL_TOK_CARET:
    return true;
  case PTL_TOK_PERCENT:
    return !ptl_str_equal(frame->last, frame->op) && !ptl_str_is(frame->last, ",") &&
           at_results(reader->lexer);
  case PTL_TOK_WORD:
    return memchr(token.text.data, '.', token.text.length) != NULL ||
           (new_line && is_short_name(token.text));
  case PTL_TOK_STRING:
    return followed_by(&reader->lexer, "(");
  case PTL_TOK_HASH:
  case PTL_TOK_BANG:
    return new_line && followed_by(&reader->lexer, "=");
  default:
    return ptl_token_is(token, "}");
  }
}

/* With the lexer behind `{`: does it look like a region? */
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
  if (is_func(frame->op) || is_module(frame->op)) {
    return !frame->region_done;
  }
  if (!ptl_str_starts_with(frame->op, "scf.")) {
    return looks_like_region(reader->lexer);
  }
  static const char *const flat[] = {"scf.yield", "scf.condition", "scf.reduce.return", NULL};
  return !is_one_of(frame->op, flat) && !(frame->region_done && ptl_str_is(frame->last, "}"));
}

/* Takes `loc(...)` if it comes next. */
static bool take_location(ptl_reader *reader, ptl_frame *frame) {
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

/* Adds the line breaks of the source that the rewritten text, from `mark` on, lacks. */
static void keep_lines(ptl_reader *reader, const char *to, size_t mark) {
  size_t written = 0;
  for (size_t i = mark; i < reader->out->length; i++) {
    written += reader->out->data[i] == '\n';
  }
  for (const char *at = reader->copied; at < to; at++) {
    if (*at == '\n' && written > 0) {
      written--;
    } else if (*at == '\n') {
      ptl_strbuf_puts(reader->out, "\n");
    }
  }
  reader->copied = to;
}

static ptl_str take_braces(ptl_lexer *lexer) {
  ptl_lex_accept(lexer, "{");
  const char *begin = lexer->at;
  ptl_lex_skip_balanced(lexer);
  return (ptl_str){begin, (size_t)(lexer->at - 1 - begin)};
}

/* Marks an op of the pto dialect in generic form, so that it is written as it came:
 * the order of its operands is not that of the op table. The lexer stands behind the
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
 * they become attributes. The lexer stands behind the `<`. */
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
  keep_lines(reader, lexer->at, mark);
}

static bool is_foreign(const ptl_frame *frame) {
  ptl_str name = {frame->op.data + 1, frame->op.length - 1};
  return frame->kind == PTL_FRAME_GENERIC && !is_copied(name);
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

/* Reads on in a copied statement, from its start or from behind a region. */
static read_result read_rest(ptl_reader *reader, ptl_frame *frame) {
  for (;;) {
    ptl_token token = ptl_lex_peek(&reader->lexer);
    if (!frame->in_parens &&
        (take_location(reader, frame) || starts_another(reader, frame, token))) {
      return READ_END;
    }
    if (token.kind == PTL_TOK_END) {
      return READ_END;
    }
    if (frame->kind == PTL_FRAME_GENERIC && ptl_token_is(token, ":")) {
      mark_generic(reader, frame, false);
    }
    ptl_lex_next(&reader->lexer);
    note_loop_names(frame, token, &reader->lexer);
    if (token.kind == PTL_TOK_PUNCT && enter_bracket(reader, frame, token)) {
      return READ_REGION;
    }
    frame->last = token.kind == PTL_TOK_PUNCT ? (ptl_str){reader->lexer.at - 1, 1} : token.text;
    frame->end = reader->lexer.at;
  }
}

/* Keeps the value of an index constant: `%c = arith.constant 16 : index`. */
static void learn_constant(ptl_reader *reader, const ptl_frame *frame) {
  ptl_lexer lexer = {frame->op.data, frame->op.data + frame->op.length, frame->end};
  ptl_token value = ptl_lex_next(&lexer);
  if (value.kind == PTL_TOK_NUMBER && frame->name.length > 0) {
    ptl_str name = {frame->name.data - 1, frame->name.length + 1};
    ptl_symbols_set(&reader->constants, name, value.text);
  }
}

/* Names for a loop with iter_args; the location has room for only one. */
static void add_loop_names(ptl_reader *reader, const ptl_frame *frame) {
  ptl_str args = frame->iter_args;
  ptl_lexer lexer = {args.data, args.data, args.data + args.length};
  ptl_strbuf_puts(reader->out, " {ptolower.arg_names = [\"");
  ptl_strbuf_add_str(reader->out, frame->iterator);
  ptl_strbuf_puts(reader->out, "\"");
  while (ptl_lex_peek(&lexer).kind == PTL_TOK_PERCENT) {
    ptl_str name = ptl_lex_next(&lexer).text;
    ptl_strbuf_puts(reader->out, ", \"");
    ptl_strbuf_add(reader->out, name.data + 1, name.length - 1);
    ptl_strbuf_puts(reader->out, "\"");
    while (ptl_lex_peek(&lexer).kind != PTL_TOK_END && !ptl_token_is(ptl_lex_next(&lexer), ",")) {
    }
  }
  ptl_strbuf_puts(reader->out, "]}");
}

static void end_statement(ptl_reader *reader, ptl_frame *frame) {
  if (frame->kind == PTL_FRAME_FUNC) {
    reader->function.open = false;
  }
  if (ptl_str_is(frame->op, "arith.constant")) {
    learn_constant(reader, frame);
  }
  bool is_loop = ptl_str_is(frame->op, "scf.for");
  if (is_loop && frame->name.length == 0) {
    frame->name = frame->iterator;
  }
  ptl_reader_copy(reader,
                  frame->location_begin ? frame->last.data + frame->last.length : frame->end);
  if (is_loop && frame->iter_args.length > 0 && !frame->has_dict) {
    add_loop_names(reader, frame);
  }
  ptl_reader_add_location(reader, frame);
  ptl_reader_drop(reader, frame->end);
}

static void give_up(ptl_reader *reader, ptl_frame *frame, const char *reason) {
  ptl_loc place = {.file = reader->file, .line = frame->line, .column = frame->column};
  if (reader->function.open) {
    ptl_reader_give_up_function(reader, place, reason);
    return;
  }
  ptl_diag_add(reader->diags, PTL_REMARK, 13, place, "passed through as it is: %s", reason);
  ptl_reader_copy(reader, frame->begin);
  for (;;) {
    ptl_token token = ptl_lex_peek(&reader->lexer);
    if (take_location(reader, frame) || starts_another(reader, frame, token)) {
      break;
    }
    ptl_lex_next(&reader->lexer);
    if (token.kind == PTL_TOK_PUNCT && strchr("([{<", token.text.data[0])) {
      ptl_lex_skip_balanced(&reader->lexer);
    }
    frame->last = token.text;
    frame->end = reader->lexer.at;
  }
  ptl_reader_drop(reader, frame->end);
}

/* Ends the current statement, or leaves it on the stack while its region is read. */
static void continue_frame(ptl_reader *reader, ptl_frame *frame) {
  read_result result = read_rest(reader, frame);
  if (frame->refusal) {
    reader->depth--;
    give_up(reader, frame, frame->refusal);
  } else if (result == READ_END) {
    end_statement(reader, frame);
    reader->depth--;
  }
}

static void learn_results(ptl_reader *reader, const ptl_frame *frame) {
  ptl_lexer lexer = {frame->begin, frame->begin, frame->op.data};
  for (int i = 0; i < reader->match.result_count; i++) {
    ptl_token token = ptl_lex_next(&lexer);
    if (token.kind != PTL_TOK_PERCENT) {
      break;
    }
    ptl_symbols_set(&reader->types, token.text, reader->match.result_types[i]);
    ptl_lex_accept(&lexer, ",");
  }
}

static void end_pto(ptl_reader *reader, ptl_frame *frame, size_t mark) {
  frame->end = reader->lexer.at;
  (void)take_location(reader, frame);
  ptl_match_emit_tail(&reader->match, reader->out);
  ptl_reader_add_location(reader, frame);
  keep_lines(reader, frame->end, mark);
}

/* A statement of the pto dialect in custom form. */
static void read_pto(ptl_reader *reader, ptl_frame *frame) {
  const ptl_op_syntax *row = ptl_op_find(frame->op);
  if (!row) {
    give_up(reader, frame,
            ptl_arena_printf(reader->arena, "%.*s is not known", (int)frame->op.length,
                             frame->op.data));
    return;
  }
  bool has_result = frame->begin != frame->op.data;
  if (!ptl_match_statement(&reader->match, &reader->lexer, row, has_result)) {
    give_up(reader, frame,
            ptl_arena_printf(reader->arena, "the syntax of this %.*s is not known: %s",
                             (int)frame->op.length, frame->op.data, reader->match.failure));
    return;
  }
  ptl_reader_copy(reader, frame->op.data);
  size_t mark = reader->out->length;
  ptl_match_emit_head(&reader->match, reader->out);
  if (reader->match.has_body) {
    ptl_lex_next(&reader->lexer);
    ptl_strbuf_puts(reader->out, " ({");
    keep_lines(reader, reader->lexer.at, mark);
    frame->kind = PTL_FRAME_PTO;
    reader->depth++;
    return;
  }
  learn_results(reader, frame);
  end_pto(reader, frame, mark);
}

static void close_region(ptl_reader *reader) {
  ptl_frame *frame = &reader->frames[reader->depth - 1];
  ptl_lex_next(&reader->lexer);
  frame->region_done = true;
  frame->last = (ptl_str){reader->lexer.at - 1, 1};
  frame->end = reader->lexer.at;
  if (frame->kind != PTL_FRAME_PTO) {
    continue_frame(reader, frame);
    return;
  }
  ptl_reader_copy(reader, frame->end);
  ptl_strbuf_puts(reader->out, ")");
  size_t mark = reader->out->length;
  ptl_match_behind_body(&reader->match, &reader->lexer, ptl_op_find(frame->op));
  end_pto(reader, frame, mark);
  reader->depth--;
}

/* `^name(...):` */
static void read_label(ptl_reader *reader) {
  ptl_lex_next(&reader->lexer);
  if (ptl_lex_accept(&reader->lexer, "(")) {
    ptl_lex_skip_balanced(&reader->lexer);
  }
  ptl_lex_accept(&reader->lexer, ":");
}

/* `#name = ...` or `!name = ...`; locations are already at the top. */
static void read_alias(ptl_reader *reader) {
  const char *begin = ptl_lex_next(&reader->lexer).text.data;
  ptl_lex_accept(&reader->lexer, "=");
  bool is_location = ptl_lex_at(&reader->lexer, "loc");
  ptl_frame frame = {.op = {begin, 0}, .end = reader->lexer.at};
  if (is_location) {
    ptl_reader_copy(reader, begin);
    (void)take_location(reader, &frame);
    ptl_reader_drop(reader, frame.end);
    return;
  }
  ptl_token token;
  do {
    token = ptl_lex_next(&reader->lexer);
    if (token.kind == PTL_TOK_PUNCT && strchr("([{<", token.text.data[0])) {
      ptl_lex_skip_balanced(&reader->lexer);
    }
    frame.end = reader->lexer.at;
    token = ptl_lex_peek(&reader->lexer);
  } while (!ptl_lex_at(&reader->lexer, "{") && !starts_another(reader, &frame, token));
}

/* `%a, %b:2 =` and the name of the op. */
static bool read_op_name(ptl_reader *reader, ptl_frame *frame) {
  ptl_lexer *lexer = &reader->lexer;
  ptl_token token = ptl_lex_peek(lexer);
  frame->begin = token.text.data;
  if (token.kind == PTL_TOK_PERCENT) {
    frame->name = (ptl_str){token.text.data + 1, token.text.length - 1};
    if (!at_results(*lexer)) {
      return false;
    }
    while (!ptl_lex_accept(lexer, "=")) {
      ptl_lex_next(lexer);
    }
  }
  token = ptl_lex_next(lexer);
  ptl_reader_place(reader, token.text.data, &frame->line, &frame->column);
  frame->op = token.text;
  frame->last = token.text;
  frame->end = lexer->at;
  frame->kind = token.kind == PTL_TOK_STRING ? PTL_FRAME_GENERIC : PTL_FRAME_PLAIN;
  return token.kind == PTL_TOK_STRING || token.kind == PTL_TOK_WORD;
}

static ptl_status not_mlir(ptl_reader *reader, const ptl_frame *frame) {
  ptl_loc place = {.file = reader->file};
  ptl_token token = ptl_lex_peek(&reader->lexer);
  const char *at = frame->op.data ? frame->op.data : token.text.data;
  ptl_reader_place(reader, at, &place.line, &place.column);
  if (reader->function.open) {
    ptl_reader_give_up_function(reader, place, "this is no operation");
    return PTL_OK;
  }
  ptl_diag_add(reader->diags, PTL_ERROR, 10, place, "this is not MLIR: an operation was expected");
  return PTL_REFUSED;
}

/* MLIR cannot look up a symbol from inside of an op that it does not know. */
static bool is_call_in_section(const ptl_reader *reader, const ptl_frame *frame) {
  if (!ptl_str_is(frame->op, "func.call") && !ptl_str_is(frame->op, "call")) {
    return false;
  }
  for (int i = reader->depth - 1; i >= 0; i--) {
    if (reader->frames[i].kind == PTL_FRAME_PTO) {
      return true;
    }
  }
  return false;
}

static ptl_status read_op(ptl_reader *reader) {
  ptl_frame *frame = &reader->frames[reader->depth];
  *frame = (ptl_frame){.kind = PTL_FRAME_PLAIN};
  if (!read_op_name(reader, frame) ||
      (frame->kind == PTL_FRAME_PLAIN && !memchr(frame->op.data, '.', frame->op.length) &&
       !is_short_name(frame->op))) {
    return not_mlir(reader, frame);
  }
  if (ptl_str_starts_with(frame->op, "pto.")) {
    read_pto(reader, frame);
    return PTL_OK;
  }
  if (frame->kind == PTL_FRAME_PLAIN && !is_copied(frame->op)) {
    give_up(reader, frame,
            ptl_arena_printf(reader->arena, "%.*s is not known", (int)frame->op.length,
                             frame->op.data));
    return PTL_OK;
  }
  if (is_call_in_section(reader, frame)) {
    give_up(reader, frame, "a call inside of a section is not understood");
    return PTL_OK;
  }
  if (is_func(frame->op) && !reader->function.open) {
    frame->kind = PTL_FRAME_FUNC;
    if (!ptl_reader_begin_function(reader, frame)) {
      return not_mlir(reader, frame);
    }
  }
  reader->depth++;
  continue_frame(reader, frame);
  return PTL_OK;
}

ptl_status ptl_reader_run(ptl_reader *reader) {
  ptl_status status = PTL_OK;
  while (status == PTL_OK) {
    ptl_token token = ptl_lex_peek(&reader->lexer);
    if (token.kind == PTL_TOK_END) {
      break;
    }
    if (ptl_token_is(token, "}") && reader->depth > 0) {
      close_region(reader);
    } else if (token.kind == PTL_TOK_CARET) {
      read_label(reader);
    } else if (token.kind == PTL_TOK_HASH || token.kind == PTL_TOK_BANG) {
      read_alias(reader);
    } else {
      status = read_op(reader);
    }
  }
  if (status == PTL_OK) {
    ptl_reader_copy(reader, reader->lexer.end);
  }
  return status;
}
