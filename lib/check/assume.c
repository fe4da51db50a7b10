/* Collects what a proof took for granted of a kernel: signs of arguments, pointers that do not
 * alias, bounds that arguments decide. */
#include "check/assume.h"

#include <string.h>

#include "kernel/describe.h"

void ptl_assume(ptl_arena *arena, ptl_assumptions *assumptions, ptl_assumption_kind kind,
                const char *text) {
  for (int i = 0; i < assumptions->count; i++) {
    if (strcmp(assumptions->items[i].text, text) == 0) {
      return;
    }
  }
  assumptions->items = ptl_arena_more(arena, assumptions->items, assumptions->count,
                                      &assumptions->capacity, sizeof(ptl_assumption));
  assumptions->items[assumptions->count++] = (ptl_assumption){kind, text};
}

/* The sign rule was used on this value of the kernel, or on one that is no argument. */
static void assume_sign(ptl_arena *arena, ptl_assumptions *assumptions, const ptl_kernel *kernel,
                        int leaf) {
  const ptl_block *body = kernel->body;
  bool is_argument =
      leaf >= body->first_argument && leaf < body->first_argument + body->argument_count;
  const char *name = is_argument ? ptl_value_name(kernel, leaf) : "";
  ptl_assume(arena, assumptions, PTL_ASSUMES_SIGN,
             *name         ? ptl_arena_printf(arena, "%s is not negative", name)
             : is_argument ? "index arguments are not negative"
                           : "block indices and loop variables are not negative");
}

typedef struct traffic {
  bool loads, stores;
} traffic;

static void collect_traffic(const ptl_block *block, traffic *out) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    out->loads = out->loads || op->kind == PTL_OP_LOAD;
    out->stores = out->stores || op->kind == PTL_OP_STORE;
    collect_traffic(op->blocks[0], out);
    collect_traffic(op->blocks[1], out);
  }
}

void ptl_assume_of_walk(ptl_arena *arena, ptl_assumptions *assumptions, const ptl_kernel *kernel,
                        const ptl_exprs *exprs) {
  int pointers = 0;
  traffic traffic = {false, false};
  for (int i = 0; i < exprs->atom_count; i++) {
    if (exprs->atoms[i].op == PTL_EXPR_LEAF && exprs->atoms[i].assumed) {
      assume_sign(arena, assumptions, kernel, exprs->atoms[i].leaf);
    }
  }
  for (int i = 0; i < kernel->body->argument_count; i++) {
    pointers += kernel->values[kernel->body->first_argument + i].is_pointer;
  }
  collect_traffic(kernel->body, &traffic);
  if (pointers > 1 && traffic.loads && traffic.stores) {
    ptl_assume(arena, assumptions, PTL_ASSUMES_NO_ALIAS,
               "the memory of different pointer arguments does not overlap");
  }
}
