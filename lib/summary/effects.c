/* Prints the effects of a kernel as lines of text, one for each sink and each other op with an
 * effect, in program order. */
#include "summary/effects.h"

#include <inttypes.h>
#include <string.h>

typedef struct describer {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_exprs exprs;
  ptl_effects out;
  int capacity;
  ptl_event store; /* the last, of whole rows of a product, whose line is not written yet: what
                      follows may go on with the next rows; `op` NULL: there is none */
  ptl_tile store_tile;
  ptl_region store_part;
  ptl_sum store_sum;
  ptl_content store_content;
  const char *store_loops;
} describer;

static void print_expr(describer *d, ptl_expr expr, ptl_strbuf *out);

/* Where an op stood in the input, as its emitted form says, too: by its own
 * loc(...), else by file, line and column. */
static void print_origin(describer *d, MlirOperation op, ptl_strbuf *out) {
  ptl_loc_parts parts = ptl_loc_parts_of(d->arena, mlirOperationGetLocation(op));
  if (parts.loc.model) {
    ptl_strbuf_puts(out, parts.loc.model);
  } else if (parts.loc.file) {
    const char *slash = strrchr(parts.loc.file, '/');
    ptl_strbuf_printf(out, "\"%s\":%d:%d", slash ? slash + 1 : parts.loc.file, parts.loc.line,
                      parts.loc.column);
  }
  ptl_strbuf_printf(out, " %%%s", parts.name ? parts.name : "");
}

/* A value by what it is, not by its number: argument a<i>, loop variable i<depth>, else
 * its op, where that stood, and which result it is. */
static void print_leaf(describer *d, int leaf, ptl_strbuf *out) {
  if (leaf >= d->kernel->value_count) {
    ptl_strbuf_puts(out, "?");
    d->out.is_complete = false;
    return;
  }
  MlirValue value = d->kernel->values[leaf].value;
  if (mlirValueIsABlockArgument(value)) {
    int depth = 0;
    MlirOperation op = mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value));
    while (!mlirOperationEqual(op, d->kernel->func)) {
      depth++;
      op = mlirOperationGetParentOperation(op);
    }
    ptl_strbuf_printf(out, "%s%d.%" PRIdPTR, depth ? "i" : "a", depth,
                      mlirBlockArgumentGetArgNumber(value));
    return;
  }
  MlirOperation owner = mlirOpResultGetOwner(value);
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(owner));
  ptl_strbuf_printf(out, "%.*s#%" PRIdPTR " at ", (int)name.length, name.data,
                    mlirOpResultGetResultNumber(value));
  print_origin(d, owner, out);
}

static void print_atom(describer *d, const ptl_atom *atom, ptl_strbuf *out) {
  static const char *const names[] = {"", "mul", "div", "rem", "max", "min"};
  if (atom->op == PTL_EXPR_LEAF) {
    print_leaf(d, atom->leaf, out);
    return;
  }
  ptl_strbuf a, b;
  ptl_strbuf_init(&a, d->arena);
  ptl_strbuf_init(&b, d->arena);
  print_expr(d, atom->a, &a);
  print_expr(d, atom->b, &b);
  bool commutes = atom->op != PTL_EXPR_DIV && atom->op != PTL_EXPR_REM;
  bool swap = commutes && strcmp(a.data, b.data) > 0;
  ptl_strbuf_printf(out, "%s(%s, %s)", names[atom->op], swap ? b.data : a.data,
                    swap ? a.data : b.data);
}

/* Terms in the order of their texts: the order of the walk must not show. */
static void print_expr(describer *d, ptl_expr expr, ptl_strbuf *out) {
  if (expr < 0) {
    ptl_strbuf_puts(out, "?");
    d->out.is_complete = false;
    return;
  }
  const ptl_expr_node node = d->exprs.nodes[expr];
  const char **terms = ptl_arena_array(d->arena, (size_t)node.term_count, sizeof(*terms));
  for (int i = 0; i < node.term_count; i++) {
    ptl_strbuf text;
    ptl_strbuf_init(&text, d->arena);
    ptl_strbuf_printf(&text, "%" PRId64 "*", node.terms[i].coefficient);
    print_atom(d, &d->exprs.atoms[node.terms[i].atom], &text);
    int at = i;
    for (; at > 0 && strcmp(terms[at - 1], text.data) > 0; at--) {
      terms[at] = terms[at - 1];
    }
    terms[at] = text.data;
  }
  ptl_strbuf_printf(out, "%" PRId64, node.constant);
  for (int i = 0; i < node.term_count; i++) {
    ptl_strbuf_printf(out, "+%s", terms[i]);
  }
}

static void print_matrix(describer *d, const ptl_region *region, ptl_strbuf *out) {
  print_leaf(d, region->root, out);
  ptl_strbuf_printf(out, ":%s strides ", ptl_elem_name(region->elem));
  print_expr(d, region->row_stride, out);
  ptl_strbuf_puts(out, ", ");
  print_expr(d, region->col_stride, out);
}

static void print_named(describer *d, const char *name, ptl_expr expr, ptl_strbuf *out) {
  ptl_strbuf_printf(out, " %s ", name);
  print_expr(d, expr, out);
}

static void print_product(describer *d, const ptl_sum *sum, ptl_strbuf *out) {
  ptl_segment k;
  ptl_k_blocks blocks = {0};
  if (!ptl_sum_join(&d->exprs, sum, &k) && !ptl_sum_blocks(&d->exprs, sum, &k, &blocks)) {
    d->out.is_complete = false;
    ptl_strbuf_puts(out, "?");
    return;
  }
  print_matrix(d, &sum->lhs, out);
  print_named(d, "row", sum->lhs.row, out);
  print_named(d, "k", k.lhs_k, out);
  print_named(d, "m", sum->m, out);
  ptl_strbuf_printf(out, " times %s", sum->rhs_transposed ? "transposed " : "");
  print_matrix(d, &sum->rhs, out);
  print_named(d, "n at", sum->rhs_transposed ? sum->rhs.row : sum->rhs.col, out);
  print_named(d, "k", k.rhs_k, out);
  print_named(d, "n", sum->n, out);
  ptl_strbuf_printf(out, " over %" PRId64, k.length);
  if (blocks.length > 0) {
    ptl_strbuf_printf(
        out, " in blocks of %" PRId64 " and %" PRId64 ", %" PRId64 " and %" PRId64 " apart",
        blocks.lhs_width, blocks.rhs_length, blocks.lhs_down, blocks.rhs_step);
  }
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

/* The op's own attributes, but for those that only say how its operands are grouped. */
static void print_attributes(const ptl_op *op, ptl_strbuf *out) {
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op->op); i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(op->op, i);
    MlirStringRef name = mlirIdentifierStr(attribute.name);
    if (name.length == 19 && memcmp(name.data, "operandSegmentSizes", 19) == 0) {
      continue;
    }
    ptl_strbuf_printf(out, " %.*s=", (int)name.length, name.data);
    mlirAttributePrint(attribute.attribute, append_text, out);
  }
}

static void add_line(describer *d, const char *line) {
  d->out.lines =
      ptl_arena_more(d->arena, d->out.lines, d->out.count, &d->capacity, sizeof(*d->out.lines));
  d->out.lines[d->out.count++] = line;
}

/* Where a store goes that is not to a part of a matrix. */
static void print_window(describer *d, const ptl_gm_window *window, ptl_strbuf *out) {
  print_leaf(d, window->root, out);
  print_named(d, "from", window->base, out);
  for (int i = 0; i < window->rank; i++) {
    print_named(d, "at", window->offsets[i], out);
    print_named(d, "to", window->extents[i], out);
    print_named(d, "stride", window->strides[i], out);
  }
}

static void print_target(describer *d, const ptl_event *event, ptl_strbuf *out) {
  const ptl_region *part = event->part;
  ptl_strbuf_puts(out, " to ");
  if (part) {
    print_matrix(d, part, out);
    print_named(d, "row", part->row, out);
    print_named(d, "col", part->col, out);
    print_named(d, "rows", part->rows, out);
    print_named(d, "cols", part->cols, out);
  } else if (event->window) {
    print_window(d, event->window, out);
  } else {
    d->out.is_complete = false;
  }
}

/* The loops around a sink, by their bounds and steps. */
static const char *loops_text(describer *d, const ptl_walk *walk, const ptl_op *op) {
  ptl_strbuf out;
  ptl_strbuf_init(&out, d->arena);
  ptl_strbuf_puts(&out, "");
  for (op = op->parent; op; op = op->parent) {
    if (op->kind != PTL_OP_FOR) {
      continue;
    }
    ptl_strbuf_puts(&out, " for");
    for (int i = 0; i < 3; i++) {
      ptl_expr bound = ptl_integer_at(walk, op->operands[i]);
      ptl_strbuf_puts(&out, i > 0 ? ", " : " ");
      if (bound < 0) {
        ptl_strbuf_puts(&out, "?");
      } else {
        print_expr(d, bound, &out);
      }
    }
  }
  return out.data;
}

static void describe_sink(describer *d, const ptl_event *event, const char *loops) {
  ptl_strbuf line;
  ptl_strbuf_init(&line, d->arena);
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(event->op->op));
  ptl_strbuf_printf(&line, "%.*s", (int)name.length, name.data);
  print_attributes(event->op, &line);
  if (event->op->kind == PTL_OP_STORE) {
    print_target(d, event, &line);
  }
  print_named(d, "valid", event->tile->valid_rows, &line);
  if (event->is_whole && event->content->sum->n != event->tile->valid_cols) {
    print_named(d, "by", event->tile->valid_cols, &line);
  }
  ptl_strbuf_puts(&line, " of ");
  if (event->is_whole) {
    print_product(d, event->content->sum, &line);
  } else {
    d->out.is_complete = false;
  }
  ptl_strbuf_puts(&line, loops);
  add_line(d, line.data);
}

/* ---- stores of rows after each other ------------------------------------- */

/* Stores that take a product row by row are one store of all rows: how many at once is no effect.
 */

/* Whether all rows of a product go to as many rows of a matrix. */
static bool stores_rows(const ptl_event *event) {
  return event->op->kind == PTL_OP_STORE && event->part && event->is_whole &&
         event->part->rows == event->content->sum->m &&
         event->tile->valid_rows == event->content->sum->m;
}

static void flush(describer *d) {
  if (d->store.op) {
    describe_sink(d, &d->store, d->store_loops);
  }
  d->store.op = NULL;
}

static bool is_same_matrix(const ptl_region *a, const ptl_region *b) {
  return a->root == b->root && a->elem == b->elem && a->row_stride == b->row_stride &&
         a->col_stride == b->col_stride;
}

static bool has_same_attributes(describer *d, const ptl_op *a, const ptl_op *b) {
  ptl_strbuf x, y;
  ptl_strbuf_init(&x, d->arena);
  ptl_strbuf_init(&y, d->arena);
  print_attributes(a, &x);
  print_attributes(b, &y);
  return a->id == b->id && ptl_str_equal((ptl_str){x.data, x.length}, (ptl_str){y.data, y.length});
}

/* Whether the rows of the product, and those that they go to, are the next after the last store's.
 */
static bool continues(describer *d, const ptl_event *event) {
  const ptl_sum *last = &d->store_sum, *sum = event->content->sum;
  const ptl_region *to = &d->store_part, *part = event->part;
  ptl_segment a, b;
  return mlirBlockEqual(mlirOperationGetBlock(d->store.op->op),
                        mlirOperationGetBlock(event->op->op)) &&
         is_same_matrix(&last->lhs, &sum->lhs) && is_same_matrix(&last->rhs, &sum->rhs) &&
         is_same_matrix(to, part) && to->col == part->col && to->cols == part->cols &&
         part->row == ptl_expr_add(&d->exprs, to->row, to->rows) &&
         sum->lhs.row == ptl_expr_add(&d->exprs, last->lhs.row, last->m) &&
         last->rhs_transposed == sum->rhs_transposed && last->rhs.row == sum->rhs.row &&
         last->rhs.col == sum->rhs.col && last->n == sum->n && ptl_sum_join(&d->exprs, last, &a) &&
         ptl_sum_join(&d->exprs, sum, &b) && a.lhs_k == b.lhs_k && a.rhs_k == b.rhs_k &&
         a.length == b.length && has_same_attributes(d, d->store.op, event->op);
}

static void keep_store(describer *d, const ptl_event *event, const char *loops) {
  d->store_loops = loops;
  d->store = *event;
  d->store_tile = *event->tile;
  d->store_part = *event->part;
  d->store_sum = *event->content->sum;
  d->store_content = *event->content;
  d->store_content.sum = &d->store_sum;
  d->store.tile = &d->store_tile;
  d->store.part = &d->store_part;
  d->store.content = &d->store_content;
}

static void add_rows(describer *d, ptl_expr rows) {
  d->store_sum.m = ptl_expr_add(&d->exprs, d->store_sum.m, rows);
  d->store_part.rows = d->store_sum.m;
  d->store_tile.valid_rows = d->store_sum.m;
}

static void take_sink(describer *d, const ptl_event *event, const char *loops) {
  if (!stores_rows(event)) {
    flush(d);
    describe_sink(d, event, loops);
  } else if (d->store.op && continues(d, event)) {
    add_rows(d, event->content->sum->m);
  } else {
    flush(d);
    keep_store(d, event, loops);
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  describer *d = user;
  if (event->kind == PTL_EVENT_SINK) {
    take_sink(d, event, loops_text(d, walk, event->op));
  } else if (event->kind == PTL_EVENT_EFFECT && event->op->kind == PTL_OP_OTHER) {
    MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(event->op->op));
    flush(d);
    add_line(d, ptl_arena_copy(d->arena, name.data, name.length));
  } else if (event->kind == PTL_EVENT_FAULT && event->fault == PTL_CODE_NOT_FOLLOWED) {
    d->out.is_complete = false;
  }
}

ptl_effects ptl_kernel_effects(ptl_arena *arena, const ptl_kernel *kernel,
                               const ptl_target *target) {
  describer d = {.arena = arena, .kernel = kernel};
  d.out.is_complete = true;
  ptl_exprs_init(&d.exprs, arena);
  if (ptl_walk_run(arena, kernel, target, PTL_WALK_ONCE, &d.exprs, listen, &d) != PTL_OK) {
    d.out.is_complete = false;
  }
  flush(&d);
  return d.out;
}
