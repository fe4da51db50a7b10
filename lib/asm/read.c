/* ptl_asm_read: checks a text, and rewrites it unless one of our passes printed it. */
#include "asm/reader.h"

#include <string.h>

/* With the lexer after the `{` of the module's attributes. */
static bool has_intermediate_mark(ptl_lexer lexer) {
  for (;;) {
    ptl_token token = ptl_lex_next(&lexer);
    if (token.kind == PTL_TOK_END || ptl_token_is(token, "}")) {
      return false;
    }
    if (ptl_token_is(token, "ptolower.ir")) {
      return true;
    }
    if (token.kind == PTL_TOK_PUNCT && strchr("([{<", token.text.data[0])) {
      ptl_lex_skip_balanced(&lexer);
    }
  }
}

/* Goes over what may stand before the module: aliases. */
static bool find_module(ptl_lexer *lexer) {
  for (;;) {
    ptl_token token = ptl_lex_next(lexer);
    if (token.kind == PTL_TOK_WORD && ptl_op_find(token.text) == PTL_BUILTIN_MODULE) {
      return true;
    }
    if (token.kind == PTL_TOK_END || ptl_token_is(token, ptl_op_table[PTL_FUNC_FUNC].name)) {
      return false;
    }
    if (token.kind == PTL_TOK_PUNCT && strchr("([{<", token.text.data[0])) {
      ptl_lex_skip_balanced(lexer);
    }
  }
}

static bool is_intermediate(ptl_str source) {
  ptl_lexer lexer = ptl_lexer_of(source);
  if (!find_module(&lexer)) {
    return false;
  }
  if (ptl_lex_peek(&lexer).kind == PTL_TOK_AT) {
    ptl_lex_next(&lexer);
  }
  return ptl_lex_accept(&lexer, "attributes") && ptl_lex_accept(&lexer, "{") &&
         has_intermediate_mark(lexer);
}

/* An alias of a location stands after its uses, which only MLIR's own form of
 * loc(#alias) allows; ours are nested. So the aliases go to the top, on one line. */
static void hoist_locations(ptl_str source, ptl_strbuf *out) {
  const char *end = source.data + source.length;
  for (const char *line = source.data; line < end;) {
    if (*line == '#') {
      ptl_lexer lexer = ptl_lexer_in(line, end);
      ptl_str name = ptl_lex_next(&lexer).text;
      if (ptl_lex_accept(&lexer, "=") && ptl_lex_accept(&lexer, "loc") &&
          ptl_lex_accept(&lexer, "(")) {
        const char *begin = lexer.at;
        ptl_lex_skip_balanced(&lexer);
        bool one_line = !memchr(begin, '\n', (size_t)(lexer.at - begin));
        if (one_line) {
          ptl_strbuf_add_str(out, name);
          ptl_strbuf_puts(out, " = loc(");
          ptl_strbuf_add(out, begin, (size_t)(lexer.at - begin));
          ptl_strbuf_puts(out, " ");
        }
      }
    }
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    line = newline ? newline + 1 : end;
  }
}

static ptl_str quote(ptl_arena *arena, const char *text) {
  ptl_strbuf quoted;
  ptl_strbuf_init(&quoted, arena);
  ptl_asm_add_quoted(&quoted, text);
  return (ptl_str){quoted.data, quoted.length};
}

static void init_reader(ptl_reader *reader, ptl_str source, const char *file) {
  ptl_arena *arena = reader->arena;
  reader->source = source;
  reader->has_places = file != NULL;
  reader->file = file ? file : "-";
  reader->quoted_file = quote(arena, reader->file);
  reader->lexer = ptl_lexer_of(source);
  reader->copied = source.data;
  reader->line_begin = source.data;
  reader->line = 1;
  ptl_symbols_init(&reader->types, arena);
  ptl_symbols_init(&reader->constants, arena);
  ptl_symbols_init(&reader->spellings, arena);
  ptl_symbols_init(&reader->aliases, arena);
  ptl_match_init(&reader->match, arena, &reader->types, &reader->constants, &reader->spellings,
                 &reader->aliases);
}

ptl_status ptl_asm_read(ptl_arena *arena, ptl_str source, const char *file, ptl_diags *diags,
                        ptl_asm_text *out) {
  return ptl_asm_read_around(arena, source, file, NULL, 0, PTL_REMARK, diags, out);
}

ptl_status ptl_asm_read_around(ptl_arena *arena, ptl_str source, const char *file,
                               const ptl_asm_problem *problems, size_t problem_count,
                               ptl_severity unread, ptl_diags *diags, ptl_asm_text *out) {
  *out = (ptl_asm_text){.is_intermediate = false};
  ptl_status status = ptl_asm_check_text(source, file, diags);
  if (status != PTL_OK) {
    return status;
  }
  if (is_intermediate(source)) {
    out->is_intermediate = true;
    out->has_own_ops = true;
    out->mlir = (ptl_str){ptl_arena_copy(arena, source.data, source.length), source.length};
    return PTL_OK;
  }
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  /* what is read seldom grows by more than half */
  ptl_strbuf_reserve(&text, source.length + source.length / 2 + 1024);
  ptl_reader *reader = ptl_arena_alloc(arena, sizeof(*reader));
  *reader = (ptl_reader){.arena = arena, .diags = diags, .out = &text};
  reader->problems = problems;
  reader->problem_count = problem_count;
  reader->unread = unread;
  init_reader(reader, source, file);
  status = ptl_reader_run(reader);
  ptl_strbuf whole;
  ptl_strbuf_init(&whole, arena);
  ptl_strbuf_reserve(&whole, text.length + 4096);
  hoist_locations(source, &whole);
  ptl_match_emit_aliases(&reader->aliases, &whole);
  ptl_strbuf_add(&whole, text.data, text.length);
  out->mlir = (ptl_str){whole.data, whole.length};
  out->has_own_ops = reader->has_own_ops;
  return status;
}
