/* What the variables of a kernel's C++ are, at a point of a walk over the kernel: sums, products,
 * rests, comparisons and choices of constants and loop variables, as this emitter writes them. */
#include <string.h>

#include "flags/written_lines.h"

enum {
  MAX_VARIABLES = 1 << 24,
  MAX_DEPTH = 64,
  MAX_WORK = 4096, /* variables that one value may be made of */
};

/* ---- the table ------------------------------------------------------------------------ */

int ptl_written_number(ptl_str word) {
  int number = 0;
  bool is_name = word.length > 1 && word.length < 9 && word.data[0] == 'v';
  for (size_t i = 1; is_name && i < word.length; i++) {
    is_name = word.data[i] >= '0' && word.data[i] <= '9';
    number = number * 10 + (word.data[i] - '0');
  }
  return is_name ? number : 0;
}

ptl_written_variable *ptl_written_variable_at(ptl_arena *arena, ptl_written_values *values,
                                              int number) {
  if (number <= 0 || number >= MAX_VARIABLES) {
    return NULL;
  }
  while (values->count <= number) {
    values->items = ptl_arena_more(arena, values->items, values->count, &values->capacity,
                                   sizeof(*values->items));
    values->count++;
  }
  return &values->items[number];
}

/* ---- reading ---------------------------------------------------------------------------- */

typedef struct reader {
  const ptl_written_values *values;
  ptl_walk *walk;
  ptl_exprs *exprs;
  const char *at, *end;
  int depth;
  int *work; /* what is left of it */
} reader;

static ptl_expr read_choice(reader *r);

static void skip_blanks(reader *r) {
  while (r->at < r->end && *r->at == ' ') {
    r->at++;
  }
}

static bool take(reader *r, const char *sign) {
  size_t length = strlen(sign);
  skip_blanks(r);
  bool is_there = (size_t)(r->end - r->at) >= length && memcmp(r->at, sign, length) == 0;
  r->at += is_there ? length : 0;
  return is_there;
}

/* Casts between integers that hold what is cast, as integers of kernels are taken to do. */
static bool take_cast(reader *r) {
  static const char *const casts[] = {"(int64_t)", "(uint64_t)", "(size_t)",
                                      "(event_t)", "(int32_t)",  "(uint32_t)",
                                      "(int)",     "(unsigned)", "reinterpret_cast<uint64_t>"};
  for (size_t i = 0; i < sizeof(casts) / sizeof(casts[0]); i++) {
    if (take(r, casts[i])) {
      return true;
    }
  }
  return false;
}

static ptl_str take_word(reader *r) {
  const char *begin = r->at;
  while (r->at < r->end &&
         ((*r->at >= '0' && *r->at <= '9') || (*r->at >= 'a' && *r->at <= 'z') || *r->at == '_')) {
    r->at++;
  }
  return (ptl_str){begin, (size_t)(r->at - begin)};
}

static ptl_expr value_of(reader *r, int variable);

/* The variable with the address of a tile; 0: there is none. */
static int address_of(const reader *r, int tile) {
  const ptl_written_variable *v = tile < r->values->count ? &r->values->items[tile] : NULL;
  return v && !v->is_repeated ? v->address : 0;
}

static ptl_expr value_of_word(reader *r, ptl_str word) {
  int64_t number = 0;
  if (ptl_str_is(word, "true") || ptl_str_is(word, "false")) {
    return ptl_expr_const(r->exprs, word.data[0] == 't' ? -1 : 0);
  }
  int variable = ptl_written_number(word);
  if (variable > 0) {
    return value_of(r, take(r, ".data()") ? address_of(r, variable) : variable);
  }
  for (size_t i = 0; i < word.length; i++) {
    if (word.data[i] < '0' || word.data[i] > '9' || i > 16) {
      return PTL_EXPR_NONE;
    }
    number = number * 10 + (word.data[i] - '0');
  }
  return word.length > 0 ? ptl_expr_const(r->exprs, number) : PTL_EXPR_NONE;
}

static ptl_expr read_operand(reader *r) {
  ptl_expr result = PTL_EXPR_NONE;
  if (--r->depth <= 0) {
    return result;
  }
  if (take_cast(r)) {
    result = read_operand(r);
  } else if (take(r, "-")) {
    result = ptl_expr_sub(r->exprs, ptl_expr_const(r->exprs, 0), read_operand(r));
  } else if (take(r, "(")) {
    result = read_choice(r);
    result = take(r, ")") ? result : PTL_EXPR_NONE;
  } else {
    result = value_of_word(r, take_word(r));
  }
  r->depth++;
  return result;
}

static bool is_never_negative(ptl_exprs *exprs, ptl_expr a) {
  return a >= 0 && ptl_expr_max(exprs, a, ptl_expr_const(exprs, 0)) == a;
}

/* With and without a sign they are the same only of what is not negative. */
static ptl_expr divided(reader *r, ptl_expr a, ptl_expr b, bool is_rest) {
  if (!is_never_negative(r->exprs, a) || !is_never_negative(r->exprs, b)) {
    return PTL_EXPR_NONE;
  }
  return is_rest ? ptl_expr_rem(r->exprs, a, b) : ptl_expr_div(r->exprs, a, b);
}

static ptl_expr read_product(reader *r) {
  ptl_expr result = read_operand(r);
  for (;;) {
    if (take(r, "*")) {
      result = ptl_expr_mul(r->exprs, result, read_operand(r));
    } else if (take(r, "%")) {
      result = divided(r, result, read_operand(r), true);
    } else if (take(r, "/")) {
      result = divided(r, result, read_operand(r), false);
    } else {
      return result;
    }
  }
}

static ptl_expr read_sum(reader *r) {
  ptl_expr result = read_product(r);
  for (;;) {
    if (take(r, "+")) {
      result = ptl_expr_add(r->exprs, result, read_product(r));
    } else if (take(r, "-")) {
      result = ptl_expr_sub(r->exprs, result, read_product(r));
    } else {
      return result;
    }
  }
}

static ptl_expr read_comparison(reader *r) {
  ptl_expr a = read_sum(r);
  if (take(r, "==")) {
    return ptl_expr_is_zero(r->exprs, ptl_expr_sub(r->exprs, a, read_sum(r)));
  }
  if (take(r, "!=")) {
    return ptl_expr_not(r->exprs,
                        ptl_expr_is_zero(r->exprs, ptl_expr_sub(r->exprs, a, read_sum(r))));
  }
  return a;
}

static ptl_expr read_choice(reader *r) {
  ptl_expr condition = read_comparison(r);
  int64_t holds;
  if (!take(r, "?")) {
    return condition;
  }
  ptl_expr a = read_choice(r);
  ptl_expr b = take(r, ":") ? read_choice(r) : PTL_EXPR_NONE;
  return ptl_expr_is_const(r->exprs, condition, &holds) ? (holds != 0 ? a : b) : PTL_EXPR_NONE;
}

static ptl_expr value_of(reader *r, int variable) {
  const ptl_written_variable *v = variable < r->values->count ? &r->values->items[variable] : NULL;
  if (!v || v->is_repeated || r->depth <= 1 || --*r->work < 0) {
    return PTL_EXPR_NONE;
  }
  if (v->value > 0) {
    return ptl_integer_at(r->walk, v->value - 1);
  }
  reader inner = *r;
  inner.at = v->text.data;
  inner.end = v->text.data + v->text.length;
  inner.depth--;
  if (v->text.length == 0) {
    return PTL_EXPR_NONE;
  }
  ptl_expr result = read_choice(&inner);
  skip_blanks(&inner);
  return inner.at == inner.end ? result : PTL_EXPR_NONE;
}

ptl_expr ptl_written_value(const ptl_written_values *values, ptl_walk *walk, int variable) {
  int work = MAX_WORK;
  reader r = {.values = values,
              .walk = walk,
              .exprs = ptl_walk_exprs(walk),
              .depth = MAX_DEPTH,
              .work = &work};
  return value_of(&r, variable);
}
