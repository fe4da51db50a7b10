/* Formulas over the conditions of meetings: built at a meeting, decided by a path. A formula that
 * grows past its limit is taken for "not known". */
#include "expr/when.h"

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

enum { MAX_TRIED = 6 };

/* Conditions that are not decided, and what they are taken to be. */
typedef struct trial {
  const ptl_path *path;
  const ptl_exprs *exprs;
  int first_argument, argument_count;
  const ptl_when *conditions[MAX_TRIED]; /* one for each meeting condition */
  ptl_truth values[MAX_TRIED];           /* of a condition, not of its negation */
  int count;
} trial;

static int find_condition(const trial *t, const ptl_when *when) {
  for (int i = 0; i < t->count; i++) {
    if (t->conditions[i] == when ||
        (when->meeting.condition >= 0 &&
         t->conditions[i]->meeting.condition == when->meeting.condition)) {
      return i;
    }
  }
  return -1;
}

/* The conditions of a formula that are not decided; false if they are too many. */
static bool collect_conditions(trial *t, const ptl_when *when) {
  if (when->kind == WHEN_AND || when->kind == WHEN_OR) {
    return collect_conditions(t, when->a) && collect_conditions(t, when->b);
  }
  if (when->kind != WHEN_CONDITION || find_condition(t, when) >= 0 ||
      ptl_path_truth(t->path, t->exprs, when->condition) != PTL_UNKNOWN) {
    return true;
  }
  if (t->count == MAX_TRIED) {
    return false;
  }
  t->conditions[t->count++] = when;
  return true;
}

static ptl_truth value_of(const trial *t, const ptl_when *when) {
  int i = find_condition(t, when);
  ptl_truth truth = i < 0 ? ptl_path_truth(t->path, t->exprs, when->condition) : t->values[i];
  bool is_negated = i >= 0 && !when->first;
  return truth == PTL_UNKNOWN || !is_negated ? truth : truth == PTL_TRUE ? PTL_FALSE : PTL_TRUE;
}

static ptl_truth come_out(const trial *t, const ptl_when *when) {
  switch (when->kind) {
  case WHEN_NEVER:
    return PTL_FALSE;
  case WHEN_NOT_KNOWN:
    return PTL_UNKNOWN;
  case WHEN_CONDITION:
    return value_of(t, when);
  default:
    break;
  }
  ptl_truth a = come_out(t, when->a), b = come_out(t, when->b);
  ptl_truth decisive = when->kind == WHEN_AND ? PTL_FALSE : PTL_TRUE;
  return a == decisive || b == decisive ? decisive : a == b ? a : PTL_UNKNOWN;
}

/* Whether a condition can be either way, whatever was decided since and the conditions before it
 * are taken to be. */
static bool is_open(const trial *t, int index) {
  const ptl_when *own = t->conditions[index];
  bool is_free = ptl_path_is_free(t->path, t->exprs, own->condition, own->meeting.number,
                                  t->first_argument, t->argument_count);
  for (int i = 0; i < index && is_free; i++) {
    is_free = t->values[i] == PTL_UNKNOWN ||
              ptl_expr_are_independent(t->exprs, own->condition, t->conditions[i]->condition,
                                       t->first_argument, t->argument_count);
  }
  return is_free;
}

/* Whether the conditions from `index` on can be so that the formula surely is (`wanted`) or is
 * not. */
static bool is_possible(trial *t, const ptl_when *when, int index, ptl_truth wanted) {
  static const ptl_truth values[] = {PTL_UNKNOWN, PTL_TRUE, PTL_FALSE};
  bool found = false;
  if (index == t->count) {
    return come_out(t, when) == wanted;
  }
  int count = is_open(t, index) ? 3 : 1;
  for (int i = 0; i < count && !found; i++) {
    t->values[index] = values[i];
    found = is_possible(t, when, index + 1, wanted);
  }
  return found;
}

ptl_doubt ptl_when_doubt(const ptl_when *when, const ptl_path *path, const ptl_exprs *exprs,
                         int first_argument, int argument_count, bool wanted) {
  trial t = {path, exprs, first_argument, argument_count, {NULL}, {PTL_UNKNOWN}, 0};
  const ptl_when *reason = undecided(when, path, exprs);
  if (!reason) {
    return (ptl_doubt){NULL, false, false};
  }
  bool is_certain =
      collect_conditions(&t, when) && is_possible(&t, when, 0, wanted ? PTL_TRUE : PTL_FALSE);
  return (ptl_doubt){reason->meeting.op, reason->first, is_certain};
}
