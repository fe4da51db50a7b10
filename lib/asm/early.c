/* Names that are used where no definition can reach them: the first use stands before the
 * definition, and outside of its block. MLIR refuses such a text, too; but where it also cannot
 * read the inner block, MLIR 19 frees what the use refers to, and writes to it afterwards. */
#include "asm/asm.h"
#include "asm/lexer.h"
#include "asm/symbols.h"

#include <string.h>

/* Blocks are numbered; the module is 0. */
typedef struct scan {
  ptl_arena *arena;
  const char *begin; /* of the text */
  ptl_lexer lexer;
  int *parents; /* of each block */
  int block_count, block_capacity;
  int block, depth, function_depth;
  bool in_function;
  /* By name: number + 1 of the block where it is used and not defined yet; -1: it is defined.
   * `text` is the place of the use. */
  ptl_symbols of_module, of_function;
  const char *found;
  const char *list_end; /* behind the last name of the list that was looked at last */
  bool list_defines;    /* it is one of definitions */
} scan;

static bool is_inside(const scan *s, int block, int outer) {
  while (block > outer) {
    block = s->parents[block];
  }
  return block == outer;
}

static void note_use(scan *s, ptl_str name) {
  ptl_symbol *symbol = ptl_symbols_entry(s->in_function ? &s->of_function : &s->of_module, name);
  if (symbol->number == 0) {
    symbol->number = s->block + 1;
    symbol->text = name;
  }
}

static void note_definition_in(scan *s, ptl_symbol *symbol) {
  if (symbol->number > 0 && !is_inside(s, symbol->number - 1, s->block)) {
    s->found = s->found ? s->found : symbol->text.data;
  }
}

static void note_definition(scan *s, ptl_str name) {
  if (s->in_function && ptl_symbols_get(&s->of_module, name).length > 0) {
    note_definition_in(s, ptl_symbols_entry(&s->of_module, name));
  }
  ptl_symbol *symbol = ptl_symbols_entry(s->in_function ? &s->of_function : &s->of_module, name);
  note_definition_in(s, symbol);
  symbol->number = -1;
}

/* Whether a list of names, the first of which was taken, is one of definitions: `%a, %b:2 =`, or in
 * brackets before `=` or `in`. Goes over its names. */
static bool lists_definitions(scan *s) {
  ptl_lexer lexer = s->lexer;
  for (;;) {
    s->list_end = lexer.at;
    ptl_token token = ptl_lex_next(&lexer);
    if (ptl_token_is(token, ":")) {
      if (ptl_lex_next(&lexer).kind != PTL_TOK_NUMBER) {
        return false;
      }
      token = ptl_lex_next(&lexer);
    }
    if (ptl_token_is(token, ")")) {
      return ptl_lex_at(&lexer, "=") || ptl_lex_at(&lexer, "in");
    }
    if (!ptl_token_is(token, ",")) {
      return ptl_token_is(token, "=");
    }
    if (ptl_lex_next(&lexer).kind != PTL_TOK_PERCENT) {
      return false;
    }
  }
}

/* The arguments of a function or block: all names up to the closing bracket. */
static void take_arguments(scan *s) {
  int depth = 0;
  do {
    ptl_token token = ptl_lex_next(&s->lexer);
    depth += ptl_token_is(token, "(");
    depth -= ptl_token_is(token, ")");
    if (token.kind == PTL_TOK_PERCENT) {
      note_definition(s, token.text);
    } else if (token.kind == PTL_TOK_END) {
      return;
    }
  } while (depth > 0);
}

/* After `^name`: whether its arguments follow, and not those of a branch to it. */
static bool begins_block(ptl_lexer lexer) {
  if (!ptl_lex_accept(&lexer, "(")) {
    return false;
  }
  ptl_lex_skip_balanced(&lexer);
  return ptl_lex_at(&lexer, ":");
}

static void begin_function(scan *s) {
  s->in_function = true;
  s->function_depth = s->depth;
  ptl_symbols_clear(&s->of_function);
  while (ptl_lex_peek(&s->lexer).kind == PTL_TOK_WORD) {
    ptl_lex_next(&s->lexer); /* private, ... */
  }
  if (ptl_lex_peek(&s->lexer).kind == PTL_TOK_AT) {
    ptl_lex_next(&s->lexer);
    if (ptl_lex_at(&s->lexer, "(")) {
      take_arguments(s);
    }
  }
}

static void take_bracket(scan *s, char bracket) {
  if (bracket == '{') {
    s->parents = ptl_arena_more(s->arena, s->parents, s->block_count, &s->block_capacity,
                                sizeof(*s->parents));
    s->parents[s->block_count] = s->block;
    s->block = s->block_count++;
    s->depth++;
  } else if (bracket == '}' && s->depth > 0) {
    s->block = s->parents[s->block];
    s->depth--;
    s->in_function = s->in_function && s->depth >= s->function_depth;
  }
}

/* Characters that begin what `take` asks for, or text in which it is not looked for. */
static const bool may_matter[256] = {['%'] = true, ['^'] = true, ['{'] = true, ['}'] = true,
                                     ['f'] = true, ['"'] = true, ['/'] = true};

/* Whether a name may go on behind the character. */
static bool is_inside_name(char c) {
  return ptl_is_name_char(c) || (c != '\0' && strchr("%@#!^", c));
}

static bool is_function(const scan *s, const char *at) {
  ptl_str rest = {at, (size_t)(s->lexer.end - at)};
  return ptl_str_starts_with(rest, ptl_op_table[PTL_FUNC_FUNC].name) &&
         (at == s->begin || !is_inside_name(at[-1]));
}

/* Goes over characters to the next token that `take` may ask for: most of a text is of no
 * interest here. */
static ptl_token next(scan *s) {
  const char *at = s->lexer.at;
  const char *end = s->lexer.end;
  for (;;) {
    while (at < end && !may_matter[(unsigned char)*at]) {
      at++;
    }
    if (at < end && (*at == '"' || *at == '/')) {
      at = ptl_text_step(at, end);
    } else if (at < end && *at == 'f' && !is_function(s, at)) {
      at++;
    } else {
      s->lexer.at = at;
      return ptl_lex_next(&s->lexer);
    }
  }
}

static void take(scan *s, ptl_token token) {
  switch (token.kind) {
  case PTL_TOK_PERCENT:
    if (token.text.data >= s->list_end) {
      s->list_defines = lists_definitions(s);
    }
    if (s->list_defines) {
      note_definition(s, token.text);
    } else {
      note_use(s, token.text);
    }
    break;
  case PTL_TOK_CARET:
    if (begins_block(s->lexer)) {
      take_arguments(s);
    }
    break;
  case PTL_TOK_WORD:
    if (ptl_token_is(token, ptl_op_table[PTL_FUNC_FUNC].name)) {
      begin_function(s);
    }
    break;
  case PTL_TOK_PUNCT:
    take_bracket(s, token.text.data[0]);
    break;
  default:
    break;
  }
}

const char *ptl_asm_find_early_use(ptl_arena *arena, ptl_str mlir) {
  scan s = {.arena = arena, .begin = mlir.data, .list_end = mlir.data, .lexer = ptl_lexer_of(mlir)};
  ptl_symbols_init(&s.of_module, arena);
  ptl_symbols_init(&s.of_function, arena);
  take_bracket(&s, '{');
  s.depth = 0;
  ptl_token token;
  while (!s.found && (token = next(&s)).kind != PTL_TOK_END) {
    take(&s, token);
  }
  return s.found;
}
