/* Reads the head of a func.func and gives it its attributes. Makes a private declaration of a
 * function that is not read, so that its text is passed through. */
#include "asm/reader.h"

#include <stdio.h>
#include <string.h>

/* Digits of a place in a text: PTL_MOST_TEXT_BYTES has so many. */
enum { END_DIGITS = 9 };

/* After the op's name; takes `private @name(args) -> results attributes {...}`. */
static bool read_head(ptl_lexer *lexer, ptl_function *function) {
  while (ptl_lex_peek(lexer).kind == PTL_TOK_WORD) {
    ptl_lex_next(lexer);
  }
  ptl_token name = ptl_lex_next(lexer);
  if (name.kind != PTL_TOK_AT || !ptl_lex_accept(lexer, "(")) {
    return false;
  }
  function->name = name.text;
  const char *begin = lexer->at;
  ptl_lex_skip_balanced(lexer);
  function->arguments = (ptl_str){begin, (size_t)(lexer->at - 1 - begin)};
  function->results = (ptl_str){"", 0};
  if (ptl_lex_accept(lexer, "->")) {
    ptl_token first = ptl_lex_peek(lexer);
    if (ptl_lex_accept(lexer, "(")) {
      ptl_lex_skip_balanced(lexer);
    } else if (ptl_lex_type(lexer).length == 0) {
      return false;
    }
    function->results = (ptl_str){first.text.data, (size_t)(lexer->at - first.text.data)};
  }
  return true;
}

/* Goes over the arguments; calls for each with its name (may be empty) and type. */
typedef void argument_visitor(ptl_reader *reader, int index, ptl_str name, ptl_str type);

static bool for_each_argument(ptl_reader *reader, argument_visitor *visit) {
  ptl_str text = reader->function.arguments;
  ptl_lexer lexer = ptl_lexer_of(text);
  int index = 0;
  while (ptl_lex_peek(&lexer).kind != PTL_TOK_END) {
    ptl_str name = {"", 0};
    if (ptl_lex_peek(&lexer).kind == PTL_TOK_PERCENT) {
      name = ptl_lex_next(&lexer).text;
      if (!ptl_lex_accept(&lexer, ":")) {
        return false;
      }
    }
    ptl_str type = ptl_lex_type(&lexer);
    if (type.length == 0) {
      return false;
    }
    if (ptl_lex_accept(&lexer, "{")) {
      ptl_lex_skip_balanced(&lexer);
    }
    if (ptl_lex_accept(&lexer, "loc") && ptl_lex_accept(&lexer, "(")) {
      ptl_lex_skip_balanced(&lexer);
    }
    visit(reader, index++, name, type);
    if (!ptl_lex_accept(&lexer, ",")) {
      break;
    }
  }
  return ptl_lex_peek(&lexer).kind == PTL_TOK_END;
}

static void learn_type(ptl_reader *reader, int index, ptl_str name, ptl_str type) {
  (void)index;
  if (name.length > 0) {
    ptl_symbols_set(&reader->types, name, ptl_canonical_type(&reader->spellings, type));
  }
}

static void shorten_type(ptl_reader *reader, int index, ptl_str name, ptl_str type) {
  (void)index;
  (void)name;
  ptl_reader_copy(reader, type.data);
  ptl_match_emit_short(&reader->match, ptl_canonical_type(&reader->spellings, type), reader->out);
  ptl_reader_drop(reader, type.data + type.length);
}

static void emit_name(ptl_reader *reader, int index, ptl_str name, ptl_str type) {
  (void)type;
  if (name.length > 0) {
    ptl_strbuf_puts(reader->out, index > 0 ? ", \"" : "\"");
    ptl_strbuf_add(reader->out, name.data + 1, name.length - 1);
    ptl_strbuf_puts(reader->out, "\"");
  }
}

static void emit_type(ptl_reader *reader, int index, ptl_str name, ptl_str type) {
  (void)name;
  ptl_strbuf_puts(reader->out, index > 0 ? ", " : "");
  ptl_strbuf_add_str(reader->out, ptl_canonical_type(&reader->spellings, type));
}

static void emit_own_attributes(ptl_reader *reader) {
  const ptl_function *function = &reader->function;
  ptl_strbuf_puts(reader->out, "ptolower.arg_names = [");
  (void)for_each_argument(reader, emit_name);
  ptl_strbuf_printf(reader->out, "], ptolower.range = array<i64: %lld, ",
                    (long long)(function->begin - reader->source.data));
  reader->function.end_mark = reader->out->length;
  ptl_strbuf_printf(reader->out, "%0*d>", END_DIGITS, 0);
}

void ptl_reader_end_function(ptl_reader *reader, const char *end) {
  char digits[END_DIGITS + 1];
  (void)snprintf(digits, sizeof(digits), "%0*d", END_DIGITS, (int)(end - reader->source.data));
  memcpy(reader->out->data + reader->function.end_mark, digits, END_DIGITS);
  reader->function.open = false;
}

/* Keeps the attributes; whether there is a body. The lexer stands after the head. */
static bool look_behind_head(ptl_lexer lexer, ptl_function *function) {
  function->attributes = (ptl_str){lexer.at, 0};
  if (ptl_lex_accept(&lexer, "attributes") && ptl_lex_accept(&lexer, "{")) {
    const char *begin = lexer.at;
    ptl_lex_skip_balanced(&lexer);
    function->attributes = (ptl_str){begin, (size_t)(lexer.at - 1 - begin)};
  }
  function->behind_head = lexer.at;
  return ptl_lex_at(&lexer, "{");
}

/* After the } and loc of a function that has a body. */
static const char *find_end(const ptl_reader *reader) {
  ptl_lexer lexer = ptl_lexer_in(reader->function.behind_head, reader->lexer.end);
  ptl_lex_accept(&lexer, "{");
  ptl_lex_skip_balanced(&lexer);
  const char *end = lexer.at;
  if (ptl_lex_accept(&lexer, "loc") && ptl_lex_accept(&lexer, "(")) {
    ptl_lex_skip_balanced(&lexer);
    end = lexer.at;
  }
  return end;
}

bool ptl_reader_begin_function(ptl_reader *reader, ptl_frame *frame) {
  ptl_function *function = &reader->function;
  *function = (ptl_function){.depth = reader->depth, .begin = frame->op.data};
  function->line = frame->line;
  function->column = frame->column;
  ptl_reader_copy(reader, frame->op.data);
  function->out_mark = reader->out->length;
  ptl_symbols_clear(&reader->types);
  ptl_symbols_clear(&reader->constants);
  if (!read_head(&reader->lexer, function) || !for_each_argument(reader, learn_type)) {
    return false;
  }
  function->open = look_behind_head(reader->lexer, function);
  (void)for_each_argument(reader, shorten_type);
  ptl_reader_copy(reader, reader->lexer.at);
  if (ptl_lex_accept(&reader->lexer, "attributes")) {
    ptl_lex_accept(&reader->lexer, "{");
    ptl_reader_copy(reader, reader->lexer.at);
    emit_own_attributes(reader);
    ptl_strbuf_puts(reader->out, ptl_lex_at(&reader->lexer, "}") ? "" : ", ");
    ptl_lex_skip_balanced(&reader->lexer);
  } else {
    ptl_strbuf_puts(reader->out, " attributes {");
    emit_own_attributes(reader);
    ptl_strbuf_puts(reader->out, "}");
  }
  frame->end = reader->lexer.at;
  frame->last = (ptl_str){frame->end - 1, 1};
  return true;
}

const char *ptl_reader_not_read(const ptl_reader *reader) {
  return reader->unread == PTL_WARNING ? "not read" : "passed through as it is";
}

void ptl_reader_give_up_function(ptl_reader *reader, ptl_severity severity, ptl_loc place,
                                 const char *reason) {
  ptl_function *function = &reader->function;
  ptl_strbuf *out = reader->out;
  ptl_diag_add_as(reader->diags, severity, PTL_CODE_NOT_READ, place, "%.*s is %s: %s",
                  (int)function->name.length, function->name.data, ptl_reader_not_read(reader),
                  reason);
  out->length = function->out_mark;
  ptl_strbuf_printf(out, "%s private ", ptl_op_table[PTL_FUNC_FUNC].name);
  ptl_strbuf_add_str(out, function->name);
  ptl_strbuf_puts(out, "(");
  (void)for_each_argument(reader, emit_type);
  ptl_strbuf_puts(out, ")");
  if (function->results.length > 0) {
    ptl_strbuf_puts(out, " -> ");
    ptl_canonical_copy(&reader->spellings, function->results, out);
  }
  ptl_strbuf_puts(out, " attributes {");
  emit_own_attributes(reader);
  ptl_strbuf_puts(out, ", ptolower.opaque = ");
  ptl_asm_add_quoted(out, reason);
  if (function->attributes.length > 0) {
    ptl_strbuf_puts(out, ", ");
    ptl_strbuf_add_str(out, function->attributes);
  }
  ptl_strbuf_puts(out, "}");
  ptl_frame frame = {.line = function->line, .column = function->column};
  ptl_reader_add_location(reader, &frame);
  const char *end = find_end(reader);
  reader->copied = function->begin;
  ptl_reader_drop(reader, end);
  reader->lexer.at = end;
  reader->depth = function->depth;
  ptl_reader_end_function(reader, end);
}

bool ptl_reader_avoid_problem(ptl_reader *reader) {
  const ptl_function *function = &reader->function;
  if (reader->problem_count == 0) {
    return false;
  }
  int last_line = function->line;
  const char *end = find_end(reader);
  for (const char *at = function->begin; at < end; at++) {
    last_line += *at == '\n';
  }
  for (size_t i = 0; i < reader->problem_count; i++) {
    const ptl_asm_problem *problem = &reader->problems[i];
    if (problem->line >= function->line && problem->line <= last_line) {
      ptl_loc place = {.file = reader->file, .line = problem->line, .column = problem->column};
      ptl_reader_give_up_function(reader, PTL_WARNING, place, problem->reason);
      return true;
    }
  }
  return false;
}
