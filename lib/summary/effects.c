/* Prints the effects of a kernel as lines of text, one for each sink and each other op with an
 * effect, in program order. */
#include "summary/effects.h"

#include <inttypes.h>
#include <string.h>

#include "summary/joined_stores.h"

/* How many lines and stores there were at the begin of a loop. */
typedef struct open_loop {
  int lines, stores;
} open_loop;

struct ptl_describer {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_exprs *exprs;   /* of the walk */
  bool went_by_cases; /* a run, which is not listened to from there on */
  ptl_effects out;
  int capacity;
  ptl_joined_stores stores; /* whose lines are not written yet: what follows may go on with them */
  open_loop *loops;
  int loop_count, loop_capacity;
};

typedef struct ptl_describer describer;

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

/* What has no words. */
static void print_unknown(describer *d, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "?");
  d->out.is_complete = false;
}

/* A value by what it is, not by its number: argument a<i>, loop variable i<depth>, else
 * its op, where that stood, and which result it is. */
static void print_leaf(describer *d, int leaf, ptl_strbuf *out) {
  if (leaf < 0 ||
      leaf >= d->kernel->value_count) { /* a matrix that lies nowhere; one iteration's */
    print_unknown(d, out);
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
    ptl_strbuf_puts(out, depth ? "i" : "a");
    ptl_strbuf_number(out, depth);
    ptl_strbuf_puts(out, ".");
    ptl_strbuf_number(out, mlirBlockArgumentGetArgNumber(value));
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
  if (atom->op > PTL_EXPR_MIN) { /* a condition */
    print_unknown(d, out);
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
    print_unknown(d, out);
    return;
  }
  const ptl_expr_node node = d->exprs->nodes[expr];
  const char **terms = ptl_arena_array(d->arena, (size_t)node.term_count, sizeof(*terms));
  for (int i = 0; i < node.term_count; i++) {
    ptl_strbuf text;
    ptl_strbuf_init(&text, d->arena);
    ptl_strbuf_number(&text, node.terms[i].coefficient);
    ptl_strbuf_puts(&text, "*");
    print_atom(d, &d->exprs->atoms[node.terms[i].atom], &text);
    int at = i;
    for (; at > 0 && strcmp(terms[at - 1], text.data) > 0; at--) {
      terms[at] = terms[at - 1];
    }
    terms[at] = text.data;
  }
  ptl_strbuf_number(out, node.constant);
  for (int i = 0; i < node.term_count; i++) {
    ptl_strbuf_puts(out, "+");
    ptl_strbuf_puts(out, terms[i]);
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
  ptl_strbuf_puts(out, " ");
  ptl_strbuf_puts(out, name);
  ptl_strbuf_puts(out, " ");
  print_expr(d, expr, out);
}

static void print_product(describer *d, const ptl_sum *sum, ptl_strbuf *out) {
  ptl_segment k;
  ptl_k_blocks blocks = {0};
  if (sum->is_open || sum->other ||
      (!ptl_sum_join(d->exprs, sum, &k) && !ptl_sum_blocks(d->exprs, sum, &k, &blocks))) {
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

/* ---- stores that are joined ----------------------------------------------- */

static void flush(describer *d) {
  for (int i = 0; i < d->stores.count; i++) {
    ptl_joined_store *store = &d->stores.items[i];
    describe_sink(d, ptl_joined_store_event(store), store->loops);
  }
  d->stores.count = 0;
}

static void take_sink(describer *d, const ptl_event *event, const char *loops) {
  if (ptl_joined_stores_take(event)) {
    ptl_joined_stores_add(&d->stores, event, loops);
  } else {
    flush(d);
    describe_sink(d, event, loops);
  }
}

/* ---- loops ---------------------------------------------------------------- */

static void enter_loop(describer *d) {
  d->loops =
      ptl_arena_more(d->arena, d->loops, d->loop_count, &d->loop_capacity, sizeof(*d->loops));
  d->loops[d->loop_count++] = (open_loop){d->out.count, d->stores.count};
}

/* A loop that only stores the columns of products is no effect beside that. */
static void leave_loop(describer *d, const ptl_walk *walk, const ptl_op *loop) {
  open_loop open = d->loops[--d->loop_count];
  if (open.lines != d->out.count ||
      !ptl_joined_stores_leave(&d->stores, open.stores, walk, loop, loops_text(d, walk, loop))) {
    flush(d);
  }
}

/* An op with an effect of its own. A barrier only makes pipes wait for each other. */
static bool acts(const ptl_event *event) {
  return event->kind == PTL_EVENT_EFFECT && event->op->kind == PTL_OP_OTHER &&
         event->op->id != PTL_PTO_BARRIER;
}

void ptl_describer_listen(void *user, ptl_walk *walk, const ptl_event *event) {
  describer *d = user;
  d->exprs = d->stores.exprs = ptl_walk_exprs(walk);
  if (event->kind == PTL_EVENT_SINK) {
    take_sink(d, event, loops_text(d, walk, event->op));
  } else if (event->kind == PTL_EVENT_FOR) {
    enter_loop(d);
  } else if (event->kind == PTL_EVENT_END && event->op->kind == PTL_OP_FOR) {
    leave_loop(d, walk, event->op);
  } else if (acts(event)) {
    MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(event->op->op));
    flush(d);
    add_line(d, ptl_arena_copy(d->arena, name.data, name.length));
  } else if (event->kind == PTL_EVENT_FAULT && event->fault == PTL_CODE_NOT_FOLLOWED) {
    d->out.is_complete = false;
  }
}

ptl_describer *ptl_describer_new(ptl_arena *arena, const ptl_kernel *kernel) {
  describer *d = ptl_arena_alloc(arena, sizeof(*d));
  *d = (describer){.arena = arena,
                   .kernel = kernel,
                   .stores = {.arena = arena, .kernel = kernel},
                   .out = {.is_complete = true}};
  return d;
}

void ptl_describer_listen_to_run(void *user, ptl_walk *walk, const ptl_event *event) {
  describer *d = user;
  d->went_by_cases |=
      event->kind == PTL_EVENT_FIRST || event->kind == PTL_EVENT_FOR || event->kind == PTL_EVENT_IF;
  if (!d->went_by_cases) {
    ptl_describer_listen(d, walk, event);
  }
}

static bool has_sink_in_loop(const ptl_block *block) {
  bool result = false;
  for (int i = 0; block && i < block->op_count && !result; i++) {
    const ptl_op *op = &block->ops[i];
    result = op->kind == PTL_OP_FOR
                 ? op->holds_sink
                 : has_sink_in_loop(op->blocks[0]) || has_sink_in_loop(op->blocks[1]);
  }
  return result;
}

bool ptl_describer_went_straight(const ptl_describer *d) {
  return !d->went_by_cases && !has_sink_in_loop(d->kernel->body);
}

ptl_effects ptl_describer_end(ptl_describer *d, ptl_status walked) {
  flush(d);
  d->out.is_complete = d->out.is_complete && walked == PTL_OK;
  return d->out;
}

ptl_effects ptl_kernel_effects(ptl_arena *arena, const ptl_kernel *kernel,
                               const ptl_target *target) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  describer *d = ptl_describer_new(arena, kernel);
  return ptl_describer_end(
      d, ptl_walk_run(arena, kernel, target, PTL_WALK_ONCE, &exprs, ptl_describer_listen, d));
}
