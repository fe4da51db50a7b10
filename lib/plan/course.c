/* Makes the course of a schedule: buffers become cells, extents become kinds of work, and each tile
 * gets its addresses with the first instruction that names it. */
#include "plan/course.h"

#include "plan/boxes.h"
#include "plan/cycles.h"
#include "plan/timeline_state.h"

/* Tiles of one buffer that are told apart; more than that are not counted. */
enum { MOST_TILES = 64 };

/* A tile gets its address once: one for each shape in each buffer, and one more for the view of a
 * transposed operand that is extracted. */
typedef struct tile {
  int buffer;
  int64_t k, n;
} tile;

typedef struct maker {
  ptl_timeline *timeline;
  const ptl_plan *plan;
  ptl_course course;
  double times; /* that what comes now runs */
  int64_t elem_bytes;
  int64_t store_rows_bytes;       /* of a column of the results that leave */
  int cells[PTL_MAX_BUFFERS];     /* by buffer of the plan */
  int lhs, rhs, left, right, acc; /* buffers of slot 0; the others follow */
  tile tiles[MOST_TILES];
  int tile_count;
  int last_tile[PTL_MAX_BUFFERS];   /* of each buffer */
  int last_work[PTL_PIPE_COUNT][2]; /* of each pipe; extracts to Right apart */
} maker;

static int first_buffer(const maker *m, ptl_space space, ptl_role role) {
  return (int)(ptl_plan_buffer(m->plan, space, role, 0) - m->plan->buffers);
}

static void name_cells(maker *m) {
  for (int i = 0; i < m->plan->buffer_count; i++) {
    const ptl_buffer *b = &m->plan->buffers[i];
    ptl_range range = {.space = b->space,
                       .begin_bytes = b->address_bytes,
                       .end_bytes = b->address_bytes + b->size_bytes};
    m->cells[i] = ptl_timeline_cell(m->timeline, range);
  }
  m->lhs = first_buffer(m, PTL_SPACE_MAT, PTL_ROLE_LHS);
  m->rhs = first_buffer(m, PTL_SPACE_MAT, PTL_ROLE_RHS);
  m->left = first_buffer(m, PTL_SPACE_LEFT, PTL_ROLE_LHS);
  m->right = first_buffer(m, PTL_SPACE_RIGHT, PTL_ROLE_RHS);
  m->acc = first_buffer(m, PTL_SPACE_ACC, PTL_ROLE_ACC);
}

static bool is_tile(const tile *t, int buffer, int64_t k, int64_t n) {
  return t->buffer == buffer && t->k == k && t->n == n;
}

/* Whether a tile is named for the first time. */
static bool is_new_tile(maker *m, int buffer, int64_t k, int64_t n) {
  if (m->tile_count > 0 && is_tile(&m->tiles[m->last_tile[buffer]], buffer, k, n)) {
    return false;
  }
  int i = 0;
  while (i < m->tile_count && !is_tile(&m->tiles[i], buffer, k, n)) {
    i++;
  }
  bool is_new = i == m->tile_count && i < MOST_TILES;
  if (is_new) {
    m->tiles[m->tile_count++] = (tile){buffer, k, n};
  }
  m->last_tile[buffer] = i < m->tile_count ? i : m->last_tile[buffer];
  return is_new;
}

static bool is_same_work(const ptl_work_done *a, const ptl_work_done *b) {
  return a->pipe == b->pipe && a->bytes == b->bytes && a->k == b->k && a->n == b->n &&
         a->to == b->to && a->is_turned == b->is_turned;
}

static int find_work(maker *m, const ptl_work_done *work) {
  ptl_course *c = &m->course;
  int i = 0;
  while (i < c->work_count && !is_same_work(&c->work[i], work)) {
    i++;
  }
  if (i == c->work_count) {
    c->work = ptl_arena_more(m->timeline->arena, c->work, c->work_count, &c->work_capacity,
                             sizeof(*c->work));
    c->work[c->work_count++] = *work;
  }
  return i;
}

/* The number of such work; it is done so often more. */
static int count_work(maker *m, const ptl_work_done *work) {
  ptl_course *c = &m->course;
  int *last = &m->last_work[work->pipe][work->to == PTL_SPACE_RIGHT];
  if (c->work_count == 0 || !is_same_work(&c->work[*last], work)) {
    *last = find_work(m, work);
  }
  c->work[*last].times += m->times;
  return *last;
}

static ptl_course_step *push(maker *m, ptl_course_step step) {
  ptl_course *c = &m->course;
  c->steps[c->count] = step;
  return &c->steps[c->count++];
}

static ptl_course_step *push_instruction(maker *m, const ptl_work_done *work, int write) {
  m->course.instructions += m->times;
  return push(m, (ptl_course_step){
                     .pipe = (uint8_t)work->pipe, .number = count_work(m, work), .write = write});
}

static void make_load(void *user, const ptl_item *item) {
  maker *m = user;
  const ptl_problem *p = &m->plan->problem;
  bool lhs = item->kind == PTL_ITEM_LOAD_LHS;
  int64_t columns =
      lhs ? p->m : ptl_columns_in_memory(p, item->rhs, item->in_n_loop ? 0 : item->n_base, item->n);
  int to = (lhs ? m->lhs : m->rhs) + item->mat_slot;
  ptl_work_done work = {.pipe = PTL_PIPE_MTE2, .bytes = item->k_valid * columns * m->elem_bytes};
  ptl_course_step *step = push_instruction(m, &work, m->cells[to]);
  bool has_view = lhs ? p->lhs_transposed : p->rhs_transposed[item->rhs];
  step->addresses = is_new_tile(m, to, item->k_tile, item->n) ? 1 + has_view : 0;
}

static void make_extract(void *user, const ptl_item *item) {
  maker *m = user;
  bool lhs = item->kind == PTL_ITEM_EXTRACT_LHS;
  int64_t other = lhs ? m->plan->tiling.m_tile : item->n;
  int to = (lhs ? m->left : m->right) + item->slot;
  ptl_work_done work = {.pipe = PTL_PIPE_MTE1,
                        .to = lhs ? PTL_SPACE_LEFT : PTL_SPACE_RIGHT,
                        .is_turned = !lhs && !m->plan->problem.rhs_transposed[item->rhs],
                        .bytes = item->k_tile * other * m->elem_bytes};
  ptl_course_step *step = push_instruction(m, &work, m->cells[to]);
  step->reads[step->read_count++] = m->cells[(lhs ? m->lhs : m->rhs) + item->mat_slot];
  step->addresses = is_new_tile(m, to, item->k_tile, other);
}

static void make_matmul(void *user, const ptl_item *item) {
  maker *m = user;
  int acc = m->acc + item->acc;
  ptl_work_done work = {.pipe = PTL_PIPE_M, .k = item->k_valid, .n = item->n};
  ptl_course_step *step = push_instruction(m, &work, m->cells[acc]);
  step->reads[step->read_count++] = m->cells[m->left + item->left_slot];
  step->reads[step->read_count++] = m->cells[m->right + item->right_slot];
  if (!item->starts) {
    step->reads[step->read_count++] = m->cells[acc];
  }
  step->addresses = is_new_tile(m, acc, 0, item->n);
}

static void make_store(void *user, const ptl_item *item) {
  maker *m = user;
  ptl_work_done work = {.pipe = PTL_PIPE_FIX, .bytes = m->store_rows_bytes * item->n};
  ptl_course_step *step = push_instruction(m, &work, -1);
  step->reads[step->read_count++] = m->cells[m->acc + item->acc];
}

static void make_loop(void *user, const ptl_item *loop, const ptl_schedule *body);

static void make_items(maker *m, const ptl_schedule *schedule) {
  static const ptl_schedule_visitor visitor = {.load = make_load,
                                               .extract = make_extract,
                                               .matmul = make_matmul,
                                               .store = make_store,
                                               .loop = make_loop};
  ptl_schedule_visit(schedule, &visitor, m);
}

static int push_loop(maker *m, int64_t trip_count) {
  ptl_course *c = &m->course;
  c->loops = ptl_arena_more(m->timeline->arena, c->loops, c->loop_count, &c->loop_capacity,
                            sizeof(*c->loops));
  c->loops[c->loop_count].trip_count = trip_count;
  (void)push(m, (ptl_course_step){.is_loop = true, .number = c->loop_count});
  return c->loop_count++;
}

static void make_loop(void *user, const ptl_item *loop, const ptl_schedule *body) {
  maker *m = user;
  ptl_course *c = &m->course;
  double outside = m->times, before = c->instructions;
  int number = push_loop(m, loop->trip_count);
  m->times *= (double)loop->trip_count;
  make_items(m, body);
  m->times = outside;
  c->loops[number].end = c->count;
  c->loops[number].instructions = (c->instructions - before) / outside;
}

ptl_course ptl_course_of(ptl_timeline *timeline, const ptl_plan *plan,
                         const ptl_schedule *schedule) {
  maker m = {.timeline = timeline, .plan = plan, .times = 1};
  m.elem_bytes = ptl_elem_bytes(plan->problem.lhs);
  m.store_rows_bytes = ptl_rows_out(&plan->problem) * ptl_elem_bytes(plan->problem.acc);
  m.course.problem = &plan->problem;
  m.course.steps =
      ptl_arena_extend(timeline->arena, NULL, 0, (size_t)schedule->count * sizeof(ptl_course_step));
  name_cells(&m);
  make_items(&m, schedule);
  return m.course;
}

double ptl_course_cycles(const ptl_course *course, const ptl_target *target, const ptl_rates *rates,
                         const ptl_work_done *work) {
  const ptl_problem *p = course->problem;
  switch (work->pipe) {
  case PTL_PIPE_MTE2:
    return ptl_load_cycles(rates, work->bytes);
  case PTL_PIPE_MTE1:
    return ptl_extract_cycles(rates, work->to, work->bytes, ptl_elem_bytes(p->lhs),
                              work->is_turned);
  case PTL_PIPE_M:
    return ptl_matmul_cycles(rates, ptl_matmul_fractals(target, p->m, work->k, work->n, p->lhs));
  default:
    return ptl_drain_cycles(rates, ptl_rows_out(p), work->bytes);
  }
}
