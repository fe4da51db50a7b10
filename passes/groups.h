/* The groups of products of a function: those of one lhs that are computed together, from being
 * collected to being decided on. Shared by the parts of fuse-products. */
#ifndef PTL_PASSES_GROUPS_H
#define PTL_PASSES_GROUPS_H

#include "ir/session.h"
#include "plan/plan.h"

typedef struct ptl_group {
  MlirOperation ops[PTL_MAX_RHS]; /* ptolower.matmul */
  int count;
  int row_tiles; /* the product is to be cut in as many along its rows; the plan is that of one */
  int64_t turns; /* of a loop over the columns, which the plan is to do as well; 1: of none */
  ptl_plan plan;
  const ptl_reference *reference; /* what the plan must not exceed, or NULL */
} ptl_group;

typedef struct ptl_groups {
  ptl_session *session;
  MlirOperation func;
  ptl_group *items;
  int count, capacity;
  bool has_pair;
  bool joins_tiles;                    /* column tiles that the input loads as one are one rhs */
  int share;                           /* each plan gets one of so many parts of the buffers */
  int64_t used_bytes[PTL_SPACE_COUNT]; /* by the plans of all groups */
} ptl_groups;

/* ---- groups.c: what there is ---- */

/* Adds the ptolower.matmul `op` to the groups, `user`: to the last one if it goes with it. */
void ptl_groups_collect(MlirOperation op, void *user);
void ptl_groups_insert(ptl_groups *g, int at, const ptl_group *group);

/* Whether no ptoas compiles the function, and that is to be changed. */
bool ptl_groups_are_broken(const ptl_groups *g);
bool ptl_groups_have_pair(const ptl_groups *g);

/* Whether no result of a group is still to leave when another is computed. */
bool ptl_groups_are_apart(const ptl_groups *g);

/* The problem of a whole group: those of its ops side by side. False: it has no constant extents.
 */
bool ptl_group_problem(ptl_groups *g, const ptl_group *group, ptl_problem *out);

/* The op in front of which the group is computed: the first that takes one of its results. */
MlirOperation ptl_group_place(const ptl_group *group);

/* Halves a group: equal halves have equal plans, which can take turns in one place. */
void ptl_group_halve(ptl_group *first, ptl_group *second);

/* Makes a group of each row tile that is planned; of each that is needed, before there are plans.
 */
void ptl_groups_cut_rows(ptl_groups *g);
void ptl_groups_cut_high(ptl_groups *g);

/* ---- group_plans.c: how they are computed, and how long that takes ---- */

/* Plans every group. One that has no plan is halved; false: a single product has none, `why` and
 * `where` say which. */
bool ptl_groups_plan(ptl_groups *g, ptl_no_plan *why, MlirOperation *where);

/* Whether a group of more rows than a tile has, which can be cut in tiles of `rows`, is computed
 * faster if each rhs stays in Mat for all of them; its ops are marked then. */
bool ptl_group_keeps_rhs(ptl_groups *g, ptl_group *group, int64_t rows);

/* Whether the plans of all groups can be in one function: as they are, or each in a part of the
 * buffers. */
bool ptl_groups_make_room(ptl_groups *g);

/* What plans take, and the input. */
typedef struct ptl_comparison {
  const char *calibration;
  double after, before;
  bool is_of_turn; /* for each turn of loops of unknown bounds */
} ptl_comparison;

typedef struct ptl_gain {
  ptl_comparison first; /* under the first calibration */
  ptl_comparison worst; /* under that with the worst ratio of the two */
  bool is_faster;       /* by more than noise, under one of them */
  bool pays;     /* never slower under any calibration, and faster by more than noise under one */
  bool is_close; /* under one of them what is written may be slower all the same */
} ptl_gain;

/* The gain of the plans; and the same of others where these do not pay, and those do. */
ptl_gain ptl_groups_gain(const ptl_groups *g);
ptl_gain ptl_groups_best_gain(ptl_groups *g);

/* Takes other plans instead of those of a function without loops of unknown bounds, as long as
 * there are such that are slower under no calibration, and faster by more than noise under one: a
 * plan is chosen staging by staging, which may miss them. */
void ptl_groups_improve(ptl_groups *g);

/* ---- group_decide.c: whether the function is rewritten ---- */

/* Plans the groups and decides; a remark or an error says why not. */
PTL_MUST_USE ptl_status ptl_groups_decide(ptl_groups *g, bool *fuse);

#endif
