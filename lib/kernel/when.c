#include "kernel/when.h"

enum { MAX_SIZE = 16 };

typedef enum when_kind {
  WHEN_NEVER,
  WHEN_NOT_KNOWN,
  WHEN_CONDITION,
  WHEN_AND,
  WHEN_OR,
} when_kind;

struct ptl_when {
  when_kind kind;
  int size;            /* conditions in it */
  ptl_meeting meeting; /* WHEN_CONDITION: where it met, and */
  ptl_expr condition;  /* what holds where it is so: the meeting's condition or its negation */
  bool first;
  const ptl_when *a, *b; /* WHEN_AND, WHEN_OR */
};

static const ptl_when never = {.kind = WHEN_NEVER};
const ptl_when *const ptl_never = &never;
static const ptl_when not_known = {.kind = WHEN_NOT_KNOWN, .size = 1};

static const ptl_when *on_path(ptl_arena *arena, ptl_exprs *exprs, const ptl_meeting *meeting,
                               bool first) {
  ptl_when *when = ptl_arena_alloc(arena, sizeof(*when));
  when->kind = WHEN_CONDITION;
  when->size = 1;
  when->meeting = *meeting;
  when->first = first;
  when->condition = first || meeting->condition < 0 ? meeting->condition
                                                    : ptl_expr_not(exprs, meeting->condition);
  return when;
}

static const ptl_when *join(ptl_arena *arena, when_kind kind, const ptl_when *a,
                            const ptl_when *b) {
  ptl_when *when = ptl_arena_alloc(arena, sizeof(*when));
  when->kind = kind;
  when->size = a->size + b->size;
  when->a = a;
  when->b = b;
  return when;
}

/* On the path `side`, where `when` holds. */
static const ptl_when *both(ptl_arena *arena, const ptl_when *side, const ptl_when *when,
                            bool is_exact) {
  if (!when || when == ptl_never) {
    return when ? ptl_never : side;
  }
  if (side->size + when->size <= MAX_SIZE) {
    return join(arena, WHEN_AND, side, when);
  }
  return is_exact ? &not_known : side;
}

const ptl_when *ptl_when_meet(ptl_arena *arena, ptl_exprs *exprs, const ptl_meeting *meeting,
                              const ptl_when *first, const ptl_when *second, bool is_exact) {
  if (first == second) {
    return first;
  }
  const ptl_when *a = both(arena, on_path(arena, exprs, meeting, true), first, is_exact);
  const ptl_when *b = both(arena, on_path(arena, exprs, meeting, false), second, is_exact);
  if (a == ptl_never || b == ptl_never) {
    return a == ptl_never ? b : a;
  }
  if (a->size + b->size <= MAX_SIZE) {
    return join(arena, WHEN_OR, a, b);
  }
  return is_exact ? &not_known : NULL;
}

const ptl_when *ptl_when_either(ptl_arena *arena, const ptl_when *a, const ptl_when *b) {
  if (a == ptl_never || !b) {
    return b;
  }
  if (b == ptl_never || !a) {
    return a;
  }
  return a->size + b->size <= MAX_SIZE ? join(arena, WHEN_OR, a, b) : &not_known;
}

ptl_truth ptl_when_truth(const ptl_when *when, const ptl_path *path, const ptl_exprs *exprs) {
  if (!when) {
    return PTL_TRUE;
  }
  if (when->kind == WHEN_NEVER) {
    return PTL_FALSE;
  }
  if (when->kind == WHEN_NOT_KNOWN) {
    return PTL_UNKNOWN;
  }
  if (when->kind == WHEN_CONDITION) {
    return ptl_path_truth(path, exprs, when->condition);
  }
  ptl_truth a = ptl_when_truth(when->a, path, exprs), b = ptl_when_truth(when->b, path, exprs);
  ptl_truth decisive = when->kind == WHEN_AND ? PTL_FALSE : PTL_TRUE;
  return a == decisive || b == decisive ? decisive : a == b ? a : PTL_UNKNOWN;
}

/* The first condition in it that is not decided so that it is so; NULL if there is none. */
static const ptl_when *undecided(const ptl_when *when, const ptl_path *path,
                                 const ptl_exprs *exprs) {
  if (when->kind == WHEN_CONDITION) {
    return ptl_path_truth(path, exprs, when->condition) != PTL_TRUE ? when : NULL;
  }
  const ptl_when *result = when->a ? undecided(when->a, path, exprs) : NULL;
  return result || !when->b ? result : undecided(when->b, path, exprs);
}

/* What it takes to tell whether a formula can come out one way or the other. */
typedef struct outlook {
  const ptl_path *path;
  const ptl_exprs *exprs;
  int first_argument, argument_count;
} outlook;

/* Whether no condition of `a` that is not decided depends on one of `b`. */
static bool are_independent(const outlook *o, const ptl_when *a, const ptl_when *b) {
  const ptl_when *split = a->a ? a : b->a ? b : NULL;
  if (split) {
    const ptl_when *other = split == a ? b : a;
    return are_independent(o, split->a, other) && are_independent(o, split->b, other);
  }
  if (a->kind != WHEN_CONDITION || b->kind != WHEN_CONDITION ||
      ptl_path_truth(o->path, o->exprs, a->condition) != PTL_UNKNOWN ||
      ptl_path_truth(o->path, o->exprs, b->condition) != PTL_UNKNOWN) {
    return true;
  }
  return a->condition == b->condition ||
         ptl_expr_are_independent(o->exprs, a->condition, b->condition, o->first_argument,
                                  o->argument_count);
}

/* Whether the formula can surely be so (`wanted`), or not be so. */
static bool is_possible(const outlook *o, const ptl_when *when, bool wanted) {
  if (when->kind == WHEN_NOT_KNOWN || when->kind == WHEN_NEVER) {
    return when->kind == WHEN_NEVER && !wanted;
  }
  if (when->kind == WHEN_CONDITION) {
    ptl_truth truth = ptl_path_truth(o->path, o->exprs, when->condition);
    return truth == (wanted ? PTL_TRUE : PTL_FALSE) ||
           (truth == PTL_UNKNOWN &&
            ptl_path_is_free(o->path, o->exprs, when->condition, when->meeting.number,
                             o->first_argument, o->argument_count));
  }
  bool a = is_possible(o, when->a, wanted), b = is_possible(o, when->b, wanted);
  bool needs_both = (when->kind == WHEN_AND) == wanted;
  return needs_both ? a && b && are_independent(o, when->a, when->b) : a || b;
}

ptl_doubt ptl_when_doubt(const ptl_when *when, const ptl_path *path, const ptl_exprs *exprs,
                         int first_argument, int argument_count, bool wanted) {
  const outlook o = {path, exprs, first_argument, argument_count};
  const ptl_when *reason = undecided(when, path, exprs);
  if (!reason) {
    return (ptl_doubt){NULL, false, false};
  }
  return (ptl_doubt){reason->meeting.op, reason->first, is_possible(&o, when, wanted)};
}
