/* A popped tile is given back once, in the block of its tpop and before the next tpop of its pipe.
 *
 * That is what ptoas means tpop and tfree to do, in a pass that its driver leaves out up to 0.60
 * (PTOAS:lib/PTO/Transforms/PTOVerifyTFreePass.cpp, "requires an explicit matching tfree",
 * "multiple outstanding pops on the same pipe are not supported"). On a5 a tfree hands the slot to
 * the producer: one too few and it waits, one too many and it writes into a slot that is in use, so
 * there the tile's last use comes first as well (pto-isa:include/pto/npu/a5/TFree.hpp). On
 * a2a3 a popped tile stays (pto-isa:include/pto/npu/a2a3/TFree.hpp).
 */
#include "rules/rules_state.h"

/* A popped tile that is not given back yet; a stack, the innermost first. */
typedef struct open_pop {
  struct open_pop *below;
  const ptl_op *pop;
  const ptl_block *block;
} open_pop;

typedef struct frees {
  ptl_rules *rules;
  ptl_rule_listener listener;
  void *user;
  open_pop *open;
  const ptl_op **freed_by; /* by value number; NULL: not given back */
} frees;

static bool is_pop(const ptl_op *op) { return ptl_row(op)->act == PTL_PIPE_POP; }

static bool is_free(const ptl_op *op) { return ptl_row(op)->act == PTL_PIPE_FREE; }

static bool is_from_cube(const ptl_op *op) { return ptl_row(op)->direction == PTL_C2V; }

static int64_t id_of(const ptl_op *op) {
  int64_t id;
  return ptl_rule_integer_attr(op, "id", &id) ? id : 0;
}

static bool is_same_pipe(const ptl_op *a, const ptl_op *b) {
  return is_from_cube(a) == is_from_cube(b) && id_of(a) == id_of(b);
}

static void report(const frees *f, const ptl_op *op, const ptl_op *other, const char *text) {
  f->listener(f->user, op, other, text);
}

/* The open tile of a pipe, and what leads to it. */
static open_pop **find_open(frees *f, const ptl_op *op) {
  open_pop **at = &f->open;
  while (*at && !is_same_pipe((*at)->pop, op)) {
    at = &(*at)->below;
  }
  return at;
}

static void follow_pop(frees *f, const ptl_block *block, const ptl_op *op) {
  const open_pop *before = *find_open(f, op);
  if (before) {
    report(f, op, before->pop,
           PTL_RULE_SAY(f->rules,
                        "the tile that was popped from pipe %" PRId64
                        " before is not given back yet, and one is out at a time: put its "
                        "tfree_from_%s before this",
                        id_of(op), is_from_cube(op) ? "aic" : "aiv"));
  }
  open_pop *open = ptl_arena_array(f->rules->arena, 1, sizeof(*open));
  *open = (open_pop){f->open, op, block};
  f->open = open;
}

static void follow_free(frees *f, const ptl_block *block, const ptl_op *op) {
  open_pop **found = find_open(f, op);
  const open_pop *open = *found;
  if (!open) {
    report(f, op, NULL,
           PTL_RULE_SAY(f->rules,
                        "no tile of pipe %" PRId64
                        " is popped here that is not given back already; one tfree_from_%s "
                        "follows each tpop_from_%s",
                        id_of(op), is_from_cube(op) ? "aic" : "aiv",
                        is_from_cube(op) ? "aic" : "aiv"));
    return;
  }
  if (open->block != block) {
    report(f, op, open->pop,
           "the tile that this gives back was popped outside of this block; the tfree belongs into "
           "the "
           "block of the tpop, where it runs as often");
  }
  f->freed_by[open->pop->first_result] = op;
  *found = open->below;
}

static void check_uses(const frees *f, const ptl_op *op) {
  for (int i = 0; !f->rules->family->pops_give_back && i < op->operand_count; i++) {
    const ptl_op *freed_by = op->operands[i] >= 0 ? f->freed_by[op->operands[i]] : NULL;
    if (freed_by) {
      report(f, op, freed_by,
             PTL_RULE_SAY(f->rules,
                          "operand %d is a popped tile that was given back before; put its tfree "
                          "behind this",
                          i));
      return;
    }
  }
}

static void follow_block(frees *f, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    check_uses(f, op);
    if (is_pop(op)) {
      follow_pop(f, block, op);
    } else if (is_free(op)) {
      follow_free(f, block, op);
    }
    follow_block(f, op->blocks[0]);
    follow_block(f, op->blocks[1]);
  }
  for (; f->open && f->open->block == block; f->open = f->open->below) {
    report(f, f->open->pop, NULL,
           PTL_RULE_SAY(f->rules,
                        "the popped tile is not given back: a tfree_from_%s of pipe %" PRId64
                        " has to follow in this block",
                        is_from_cube(f->open->pop) ? "aic" : "aiv", id_of(f->open->pop)));
  }
}

void ptl_rules_check_frees(ptl_rules *r, ptl_rule_listener listener, void *user) {
  size_t values = (size_t)r->kernel->value_count;
  frees f = {.rules = r,
             .listener = listener,
             .user = user,
             .freed_by = ptl_arena_array(r->arena, values, sizeof(ptl_op *))};
  follow_block(&f, r->kernel->body);
}
