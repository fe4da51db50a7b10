#include "kernel/check.h"

#include <inttypes.h>

typedef struct checker {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  ptl_exprs exprs;
  ptl_findings found;
  int capacity;
} checker;

static void add(checker *c, ptl_finding finding) {
  for (int i = 0; i < c->found.count; i++) {
    if (c->found.items[i].op == finding.op && c->found.items[i].fault == finding.fault) {
      return;
    }
  }
  if (c->found.count == c->capacity) {
    int capacity = c->capacity ? c->capacity * 2 : 16;
    c->found.items = ptl_arena_grow(c->arena, c->found.items, (size_t)c->found.count,
                                    (size_t)capacity, sizeof(ptl_finding));
    c->capacity = capacity;
  }
  c->found.items[c->found.count++] = finding;
}

static void check_sink(checker *c, const ptl_event *event) {
  ptl_segment k;
  if (event->content && event->content->holds == PTL_HOLDS_SUM &&
      !ptl_sum_join(&c->exprs, event->content->sum, &k)) {
    add(c, (ptl_finding){PTL_FAULT_MIXED_SUM, event->op, event->content->writer,
                         "the K chunks of the product that leaves here overlap, leave a gap, or "
                         "(floats) are not in ascending order"});
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  checker *c = user;
  (void)walk;
  if (event->kind == PTL_EVENT_FAULT) {
    add(c, (ptl_finding){event->fault, event->op, event->other, event->text});
  } else if (event->kind == PTL_EVENT_SINK) {
    check_sink(c, event);
  }
}

/* ---- what automatic synchronisation cannot handle ----------------------- */

/* An alloc_tile with a constant address, and how its tile is used in loops. */
typedef struct place {
  const ptl_op *alloc;
  ptl_range range;
  int value;
} place;

typedef struct places {
  checker *checker;
  place *items;
  int count, capacity;
} places;

static bool constant_address(const checker *c, const ptl_block *block, int value, int64_t *out) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_CONST && op->first_result == value) {
      *out = op->imm;
      return true;
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j] && constant_address(c, op->blocks[j], value, out)) {
        return true;
      }
    }
  }
  return false;
}

static int64_t tile_bytes(const checker *c, const ptl_tile_type *type) {
  return type->space == PTL_SPACE_ACC ? ptl_acc_bytes(c->target, type->elem, type->rows, type->cols)
                                      : type->rows * type->cols * ptl_elem_bytes(type->elem);
}

static void collect_places(places *p, const ptl_block *block) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    int64_t address;
    if (op->kind == PTL_OP_ALLOC && op->address >= 0 &&
        p->checker->kernel->values[op->first_result].is_tile &&
        constant_address(p->checker, p->checker->kernel->body, op->address, &address)) {
      const ptl_tile_type *type = &p->checker->kernel->values[op->first_result].tile;
      if (p->count == p->capacity) {
        int capacity = p->capacity ? p->capacity * 2 : 32;
        p->items = ptl_arena_grow(p->checker->arena, p->items, (size_t)p->count, (size_t)capacity,
                                  sizeof(place));
        p->capacity = capacity;
      }
      p->items[p->count++] = (place){
          op, {type->space, 0, address, address + tile_bytes(p->checker, type)}, op->first_result};
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        collect_places(p, op->blocks[j]);
      }
    }
  }
}

static void check_partial_overlap(places *p) {
  for (int i = 0; i < p->count; i++) {
    for (int j = 0; j < i; j++) {
      const ptl_range *a = &p->items[i].range, *b = &p->items[j].range;
      if (a->space == b->space && a->begin_bytes != b->begin_bytes &&
          a->begin_bytes < b->end_bytes && b->begin_bytes < a->end_bytes) {
        add(p->checker,
            (ptl_finding){PTL_FAULT_PARTIAL_OVERLAP, p->items[i].alloc, p->items[j].alloc,
                          ptl_arena_printf(p->checker->arena,
                                           "the %s tiles at %" PRId64 " and %" PRId64
                                           " overlap in part; ptoas up to 0.48 ties only tiles "
                                           "of one base address",
                                           ptl_space_name(a->space), a->begin_bytes,
                                           b->begin_bytes)});
      }
    }
  }
}

static void note_loaded(const places *p, const ptl_op *op, int64_t *addresses, int *count,
                        int capacity) {
  for (int i = 0; i < p->count; i++) {
    if (p->items[i].value != op->operands[1] || p->items[i].range.space != PTL_SPACE_MAT) {
      continue;
    }
    for (int j = 0; j < *count; j++) {
      if (addresses[j] == p->items[i].range.begin_bytes) {
        return;
      }
    }
    if (*count < capacity) {
      addresses[(*count)++] = p->items[i].range.begin_bytes;
    }
    return;
  }
}

static void collect_loads(const places *p, const ptl_block *block, int64_t *addresses, int *count,
                          int capacity) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_LOAD) {
      note_loaded(p, op, addresses, count, capacity);
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        collect_loads(p, op->blocks[j], addresses, count, capacity);
      }
    }
  }
}

/* Mat tiles that a loop loads anew in each iteration: each ties up event ids. */
static void check_carried(const places *p, const ptl_block *block) {
  enum { MAX_TILES = 64 };
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      int64_t addresses[MAX_TILES];
      int count = 0;
      collect_loads(p, op->blocks[0], addresses, &count, MAX_TILES);
      int64_t limit = ptl_target_max_carried(p->checker->target);
      if (count > limit) {
        add(p->checker,
            (ptl_finding){PTL_FAULT_EVENT_IDS, op, NULL,
                          ptl_arena_printf(p->checker->arena,
                                           "the loop carries %d Mat tiles from iteration to "
                                           "iteration; ptoas has event ids for %" PRId64,
                                           count, limit)});
      }
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j]) {
        check_carried(p, op->blocks[j]);
      }
    }
  }
}

ptl_findings ptl_check_kernel(ptl_arena *arena, const ptl_kernel *kernel,
                              const ptl_target *target) {
  checker c = {.arena = arena, .kernel = kernel, .target = target};
  ptl_exprs_init(&c.exprs, arena);
  if (ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &c.exprs, listen, &c) != PTL_OK) {
    return c.found; /* the walk reported that it took too long */
  }
  places p = {.checker = &c};
  collect_places(&p, kernel->body);
  check_partial_overlap(&p);
  check_carried(&p, kernel->body);
  return c.found;
}
