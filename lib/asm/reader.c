/* Rewrites a text statement by statement. Regions are kept on a stack, not read by
 * recursion; everything that is not the pto dialect's is copied. */
#include "asm/scan.h"

#include <string.h>

/* Keeps the value of an index constant: `%c = arith.constant 16 : index`. */
static void learn_constant(ptl_reader *reader, const ptl_frame *frame) {
  ptl_lexer lexer = ptl_lexer_in(frame->op.data + frame->op.length, frame->end);
  ptl_token value = ptl_lex_next(&lexer);
  if (value.kind == PTL_TOK_NUMBER && frame->name.length > 0) {
    ptl_str name = {frame->name.data - 1, frame->name.length + 1};
    ptl_symbols_set(&reader->constants, name, value.text);
  }
}

/* Names for a loop with iter_args; the location has room for only one. */
static void add_loop_names(ptl_reader *reader, const ptl_frame *frame) {
  ptl_str args = frame->iter_args;
  ptl_lexer lexer = ptl_lexer_of(args);
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
    ptl_reader_end_function(reader, frame->end);
  }
  if (frame->id == PTL_ARITH_CONSTANT) {
    learn_constant(reader, frame);
  }
  bool is_loop = frame->id == PTL_SCF_FOR;
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

static void give_up(ptl_reader *reader, ptl_frame *frame, ptl_severity severity,
                    const char *reason) {
  ptl_loc place = {.file = reader->file, .line = frame->line, .column = frame->column};
  if (reader->function.open) {
    ptl_reader_give_up_function(reader, severity, place, reason);
    return;
  }
  ptl_diag_add_as(reader->diags, reader->unread, PTL_CODE_NOT_READ, place, "%s: %s",
                  ptl_reader_not_read(reader), reason);
  ptl_reader_copy(reader, frame->begin);
  for (;;) {
    ptl_token token = ptl_lex_peek(&reader->lexer);
    if (ptl_take_location(reader, frame) || ptl_starts_another(reader, frame, token)) {
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
  bool region = ptl_read_rest(reader, frame);
  if (frame->refusal) {
    reader->depth--;
    give_up(reader, frame, PTL_REMARK, frame->refusal);
  } else if (!region) {
    end_statement(reader, frame);
    reader->depth--;
  }
}

static void learn_results(ptl_reader *reader, const ptl_frame *frame) {
  ptl_lexer lexer = ptl_lexer_in(frame->begin, frame->op.data);
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
  (void)ptl_take_location(reader, frame);
  ptl_match_emit_tail(&reader->match, reader->out);
  ptl_reader_add_location(reader, frame);
  ptl_reader_keep_lines(reader, frame->end, mark);
}

/* `name` is the op's, without quotes. */
static void give_up_unknown(ptl_reader *reader, ptl_frame *frame, ptl_str name) {
  bool is_none = ptl_str_starts_with(name, "pto.") && !ptl_op_exists(name);
  ptl_str nearest = is_none ? ptl_op_nearest(name) : (ptl_str){NULL, 0};
  const char *hint = nearest.length > 0
                         ? ptl_arena_printf(reader->arena, "; did you mean pto.%.*s?",
                                            (int)nearest.length, nearest.data)
                         : "";
  if (is_none && reader->unread == PTL_WARNING) {
    ptl_loc place = {.file = reader->file, .line = frame->line, .column = frame->column};
    ptl_diag_add(reader->diags, PTL_CODE_UNKNOWN_OP, place, "unknown op '%.*s'%s", (int)name.length,
                 name.data, hint);
  }
  give_up(
      reader, frame, PTL_REMARK,
      ptl_arena_printf(reader->arena, "%.*s is not known%s", (int)name.length, name.data, hint));
}

/* A statement of the pto dialect in custom form. */
static void read_pto(ptl_reader *reader, ptl_frame *frame) {
  if (!ptl_op_table[frame->id].syntax) {
    give_up_unknown(reader, frame, frame->op);
    return;
  }
  bool has_result = frame->begin != frame->op.data;
  if (!ptl_match_statement(&reader->match, &reader->lexer, frame->id, frame->op, has_result)) {
    give_up(reader, frame, reader->unread,
            ptl_arena_printf(reader->arena, "the syntax of this %.*s is not known: %s",
                             (int)frame->op.length, frame->op.data,
                             ptl_match_failure_text(&reader->match)));
    return;
  }
  ptl_reader_copy(reader, frame->op.data);
  size_t mark = reader->out->length;
  ptl_match_emit_head(&reader->match, reader->out);
  if (reader->match.has_body) {
    ptl_lex_next(&reader->lexer);
    ptl_strbuf_puts(reader->out, " ({");
    ptl_reader_keep_lines(reader, reader->lexer.at, mark);
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
  ptl_match_behind_body(&reader->match, &reader->lexer, frame->id, frame->op);
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
    (void)ptl_take_location(reader, &frame);
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
  } while (!ptl_lex_at(&reader->lexer, "{") && !ptl_starts_another(reader, &frame, token));
}

/* `%a, %b:2 =` and the name of the op. */
static bool read_op_name(ptl_reader *reader, ptl_frame *frame) {
  ptl_lexer *lexer = &reader->lexer;
  ptl_token token = ptl_lex_peek(lexer);
  frame->begin = token.text.data;
  if (token.kind == PTL_TOK_PERCENT) {
    frame->name = (ptl_str){token.text.data + 1, token.text.length - 1};
    if (!ptl_at_results(*lexer)) {
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
  frame->id = frame->kind == PTL_FRAME_PLAIN ? ptl_op_find(frame->op) : PTL_NO_OP;
  return token.kind == PTL_TOK_STRING || token.kind == PTL_TOK_WORD;
}

static ptl_status not_mlir(ptl_reader *reader, const ptl_frame *frame) {
  ptl_loc place = {.file = reader->file};
  ptl_token token = ptl_lex_peek(&reader->lexer);
  const char *at = frame->op.data ? frame->op.data : token.text.data;
  ptl_reader_place(reader, at, &place.line, &place.column);
  if (reader->function.open) {
    ptl_reader_give_up_function(reader, reader->unread, place, "this is no operation");
    return PTL_OK;
  }
  ptl_diag_add(reader->diags, PTL_CODE_NOT_MLIR, place,
               "this is not MLIR: an operation was expected");
  return PTL_REFUSED;
}

/* MLIR cannot look up a symbol from inside of an op that it does not know. */
static bool is_call_in_section(const ptl_reader *reader, const ptl_frame *frame) {
  if (frame->id != PTL_FUNC_CALL) {
    return false;
  }
  for (int i = reader->depth - 1; i >= 0; i--) {
    if (reader->frames[i].kind == PTL_FRAME_PTO) {
      return true;
    }
  }
  return false;
}

static ptl_str unquoted(ptl_str name) { return (ptl_str){name.data + 1, name.length - 2}; }

/* An op of the pto dialect in generic form that has no row. MLIR takes it; a check does not, which
 * asks for warnings. */
static bool is_unknown_generic(const ptl_reader *reader, const ptl_frame *frame) {
  if (frame->kind != PTL_FRAME_GENERIC || frame->op.length < 2 || reader->unread != PTL_WARNING) {
    return false;
  }
  ptl_str name = unquoted(frame->op);
  return !ptl_is_copied(name) && !ptl_op_table[ptl_op_find(name)].syntax;
}

/* The name of an op of the ptolower dialect, also in a form that it does not have. */
static bool is_own(ptl_str op) {
  return ptl_str_starts_with(op, "\"ptolower.") || ptl_str_starts_with(op, "ptolower.");
}

static ptl_status read_op(ptl_reader *reader) {
  reader->frames = ptl_arena_more(reader->arena, reader->frames, reader->depth,
                                  &reader->frame_capacity, sizeof(ptl_frame));
  ptl_frame *frame = &reader->frames[reader->depth];
  *frame = (ptl_frame){.kind = PTL_FRAME_PLAIN};
  if (!read_op_name(reader, frame) ||
      (frame->kind == PTL_FRAME_PLAIN && !memchr(frame->op.data, '.', frame->op.length) &&
       !ptl_is_short_name(frame->op))) {
    return not_mlir(reader, frame);
  }
  if (ptl_str_starts_with(frame->op, "pto.")) {
    read_pto(reader, frame);
    return PTL_OK;
  }
  if (frame->kind == PTL_FRAME_PLAIN && !ptl_is_copied(frame->op)) {
    give_up_unknown(reader, frame, frame->op);
    return PTL_OK;
  }
  if (is_unknown_generic(reader, frame)) {
    give_up_unknown(reader, frame, unquoted(frame->op));
    return PTL_OK;
  }
  reader->has_own_ops = reader->has_own_ops || is_own(frame->op);
  if (is_call_in_section(reader, frame)) {
    give_up(reader, frame, PTL_REMARK, "a call inside of a section is not understood");
    return PTL_OK;
  }
  if (frame->id == PTL_FUNC_FUNC && !reader->function.open) {
    frame->kind = PTL_FRAME_FUNC;
    if (!ptl_reader_begin_function(reader, frame)) {
      return not_mlir(reader, frame);
    }
    if (reader->function.open && ptl_reader_avoid_problem(reader)) {
      return PTL_OK;
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
