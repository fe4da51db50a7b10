/* Prints an expression as a kernel engineer would write it, with the names of the file. */
#include "expr/expr_text.h"

#include <inttypes.h>

#include "kernel/describe.h"
#include "support/strbuf.h"

enum { MAX_DEPTH = 6 };

typedef struct writer {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_exprs *exprs;
  const ptl_leaves *leaves;
} writer;

static const char *text_of(const writer *w, ptl_expr expr, int depth);

/* In brackets, if it is a sum. */
static const char *factor_text(const writer *w, ptl_expr expr, int depth) {
  const char *text = text_of(w, expr, depth);
  const ptl_expr_node *node = expr >= 0 ? &w->exprs->nodes[expr] : NULL; /* after it has grown */
  bool is_sum = node && node->term_count + (node->constant != 0) > 1;
  return is_sum ? ptl_arena_printf(w->arena, "(%s)", text) : text;
}

static const char *leaf_text(const writer *w, int number) {
  ptl_leaf leaf = ptl_leaves_at(w->leaves, number);
  int value = leaf.value < 0 && number < w->kernel->value_count ? number : leaf.value;
  const char *name = value < 0 ? "" : ptl_value_name(w->kernel, value);
  name = *name ? name : "?";
  return leaf.kind == PTL_LEAF_TURN ? ptl_arena_printf(w->arena, "(iteration of %s)", name) : name;
}

static const char *atom_text(const writer *w, const ptl_atom *atom, int depth) {
  switch (atom->op) {
  case PTL_EXPR_LEAF:
    return leaf_text(w, atom->leaf);
  case PTL_EXPR_MAX:
  case PTL_EXPR_MIN:
    return ptl_arena_printf(w->arena, "%s(%s, %s)", atom->op == PTL_EXPR_MAX ? "max" : "min",
                            text_of(w, atom->a, depth - 1), text_of(w, atom->b, depth - 1));
  case PTL_EXPR_MUL:
  case PTL_EXPR_DIV:
  case PTL_EXPR_REM:
    return ptl_arena_printf(w->arena, "%s %s %s", factor_text(w, atom->a, depth - 1),
                            atom->op == PTL_EXPR_MUL   ? "*"
                            : atom->op == PTL_EXPR_DIV ? "/"
                                                       : "mod",
                            factor_text(w, atom->b, depth - 1));
  default:
    return "?";
  }
}

static bool is_quotient(const ptl_atom *atom) {
  return atom->op == PTL_EXPR_DIV || atom->op == PTL_EXPR_REM;
}

static void put_sign(ptl_strbuf *out, bool is_negative) {
  bool is_first = out->length == 0;
  ptl_strbuf_puts(out, is_first ? (is_negative ? "-" : "") : (is_negative ? " - " : " + "));
}

static void put_term(const writer *w, ptl_strbuf *out, ptl_term term, int depth) {
  const ptl_atom atom = w->exprs->atoms[term.atom]; /* the table may move */
  const char *text = atom_text(w, &atom, depth);
  uint64_t size = term.coefficient < 0 ? -(uint64_t)term.coefficient : (uint64_t)term.coefficient;
  put_sign(out, term.coefficient < 0);
  if (size == 1) {
    ptl_strbuf_puts(out, text);
  } else {
    ptl_strbuf_printf(out, is_quotient(&atom) ? "(%s) * %" PRIu64 : "%s * %" PRIu64, text, size);
  }
}

/* A term that counts iterations, if the loop's variable can be told in its place; else -1. */
static int find_turn(const writer *w, ptl_expr expr, ptl_leaf *turn, int64_t *times) {
  const ptl_expr_node *node = &w->exprs->nodes[expr];
  for (int i = 0; i < node->term_count; i++) {
    int leaf = w->exprs->atoms[node->terms[i].atom].leaf;
    int64_t step;
    *turn = leaf < 0 ? (ptl_leaf){.kind = PTL_LEAF_UNKNOWN} : ptl_leaves_at(w->leaves, leaf);
    if (turn->kind == PTL_LEAF_TURN && ptl_expr_is_const(w->exprs, turn->step, &step) && step > 0 &&
        node->terms[i].coefficient % step == 0) {
      *times = node->terms[i].coefficient / step;
      return i;
    }
  }
  return -1;
}

/* Loop variables in place of what counts their iterations; what is left is the result. */
static ptl_expr put_turns(const writer *w, ptl_strbuf *out, ptl_expr expr) {
  ptl_leaf turn;
  int64_t times;
  while (expr >= 0 && find_turn(w, expr, &turn, &times) >= 0) {
    uint64_t size = times < 0 ? -(uint64_t)times : (uint64_t)times;
    put_sign(out, times < 0);
    ptl_strbuf_puts(out, ptl_value_name(w->kernel, turn.value));
    if (size != 1) {
      ptl_strbuf_printf(out, " * %" PRIu64, size);
    }
    ptl_expr part = ptl_expr_mul(w->exprs, turn.variable, ptl_expr_const(w->exprs, times));
    expr = ptl_expr_sub(w->exprs, expr, part);
  }
  return expr;
}

static void put_terms(const writer *w, ptl_strbuf *out, ptl_expr expr, bool are_negative,
                      int depth) {
  for (int i = 0; i < w->exprs->nodes[expr].term_count; i++) {
    ptl_term term = w->exprs->nodes[expr].terms[i];
    if ((term.coefficient < 0) == are_negative) {
      put_term(w, out, term, depth);
    }
  }
}

static const char *text_of(const writer *w, ptl_expr expr, int depth) {
  ptl_strbuf out;
  ptl_strbuf_init(&out, w->arena);
  if (expr < 0 || depth <= 0) {
    return "?";
  }
  expr = put_turns(w, &out, expr);
  if (expr < 0) {
    return "?";
  }
  put_terms(w, &out, expr, false, depth);
  put_terms(w, &out, expr, true, depth);
  int64_t constant = w->exprs->nodes[expr].constant;
  if (out.length == 0) {
    ptl_strbuf_printf(&out, "%" PRId64, constant);
  } else if (constant != 0) {
    put_sign(&out, constant < 0);
    ptl_strbuf_printf(&out, "%" PRIu64, constant < 0 ? -(uint64_t)constant : (uint64_t)constant);
  }
  return out.data;
}

const char *ptl_expr_text(ptl_arena *arena, const ptl_kernel *kernel, ptl_exprs *exprs,
                          const ptl_leaves *leaves, ptl_expr expr) {
  writer w = {arena, kernel, exprs, leaves};
  return text_of(&w, expr, MAX_DEPTH);
}
